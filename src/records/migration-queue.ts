// The lmaster's patience. While a record travels, requests for it that would only chase it wait here, first come first
// served, instead of being bounced from node to node. One instance a volatile database, used by the call processing.
//
//   (no entry) --request forwarded to the dmaster--> outstanding --the dmaster gave it to the requester--> next request
//
// An entry is only a courtesy: if the sign that the outstanding request was served never comes (a peer answered it in
// another way, or dropped it), the next request goes on after PATIENCE_MS, as it would without the queue.
import type { Clock } from "../platform/ports.js";
import { packetReqid, packetSrcnode } from "../protocol/index.js";

/** How long one forwarded request may hold up the others. */
export const PATIENCE_MS = 1000;
/** Requests that wait for one record; more are forwarded at once. */
export const WAITING_MAX = 10_000;

interface Entry {
  requester: number;
  reqid: number;
  sinceMs: number;
  readonly waiting: Buffer[];
  taken: number;
}

export class MigrationQueue {
  private readonly entries = new Map<string, Entry>();
  readonly counters = { queued: 0, overflows: 0, impatient: 0 };

  constructor(private readonly clock: Clock) {}

  get size(): number {
    return this.entries.size;
  }

  /** Requests that wait for the record for which most wait. */
  get mostWaiting(): number {
    let most = 0;
    for (const { waiting, taken } of this.entries.values()) most = Math.max(most, waiting.length - taken);
    return most;
  }

  /**
   * Asks whether the request of `requester` may be forwarded to the dmaster now. False: it was queued (`packet` is copied).
   * A request that comes back because the record had moved on keeps its place.
   */
  admit(key: string, requester: number, reqid: number, packet: Buffer): boolean {
    const entry = this.entries.get(key);
    if (entry === undefined) {
      this.entries.set(key, { requester, reqid, sinceMs: this.clock.now(), waiting: [], taken: 0 });
      return true;
    }
    if (entry.requester === requester && entry.reqid === reqid) return true;
    if (entry.waiting.length - entry.taken >= WAITING_MAX) {
      this.counters.overflows++;
      return true;
    }
    this.counters.queued++;
    entry.waiting.push(Buffer.from(packet));
    return false;
  }

  /** The record now belongs to `dmaster`: if that serves the outstanding request, returns the next one that waits. */
  served(key: string, dmaster: number, reqid: number): Buffer | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined || entry.requester !== dmaster || entry.reqid !== reqid) return undefined;
    return this.next(key, entry);
  }

  /** The own node owns the record: it serves everybody itself, one after the other. */
  cameHome(key: string): Buffer | undefined {
    const entry = this.entries.get(key);
    return entry === undefined ? undefined : this.next(key, entry);
  }

  /** Requests whose turn comes because the one before them got no sign of life for PATIENCE_MS. */
  impatient(): Buffer[] {
    const now = this.clock.now();
    const due: Buffer[] = [];
    for (const [key, entry] of this.entries) {
      if (now - entry.sinceMs < PATIENCE_MS) continue;
      this.counters.impatient++;
      const next = this.next(key, entry);
      if (next !== undefined) due.push(next);
    }
    return due;
  }

  /** Forgets all records; gives what waited. */
  clear(): Buffer[] {
    const packets = [...this.entries.values()].flatMap((entry) => entry.waiting.slice(entry.taken));
    this.entries.clear();
    return packets;
  }

  /** Takes the next request; it becomes the outstanding one when it asks for admission again. */
  private next(key: string, entry: Entry): Buffer | undefined {
    const packet = entry.waiting[entry.taken];
    if (packet === undefined) {
      this.entries.delete(key);
      return undefined;
    }
    entry.taken++;
    if (entry.taken > 64 && entry.taken * 2 > entry.waiting.length) {
      entry.waiting.splice(0, entry.taken);
      entry.taken = 0;
    }
    entry.requester = packetSrcnode(packet);
    entry.reqid = packetReqid(packet);
    entry.sinceMs = this.clock.now();
    return packet;
  }
}
