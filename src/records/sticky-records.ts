// Sticky records (SET_DB_STICKY): a record that many nodes fight for stays for a moment where it arrives (its pindown), so that
// the clients there get something done before the next node takes it. One instance a sticky database, used by the call
// processing.
//
// a key: ordinary --a call took HopcountMakeSticky hops--> sticky --became dmaster--> pinned --StickyPindown--> sticky
//        sticky, pinned --StickyDuration--> ordinary
import type { Logger, Timer, Timers } from "../platform/ports.js";

/** Keys of one database that are sticky at a time; more stay ordinary. */
export const STICKY_RECORDS_MAX = 10_000;
/** Requests that may wait for the end of one pindown; more are processed at once. */
export const PINNED_REQUESTS_MAX = 10_000;

export interface StickyModules {
  readonly timers: Timers;
  readonly logger: Logger;
  /** Processes a request of a node anew, in a later turn. */
  requeue(packet: Buffer): void;
  /** Tunables HopcountMakeSticky, StickyDuration (seconds) and StickyPindown (milliseconds). */
  tunables(): { readonly hopcount: number; readonly durationSeconds: number; readonly pindownMs: number };
}

interface StickyRecord {
  /** Requests of nodes that wait for the end of the pindown; undefined while there is none. */
  pinned: Buffer[] | undefined;
  pindown: Timer | undefined;
  expiry: Timer | undefined;
}

export class StickyRecords {
  /** By key, as latin1 text of its bytes. */
  private readonly records = new Map<string, StickyRecord>();

  constructor(
    private readonly modules: StickyModules,
    private readonly databaseName: string,
  ) {}

  /** Keys that are sticky now. */
  get size(): number {
    return this.records.size;
  }

  /** Requests that wait for the end of the pindown for which most wait. */
  get mostPinned(): number {
    let most = 0;
    for (const { pinned } of this.records.values()) most = Math.max(most, pinned?.length ?? 0);
    return most;
  }

  isSticky(key: string): boolean {
    return this.records.has(key);
  }

  /** A request came to the owner of `key` after so many hops: the record may become sticky. */
  requested(key: string, hopcount: number): void {
    const { hopcount: limit, durationSeconds } = this.modules.tunables();
    if (hopcount < limit || this.records.has(key) || this.records.size >= STICKY_RECORDS_MAX) return;
    const record: StickyRecord = { pinned: undefined, pindown: undefined, expiry: undefined };
    this.records.set(key, record);
    record.expiry = this.modules.timers.after(durationSeconds * 1000, () => {
      this.records.delete(key);
      record.pindown?.cancel();
      this.unpin(record);
    });
    const hex = Buffer.from(key, "latin1").toString("hex");
    this.modules.logger.notice(
      `Make record sticky for ${durationSeconds} seconds in db ${this.databaseName} key:${hex}`,
    );
  }

  /** The record came to this node: if it is sticky, it stays for the tunable StickyPindown. */
  arrived(key: string): void {
    const record = this.records.get(key);
    if (record === undefined || record.pinned !== undefined) return;
    record.pinned = [];
    record.pindown = this.modules.timers.after(this.modules.tunables().pindownMs, () => this.unpin(record));
  }

  /** True: the request of a node waits for the end of the pindown (`packet` is copied). */
  defer(key: string, packet: Buffer): boolean {
    const pinned = this.records.get(key)?.pinned;
    if (pinned === undefined || pinned.length >= PINNED_REQUESTS_MAX) return false;
    pinned.push(Buffer.from(packet));
    return true;
  }

  /** The database goes away: its requests are dropped. */
  close(): void {
    for (const { expiry, pindown } of this.records.values()) {
      expiry?.cancel();
      pindown?.cancel();
    }
    this.records.clear();
  }

  private unpin(record: StickyRecord): void {
    const packets = record.pinned ?? [];
    record.pinned = undefined;
    for (const packet of packets) this.modules.requeue(packet);
  }
}
