// Empty records of a volatile database that the vacuuming may remove. Filled by the record store and by SCHEDULE_FOR_DELETION;
// emptied by vacuum runs, which give back what they could not remove, and by WIPE_DATABASE.

/** What does not fit makes the next vacuum run look at all records. */
export const DELETE_QUEUE_MAX_RECORDS = 250_000;

export interface DeletedRecord {
  /** As latin1: a string costs less to keep than a Buffer. */
  readonly key: string;
  readonly rsn: number;
  readonly dmaster: number;
  readonly flags: number;
}

export class DeleteQueue {
  private readonly records = new Map<string, DeletedRecord>();
  /** Something did not fit: only a look at all records finds it. */
  overflowed = false;

  constructor(private readonly recordsMax = DELETE_QUEUE_MAX_RECORDS) {}

  get isEmpty(): boolean {
    return this.records.size === 0;
  }

  get size(): number {
    return this.records.size;
  }

  /** A newer entry for the same key replaces the older one. */
  schedule(key: Buffer, rsn: number, dmaster: number, flags: number): void {
    this.put({ key: key.toString("latin1"), rsn, dmaster, flags });
  }

  cancel(key: Buffer): void {
    if (this.records.size > 0) this.records.delete(key.toString("latin1"));
  }

  /** Gives back what a run took and could not remove, unless there is a newer entry. */
  giveBack(record: DeletedRecord): void {
    if (!this.records.has(record.key)) this.put(record);
  }

  /**
   * The entries of now, one by one, each taken out of the queue; what comes in meanwhile is left for the next run. The iterator may
   * be given up at any time.
   */
  *takeAll(): Generator<DeletedRecord, void, undefined> {
    let left = this.records.size;
    for (const [key, record] of this.records) {
      if (left-- <= 0) return;
      this.records.delete(key);
      yield record;
    }
  }

  clear(): void {
    this.records.clear();
  }

  private put(record: DeletedRecord): void {
    if (this.records.size >= this.recordsMax && !this.records.has(record.key)) this.overflowed = true;
    else this.records.set(record.key, record);
  }
}
