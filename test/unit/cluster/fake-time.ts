// A clock that stands still until a test moves it, with timers and random numbers to go with it.
import type { Clock, Logger, Random, Timer, Timers } from "../../../src/platform/ports.js";

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
  cancelled: boolean;
}

/** Lets all promise callbacks run that can run now. */
async function settle(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}

export class FakeTime {
  private nowMs = 1_000_000;
  private order = 0;
  private entries: Entry[] = [];

  /** A clock whose wall time starts `wallOffsetMs` later than others; for priority times. */
  clock(wallOffsetMs = 0): Clock {
    return { now: () => this.nowMs, wall: () => 1_700_000_000_000 + this.nowMs + wallOffsetMs };
  }

  get now(): number {
    return this.nowMs;
  }

  readonly timers: Timers = {
    after: (delayMs, callback): Timer => {
      const entry: Entry = { at: this.nowMs + Math.max(0, delayMs), order: this.order++, callback, cancelled: false };
      this.entries.push(entry);
      return {
        cancel: () => {
          entry.cancelled = true;
        },
      };
    },
    nextTurn: (callback) => {
      this.timers.after(0, callback);
    },
  };

  /** Moves the clock, running everything that is due in order. */
  async advance(ms: number): Promise<void> {
    const target = this.nowMs + ms;
    for (;;) {
      await settle();
      this.entries = this.entries.filter((entry) => !entry.cancelled);
      let next: Entry | undefined;
      for (const entry of this.entries) {
        if (entry.at > target) continue;
        if (next === undefined || entry.at < next.at || (entry.at === next.at && entry.order < next.order))
          next = entry;
      }
      if (next === undefined) break;
      this.entries.splice(this.entries.indexOf(next), 1);
      this.nowMs = Math.max(this.nowMs, next.at);
      next.callback();
    }
    this.nowMs = target;
  }

  /** Advances in small steps until `condition` holds; returns the milliseconds it took. Throws after `limitMs`. */
  async until(condition: () => boolean, limitMs: number, what: string): Promise<number> {
    const start = this.nowMs;
    while (!condition()) {
      if (this.nowMs - start >= limitMs) throw new Error(`${what}: not within ${limitMs} ms`);
      await this.advance(5);
    }
    return this.nowMs - start;
  }

  /** Time passes while nobody runs, as when a process is stopped. */
  freeze(ms: number): void {
    this.nowMs += ms;
  }

  /** Timers that are armed and would still fire. */
  get pending(): number {
    return this.entries.filter((entry) => !entry.cancelled).length;
  }
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    uint32: () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state ^ (state >>> 13)) >>> 0;
    },
  };
}

/** A logger that keeps its lines. */
export class MemoryLogger implements Logger {
  level = 10;
  readonly lines: string[] = [];

  constructor(private readonly now: () => number) {}

  log(_level: number, text: string): void {
    this.lines.push(`${Math.round(this.now())} ${text}`);
  }
  error(text: string): void {
    this.log(0, text);
  }
  warning(text: string): void {
    this.log(1, text);
  }
  notice(text: string): void {
    this.log(3, text);
  }
  info(text: string): void {
    this.log(5, text);
  }
  debug(text: string | (() => string)): void {
    this.log(10, typeof text === "string" ? text : text());
  }

  has(text: string): boolean {
    return this.lines.some((line) => line.includes(text));
  }

  count(text: string): number {
    return this.lines.filter((line) => line.includes(text)).length;
  }
}
