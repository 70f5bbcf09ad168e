// Empty records of a volatile database that the vacuuming may remove, by the hash of their key. Filled by the record store and
// by SCHEDULE_FOR_DELETION; emptied by a vacuum run and by WIPE_DATABASE.
import { hashKey } from "../protocol/index.js";

/** What does not fit is found by the next full vacuum run; `dropped` counts it. */
export const DELETE_QUEUE_MAX_RECORDS = 1_000_000;

export interface DeletedRecord {
  readonly key: Buffer;
  readonly rsn: number;
  readonly dmaster: number;
  readonly flags: number;
}

export class DeleteQueue {
  private records = new Map<number, DeletedRecord>();
  dropped = 0;

  get isEmpty(): boolean {
    return this.records.size === 0;
  }

  get size(): number {
    return this.records.size;
  }

  /** A newer entry for the same key replaces the older one; of two keys with one hash the first stays. */
  schedule(key: Buffer, rsn: number, dmaster: number, flags: number): void {
    const hash = hashKey(key);
    const known = this.records.get(hash);
    if (known !== undefined && !known.key.equals(key)) {
      this.dropped++;
      return;
    }
    if (known === undefined && this.records.size >= DELETE_QUEUE_MAX_RECORDS) {
      this.dropped++;
      return;
    }
    this.records.set(hash, { key: known?.key ?? Buffer.from(key), rsn, dmaster, flags });
  }

  cancel(key: Buffer): void {
    if (this.records.size === 0) return;
    const hash = hashKey(key);
    if (this.records.get(hash)?.key.equals(key) === true) this.records.delete(hash);
  }

  /** Hands over all entries and starts anew. */
  take(): Map<number, DeletedRecord> {
    const taken = this.records;
    this.records = new Map();
    return taken;
  }

  clear(): void {
    this.records.clear();
  }
}
