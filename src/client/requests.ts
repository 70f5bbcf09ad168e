// The requests of one connection that wait for a reply: ids, matching, deadlines. connection.ts owns one table.
import { type ConnectionLostError, TooManyRequestsError } from "./errors.js";
import { type ClientModules, DeadlineTimer, NEVER_MS } from "./time.js";

/** Requests that may wait for a reply on one connection. */
export const OUTSTANDING_MAX = 200_000;
const REQID_MAX = 0x7fff_ffff;

/** One request that waits. Exactly one of the three methods is called, once, unless the request is forgotten before. */
export interface PendingRequest {
  /** Operation that its reply must have. */
  readonly replyOperation: number;
  /** Clock reading at which it times out; `NEVER_MS` for none. */
  readonly deadlineMs: number;
  /** `packet` is a view that is valid during the call. */
  onReply(packet: Buffer): void;
  onTimeout(): void;
  onLost(error: ConnectionLostError): void;
}

export class RequestTable {
  private readonly pending = new Map<number, PendingRequest>();
  private readonly deadlines: DeadlineTimer;
  private lastReqid = 0;

  constructor(modules: ClientModules) {
    this.deadlines = new DeadlineTimer(modules, (nowMs) => this.expire(nowMs));
  }

  get size(): number {
    return this.pending.size;
  }

  /** Gives `request` an id that no other waiting request has. Throws TooManyRequestsError at `OUTSTANDING_MAX`. */
  add(request: PendingRequest): number {
    if (this.pending.size >= OUTSTANDING_MAX) throw new TooManyRequestsError(OUTSTANDING_MAX);
    let reqid = this.lastReqid;
    do {
      reqid = reqid >= REQID_MAX ? 1 : reqid + 1;
    } while (this.pending.has(reqid));
    this.lastReqid = reqid;
    this.pending.set(reqid, request);
    if (request.deadlineMs !== NEVER_MS) this.deadlines.watch(request.deadlineMs);
    return reqid;
  }

  /** Hands a reply to its request. Drops it if nobody waits for it: the request timed out, was aborted, or is of another kind. */
  settle(reqid: number, operation: number, packet: Buffer): void {
    const request = this.pending.get(reqid);
    if (request === undefined || request.replyOperation !== operation) return;
    this.pending.delete(reqid);
    request.onReply(packet);
  }

  /** The request gets no callback any more; a reply that comes is dropped. */
  forget(reqid: number): void {
    this.pending.delete(reqid);
  }

  /** The connection ended: all that wait fail. */
  failAll(error: ConnectionLostError): void {
    this.deadlines.stop();
    const waiting = [...this.pending.values()];
    this.pending.clear();
    for (const request of waiting) request.onLost(error);
  }

  private expire(nowMs: number): number {
    let earliestMs = NEVER_MS;
    for (const [reqid, request] of this.pending) {
      if (request.deadlineMs <= nowMs) {
        this.pending.delete(reqid);
        request.onTimeout();
      } else if (request.deadlineMs < earliestMs) {
        earliestMs = request.deadlineMs;
      }
    }
    return earliestMs;
  }
}
