// A record that a client of this node wants to lock stays until that client had its visit. The reply to the client and the next
// node's request for the record arrive behind one another; were the record given away at once, the client would mostly find it
// gone, and would ask again. One instance a volatile database, used by the call processing.
//
//   (no entry) --became dmaster for a client that will lock the record--> arrived
//   arrived --a node's request finds other data (visited), or comes after VISIT_MS--> (no entry): goes on
//   arrived --a node's request finds the same data--> waited for, until VISIT_MS --> over: its requests are processed anew
//   over --the first of them finds other data--> (no entry)
//   over --it finds the same data--> vain: for VAIN_MS nobody waits --> (no entry)
//
// A visit that changes nothing cannot be seen, so records whose visits are such must not wait each time.
import type { Clock, Timer, Timers } from "../platform/ports.js";

/** For so long a record waits for the visit of the client that it came for. */
export const VISIT_MS = 1;
/** For so long nobody waits for visits to a record where that was in vain. */
export const VAIN_MS = 20;
/** Requests that may wait for one visit; more are processed at once. */
export const VISIT_REQUESTS_MAX = 10_000;

export interface FirstVisitsModules {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Processes a request of a node anew, in a later turn. */
  requeue(packet: Buffer): void;
}

interface Visit {
  state: "arrived" | "waited for" | "over" | "vain";
  /** End of the state, if nothing happens before. */
  untilMs: number;
  /** As the record came. */
  readonly data: Buffer;
  requests: Buffer[];
  timer: Timer | undefined;
}

export class FirstVisits {
  /** By key, as latin1 text of its bytes; the oldest first. */
  private readonly visits = new Map<string, Visit>();

  constructor(private readonly modules: FirstVisitsModules) {}

  /** Records that came lately. */
  get size(): number {
    return this.visits.size;
  }

  /** Requests that wait for the visit for which most wait. */
  get mostWaiting(): number {
    let most = 0;
    for (const { requests } of this.visits.values()) most = Math.max(most, requests.length);
    return most;
  }

  /** The record came for a client that will lock it, with this data, which is copied. */
  arrived(key: string, data: Buffer): void {
    const now = this.modules.clock.now();
    for (const [oldKey, old] of this.visits) {
      if (old.untilMs > now || old.state === "waited for") break;
      this.visits.delete(oldKey);
    }
    const known = this.visits.get(key);
    if (known !== undefined) {
      if (known.state === "waited for" || (known.state === "vain" && known.untilMs > now)) return;
      this.visits.delete(key);
    }
    const visit: Visit = {
      state: "arrived",
      untilMs: now + VISIT_MS,
      data: Buffer.from(data),
      requests: [],
      timer: undefined,
    };
    this.visits.set(key, visit);
  }

  /** The request of a node wants the record that has this data. True: it waits for the visit (`packet` is copied). */
  defer(key: string, data: Buffer, packet: Buffer): boolean {
    const visit = this.visits.get(key);
    if (visit === undefined || visit.state === "vain") return false;
    const now = this.modules.clock.now();
    const visited = !visit.data.equals(data);
    if (visit.state === "over" && !visited) {
      visit.state = "vain";
      visit.untilMs = now + VAIN_MS;
      return false;
    }
    if (visited || visit.untilMs <= now || visit.requests.length >= VISIT_REQUESTS_MAX) {
      this.visits.delete(key);
      this.release(visit);
      return false;
    }
    visit.requests.push(Buffer.from(packet));
    if (visit.state === "arrived") {
      visit.state = "waited for";
      visit.timer = this.modules.timers.after(visit.untilMs - now, () => {
        visit.state = "over";
        this.release(visit);
      });
    }
    return true;
  }

  /** The database goes away: its requests are dropped. */
  close(): void {
    for (const { timer } of this.visits.values()) timer?.cancel();
    this.visits.clear();
  }

  private release(visit: Visit): void {
    visit.timer?.cancel();
    const { requests } = visit;
    visit.requests = [];
    for (const packet of requests) this.modules.requeue(packet);
  }
}
