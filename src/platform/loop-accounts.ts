// How many handlers of which kind the event loop ran, and how long. Pure bookkeeping: the platform tells where handlers begin
// and end (process-loop.ts), the node of which kind they are, loop-watch.ts looks at single turns.
//
// Cheap by its shape: only where handlers of different kinds follow each other in one input the clock is read, once. So the longest
// time of a kind is that of handlers in a row, which is what others had to wait for.
import type { Clock, HandlerKind, LoopPort, Timers } from "./ports.js";

/** A turn of the loop that took long, or during which the process did not run. */
export interface LongTurn {
  /** When it ended; milliseconds since the Unix epoch. */
  readonly wallMs: number;
  readonly totalMs: number;
  /** CPU time that the whole process used meanwhile: little of it tells that the process did not run. */
  readonly cpuMs: number;
  /** False: the time passed between handlers. */
  readonly inHandlers: boolean;
  /** Worst first. */
  readonly handlers: readonly { readonly name: string; readonly count: number; readonly totalMs: number }[];
}

/** Names of kinds come from this program alone; more than this would be a leak. */
const KINDS_MAX = 1000;
const LONG_TURNS_KEPT = 16;

export class LoopAccounts implements LoopPort {
  private readonly kinds = new Map<string, HandlerKind>();
  private depth = 0;
  private current: HandlerKind | undefined;
  private markMs = 0;
  /** Time in handlers; never reset. */
  busyMs = 0;
  /** Time in handlers of the turns that nobody has looked at. */
  turnMs = 0;
  /** Called from the end of a handler when `turnMs` is above `lookAtMs`. */
  onBusyTurn: (() => void) | undefined;
  lookAtMs = Number.POSITIVE_INFINITY;
  /** Newest first. */
  longTurns: LongTurn[] = [];
  longTurnCount = 0;
  private startedMs: number;
  private busyAtStartMs = 0;

  constructor(private readonly clock: Clock) {
    this.startedMs = clock.now();
  }

  kind(name: string): HandlerKind {
    let kind = this.kinds.get(name);
    if (kind === undefined) {
      if (this.kinds.size >= KINDS_MAX) throw new Error(`too many kinds of handlers, the last one is ${name}`);
      kind = { name, count: 0, totalMs: 0, maxMs: 0, turnCount: 0, turnMs: 0 };
      this.kinds.set(name, kind);
    }
    return kind;
  }

  /** The loop gives control to us. Nested calls count as part of the outer one. */
  begin(nowMs: number): void {
    if (this.depth++ > 0) return;
    this.markMs = nowMs;
    this.current = undefined;
  }

  enter(kind: HandlerKind): void {
    kind.count++;
    if (this.depth === 0) return;
    kind.turnCount++;
    const { current } = this;
    if (current === kind) return;
    if (current !== undefined) this.account(current, this.clock.now());
    this.current = kind;
  }

  /** The loop gets control back. What no handler was entered for counts as `otherwise`. */
  end(nowMs: number, otherwise: HandlerKind): void {
    if (--this.depth > 0) return;
    if (this.current === undefined) {
      otherwise.count++;
      otherwise.turnCount++;
    }
    this.account(this.current ?? otherwise, nowMs);
    this.current = undefined;
    if (this.turnMs > this.lookAtMs) this.onBusyTurn?.();
  }

  /** Timers whose handlers are counted as `timer PART`. */
  timersOf(timers: Timers, part: string): Timers {
    const kind = this.kind(`timer ${part}`);
    return {
      after: (delayMs, callback) => timers.after(delayMs, callback, kind),
      nextTurn: (callback) => timers.nextTurn(callback, kind),
    };
  }

  /** Runs what the loop calls; without `enter` in it, its time counts as `kind`. */
  run(kind: HandlerKind, handler: () => void): void {
    this.begin(this.clock.now());
    try {
      handler();
    } finally {
      this.end(this.clock.now(), kind);
    }
  }

  /** Kinds that ran since the last reset. */
  get all(): readonly HandlerKind[] {
    return [...this.kinds.values()].filter((kind) => kind.count > 0);
  }

  /** Since the last reset. */
  get elapsedMs(): number {
    return this.clock.now() - this.startedMs;
  }

  get busySinceResetMs(): number {
    return this.busyMs - this.busyAtStartMs;
  }

  /** What ran in this turn, worst first. */
  turnHandlers(): LongTurn["handlers"] {
    return [...this.kinds.values()]
      .filter((kind) => kind.turnCount > 0 || kind.turnMs > 0)
      .map((kind) => ({ name: kind.name, count: kind.turnCount, totalMs: kind.turnMs }))
      .sort((a, b) => b.totalMs - a.totalMs);
  }

  beginTurn(): void {
    this.turnMs = 0;
    for (const kind of this.kinds.values()) {
      kind.turnCount = 0;
      kind.turnMs = 0;
    }
  }

  noteLongTurn(turn: LongTurn): void {
    this.longTurnCount++;
    this.longTurns.unshift(turn);
    if (this.longTurns.length > LONG_TURNS_KEPT) this.longTurns.length = LONG_TURNS_KEPT;
  }

  reset(): void {
    for (const kind of this.kinds.values()) {
      kind.count = 0;
      kind.totalMs = 0;
      kind.maxMs = 0;
    }
    this.longTurns = [];
    this.longTurnCount = 0;
    this.startedMs = this.clock.now();
    this.busyAtStartMs = this.busyMs;
  }

  private account(kind: HandlerKind, nowMs: number): void {
    const ms = nowMs - this.markMs;
    this.markMs = nowMs;
    kind.totalMs += ms;
    kind.turnMs += ms;
    if (ms > kind.maxMs) kind.maxMs = ms;
    this.busyMs += ms;
    this.turnMs += ms;
  }
}
