// Time for unit tests: moves only when the test says so.
import { LevelLogger } from "../../src/platform/level-logger.js";
import { type Clock, LogLevel, type Timer, type Timers } from "../../src/platform/ports.js";

/** How finely `until` looks. */
const UNTIL_STEP_MS = 5;

interface Scheduled {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
  cancelled: boolean;
}

/** Lets all promise callbacks run that can run now. */
async function settle(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}

export class FakeTime implements Clock, Timers {
  private nowMs = 1000;
  private order = 0;
  private scheduled: Scheduled[] = [];

  now(): number {
    return this.nowMs;
  }

  wall(): number {
    return 1_700_000_000_000 + this.nowMs;
  }

  /** The same clock with a wall time that is `wallOffsetMs` ahead: that of another machine. */
  clock(wallOffsetMs: number): Clock {
    return { now: () => this.nowMs, wall: () => this.wall() + wallOffsetMs };
  }

  after(delayMs: number, callback: () => void): Timer {
    const atMs = this.nowMs + Math.max(0, delayMs);
    const entry: Scheduled = { atMs, order: this.order++, callback, cancelled: false };
    this.scheduled.push(entry);
    return {
      cancel() {
        entry.cancelled = true;
      },
    };
  }

  nextTurn(callback: () => void): void {
    this.after(0, callback);
  }

  /** Timers that are armed and would still fire. */
  get pending(): number {
    return this.scheduled.filter((entry) => !entry.cancelled).length;
  }

  /** Runs what is due first, if that is not after `endMs`. */
  private runNext(endMs: number): boolean {
    this.scheduled = this.scheduled.filter((entry) => !entry.cancelled);
    let next: Scheduled | undefined;
    for (const entry of this.scheduled) {
      if (entry.atMs > endMs) continue;
      if (next === undefined || entry.atMs < next.atMs || (entry.atMs === next.atMs && entry.order < next.order)) {
        next = entry;
      }
    }
    if (next === undefined) return false;
    this.scheduled.splice(this.scheduled.indexOf(next), 1);
    this.nowMs = Math.max(this.nowMs, next.atMs);
    next.callback();
    return true;
  }

  /** Runs everything that is due within the next `ms` milliseconds, in order. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    while (this.runNext(endMs));
    this.nowMs = endMs;
  }

  /** As `advance`, for code that waits for promises: they all go on as far as they can before the next timer fires. */
  async advanceSettled(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    do await settle();
    while (this.runNext(endMs));
    this.nowMs = endMs;
  }

  /** Advances in small steps until `condition` holds; gives the milliseconds it took. Throws after `limitMs`. */
  async until(condition: () => boolean, limitMs: number, what: string): Promise<number> {
    const startMs = this.nowMs;
    while (!condition()) {
      if (this.nowMs - startMs >= limitMs) throw new Error(`${what}: not within ${limitMs} ms`);
      await this.advanceSettled(UNTIL_STEP_MS);
    }
    return this.nowMs - startMs;
  }

  /** Time passes while a handler runs or a process is stopped: timers that get due wait for the next `advance`. */
  pass(ms: number): void {
    this.nowMs += ms;
  }

  /** Runs what was put off to the next turn, and what that puts off, without letting time pass. */
  turn(): void {
    this.advance(0);
  }
}

/** Keeps what was logged, each line behind what `prefix` says at that time. */
export class RecordingLogger extends LevelLogger {
  readonly lines: string[] = [];

  constructor(private readonly prefix: () => string = () => "") {
    super(LogLevel.DEBUG);
  }

  protected override write(_level: number, text: string): void {
    this.lines.push(this.prefix() + text);
  }

  has(text: string): boolean {
    return this.lines.some((line) => line.includes(text));
  }

  count(text: string): number {
    return this.lines.filter((line) => line.includes(text)).length;
  }
}
