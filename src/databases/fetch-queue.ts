// Keys of empty records that other nodes own and that this node, their lmaster, shall fetch to remove them (VACUUM_FETCH). Emptied by
// the vacuuming, and by WIPE_DATABASE.

/** More is refused: the owners of the records ask again. */
export const FETCH_QUEUE_MAX_KEYS = 250_000;

export class FetchQueue {
  private keys = new Set<string>();
  /** Kept from one `take` to the next: a new one would have to skip all that was taken before. */
  private next = this.keys.values();
  /** Could not be fetched when it was their turn. */
  private postponed = new Set<string>();

  constructor(private readonly keysMax = FETCH_QUEUE_MAX_KEYS) {}

  get size(): number {
    return this.keys.size + this.postponed.size;
  }

  /** Keys that may be fetched now. */
  get readyCount(): number {
    return this.keys.size;
  }

  /** `key` as latin1. False: the queue is full. */
  add(key: string): boolean {
    if (this.size >= this.keysMax) return this.keys.has(key);
    this.keys.add(key);
    return true;
  }

  postpone(key: string): void {
    if (!this.keys.has(key)) this.postponed.add(key);
  }

  /** Takes one key out of the queue. */
  take(): string | undefined {
    if (this.keys.size === 0) return undefined;
    let key = this.next.next();
    if (key.done === true) {
      this.next = this.keys.values();
      key = this.next.next();
    }
    if (key.done === true) return undefined;
    this.keys.delete(key.value);
    return key.value;
  }

  /** What was postponed may be tried again. */
  retryPostponed(): void {
    if (this.keys.size > 0) {
      for (const key of this.postponed) this.keys.add(key);
      this.postponed.clear();
      return;
    }
    [this.keys, this.postponed] = [this.postponed, this.keys];
    this.next = this.keys.values();
  }

  clear(): void {
    this.keys.clear();
    this.postponed.clear();
  }
}
