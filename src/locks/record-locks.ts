// The record locks of one database: which chains are waited for, by whom, and who is next. Used by the lock scheduler only.
//
// a chain:  queued --a wait is free--> waiting --granted--> serving --> gone, or queued again when requests are left
//           waiting --freeze, helper died--> queued
import type { Clock, Logger, Timers } from "../platform/ports.js";
import { ChainQueue, QueuedRequest } from "./chain-queue.js";
import {
  CHAINS_PER_TURN_MAX,
  CHAINS_TRIED_PER_WATCH_MAX,
  GRANT_MS_MAX,
  REQUESTS_PER_GRANT_MAX,
  TRIES_AT_ONCE,
  WARNING_INTERVAL_MS,
} from "./limits.js";
import type { LockHelperPort } from "./lock-helper-port.js";
import type { LockStatistics } from "./lock-statistics.js";
import type { LockableFile } from "./lockable-file.js";

export interface RecordLocksModules {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly helper: LockHelperPort;
  /** Counters of this database, and of the node. */
  readonly statistics: readonly LockStatistics[];
  /** Gives a new number to a kernel wait of `queue`. */
  newWait(queue: ChainQueue): number;
  waitEnded(waitId: number): void;
  /** How long a request has waited. */
  noteLatency(seconds: number): void;
  /** Most kernel waits at a time (tunable LockProcessesPerDB). */
  waitsMax(): number;
  reportLongWait(queue: ChainQueue, seconds: number): void;
  /** Told before each request that is served. */
  readonly grantBegins: (() => void) | undefined;
}

/** A chain that is waited for. */
export interface WaitingFor {
  /** undefined: all records. */
  readonly chain: number | undefined;
  /** Of the first request, hexadecimal. */
  readonly key: string;
  readonly sinceMs: number;
  readonly requests: number;
}

/** Takes the chain lock of `key` if it is free, or comes free while it is tried. */
export function tryChain(file: LockableFile, key: Uint8Array): boolean {
  for (let tries = 0; tries < TRIES_AT_ONCE; tries++) if (file.chainLockNonblock(key)) return true;
  return false;
}

export class RecordLocks {
  private readonly chains = new Map<number, ChainQueue>();
  /** Chains in the state "queued", in the order in which they shall be waited for. */
  private readonly queued = new Set<ChainQueue>();
  private waiting = 0;
  private requests = 0;
  /** The chain whose requests are being served. */
  private serving: ChainQueue | undefined;
  private pumpScheduled = false;
  private closed = false;
  /** A freeze is wanted or held: no kernel waits. */
  private suspended = false;
  /** The lock of all records is held for us: no record may be touched. */
  frozen = false;

  constructor(
    /** Number of this database in the helper. */
    readonly number: number,
    readonly name: string,
    private readonly file: LockableFile,
    private readonly modules: RecordLocksModules,
  ) {}

  get idle(): boolean {
    return this.chains.size === 0;
  }

  tryLock(key: Uint8Array): boolean {
    if (this.frozen) return false;
    if (this.chains.size > 0) {
      const queue = this.chains.get(this.file.chainOf(key));
      if (queue !== undefined && queue !== this.serving) return false;
    }
    return tryChain(this.file, key);
  }

  request(key: Buffer, onGranted: () => void): QueuedRequest {
    const nowMs = this.modules.clock.now();
    const request = new QueuedRequest(key, onGranted, nowMs);
    const chain = this.file.chainOf(key);
    let queue = this.chains.get(chain);
    this.count(1, 0);
    if (queue !== undefined) {
      queue.append(request);
      return request;
    }
    queue = new ChainQueue(chain);
    queue.warnAtMs = nowMs + WARNING_INTERVAL_MS;
    queue.append(request);
    this.chains.set(chain, queue);
    if (this.suspended || this.waiting >= this.modules.waitsMax()) {
      queue.tryFirst = true;
      this.queued.add(queue);
    } else {
      this.startWait(queue);
    }
    return request;
  }

  cancel(request: QueuedRequest): void {
    const { queue } = request;
    if (queue === undefined || this.closed) return;
    queue.remove(request);
    this.count(-1, 0);
    if (queue.length > 0 || queue.state === "serving") return;
    if (queue.state === "waiting") this.endWait(queue);
    this.queued.delete(queue);
    this.chains.delete(queue.chain);
    this.schedulePump();
  }

  /** The helper says that it holds the chain of `queue` for us. */
  granted(queue: ChainQueue, ownerThread: number): void {
    const key = queue.head?.key;
    if (key === undefined) return;
    // The word of a helper may outlive it, and its lock does not.
    if (!this.file.isChainHeldByHelper(key, ownerThread)) {
      this.endWait(queue);
      this.requeue(queue);
      this.schedulePump();
      return;
    }
    this.file.chainLockMark(key);
    this.serve(queue);
    if (!this.closed) this.file.chainLockUnmark(key);
    this.endWait(queue);
    this.settle(queue);
  }

  /** The helper could not wait; the requests stay, and are tried again with the next look-over. */
  waitFailed(queue: ChainQueue, reason: string): void {
    this.endWait(queue);
    for (const statistics of this.modules.statistics) statistics.failed();
    this.modules.logger.error(`Waiting for a lock failed on database ${this.name}, chain ${queue.chain}: ${reason}`);
    this.requeue(queue);
  }

  /** All kernel waits end: for a freeze, or because the helper is gone. Nobody loses the place in the queue. */
  stopWaiting(): void {
    for (const queue of this.chains.values()) {
      if (queue.state !== "waiting") continue;
      this.endWait(queue);
      this.requeue(queue);
    }
  }

  suspend(): void {
    this.suspended = true;
    this.stopWaiting();
  }

  resume(): void {
    this.suspended = false;
    this.frozen = false;
    this.schedulePump();
  }

  /** Goes on with queued chains in a later turn of the loop. */
  schedulePump(): void {
    if (this.pumpScheduled || this.suspended || this.queued.size === 0) return;
    this.pumpScheduled = true;
    this.modules.timers.nextTurn(() => {
      this.pumpScheduled = false;
      this.pump();
    });
  }

  /** Long waits are reported; and should a helper have gone deaf, requests proceed nevertheless. */
  watch(nowMs: number): void {
    let tries = CHAINS_TRIED_PER_WATCH_MAX;
    for (const queue of this.chains.values()) {
      const { head } = queue;
      if (head === undefined || queue.state === "serving") continue;
      if (nowMs >= queue.warnAtMs) {
        queue.warnAtMs = nowMs + WARNING_INTERVAL_MS;
        this.modules.reportLongWait(queue, (nowMs - head.sinceMs) / 1000);
      }
      if (!this.frozen && tries-- > 0) this.tryServe(queue);
    }
    this.schedulePump();
  }

  /** Chains that are waited for now. */
  waits(): WaitingFor[] {
    const waits: WaitingFor[] = [];
    for (const { chain, head, length, state } of this.chains.values()) {
      if (head === undefined || state === "serving") continue;
      waits.push({ chain, key: head.key.toString("hex"), sinceMs: head.sinceMs, requests: length });
    }
    return waits;
  }

  /** Forgets all requests: the database is going away. */
  close(): void {
    this.closed = true;
    this.suspended = true;
    this.stopWaiting();
    this.count(-this.requests, 0);
    this.queued.clear();
    this.chains.clear();
  }

  private pump(): void {
    if (this.suspended) return;
    let budget = CHAINS_PER_TURN_MAX;
    for (const queue of this.queued) {
      if (budget-- <= 0) {
        this.schedulePump();
        return;
      }
      if (queue.tryFirst) {
        queue.tryFirst = false;
        if (this.tryServe(queue)) continue;
      }
      if (this.waiting >= this.modules.waitsMax()) return;
      this.queued.delete(queue);
      this.startWait(queue);
    }
  }

  /** Serves a chain at once if its lock is free; false: it is not. */
  private tryServe(queue: ChainQueue): boolean {
    const key = queue.head?.key;
    if (key === undefined || !this.file.chainLockNonblock(key)) return false;
    if (queue.state === "waiting") this.endWait(queue);
    queue.state = "queued";
    this.queued.delete(queue);
    this.serve(queue);
    if (!this.closed) this.file.chainUnlock(key);
    this.settle(queue);
    return true;
  }

  /** Runs requests of a chain that is locked: those that are there now, within bounds. */
  private serve(queue: ChainQueue): void {
    const { clock, logger, statistics, grantBegins } = this.modules;
    const countMax = Math.min(queue.length, REQUESTS_PER_GRANT_MAX);
    const startMs = clock.now();
    if (queue.state === "waiting") this.count(0, -1);
    queue.state = "serving";
    this.serving = queue;
    try {
      for (let i = 0; i < countMax; i++) {
        const request = queue.head;
        if (request === undefined || this.closed) break;
        const nowMs = clock.now();
        if (nowMs - startMs > GRANT_MS_MAX) break;
        queue.remove(request);
        this.count(-1, 0);
        const seconds = (nowMs - request.sinceMs) / 1000;
        for (const one of statistics) one.locked(seconds);
        this.modules.noteLatency(seconds);
        grantBegins?.();
        try {
          request.onGranted();
        } catch (error) {
          logger.error(`Serving a lock request on database ${this.name} failed: ${describe(error)}`);
        }
      }
    } finally {
      this.serving = undefined;
    }
  }

  private settle(queue: ChainQueue): void {
    if (this.closed) return;
    if (queue.length === 0) {
      this.chains.delete(queue.chain);
    } else {
      queue.state = "queued";
      this.queued.add(queue);
    }
    this.schedulePump();
  }

  private startWait(queue: ChainQueue): void {
    queue.state = "waiting";
    queue.waitId = this.modules.newWait(queue);
    this.count(0, 1);
    this.modules.helper.wait(queue.waitId, this.number, queue.chain);
  }

  private requeue(queue: ChainQueue): void {
    queue.state = "queued";
    queue.tryFirst = true;
    this.queued.add(queue);
  }

  private endWait(queue: ChainQueue): void {
    if (queue.state === "waiting") this.count(0, -1);
    this.modules.waitEnded(queue.waitId);
    this.modules.helper.release(queue.waitId);
    queue.waitId = 0;
  }

  private count(requests: number, waits: number): void {
    this.requests += requests;
    this.waiting += waits;
    for (const statistics of this.modules.statistics) {
      statistics.numCurrent += waits;
      statistics.numPending += requests - waits;
    }
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
