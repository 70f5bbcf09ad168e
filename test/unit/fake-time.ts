// Time for unit tests: moves only when the test says so.
import type { Clock, Logger, Timer, Timers } from "../../src/platform/ports.js";
import { LogLevel } from "../../src/platform/ports.js";

interface Scheduled {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
  cancelled: boolean;
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

  after(delayMs: number, callback: () => void): Timer {
    const entry: Scheduled = { atMs: this.nowMs + delayMs, order: this.order++, callback, cancelled: false };
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

  /** Runs everything that is due within the next `ms` milliseconds, in order. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      this.scheduled = this.scheduled.filter((entry) => !entry.cancelled);
      let next: Scheduled | undefined;
      for (const entry of this.scheduled) {
        if (entry.atMs > endMs) continue;
        if (next === undefined || entry.atMs < next.atMs || (entry.atMs === next.atMs && entry.order < next.order)) {
          next = entry;
        }
      }
      if (next === undefined) break;
      const due = next;
      this.scheduled = this.scheduled.filter((entry) => entry !== due);
      this.nowMs = Math.max(this.nowMs, due.atMs);
      due.callback();
    }
    this.nowMs = endMs;
  }

  /** Time passes while a handler runs: timers that get due wait for the next `advance`. */
  pass(ms: number): void {
    this.nowMs += ms;
  }

  /** Runs what was put off to the next turn, and what that puts off, without letting time pass. */
  turn(): void {
    this.advance(0);
  }
}

/** Keeps what was logged. */
export class RecordingLogger implements Logger {
  level: number = LogLevel.DEBUG;
  readonly lines: string[] = [];

  log(_level: number, text: string): void {
    this.lines.push(text);
  }
  error(text: string): void {
    this.lines.push(text);
  }
  warning(text: string): void {
    this.lines.push(text);
  }
  notice(text: string): void {
    this.lines.push(text);
  }
  info(text: string): void {
    this.lines.push(text);
  }
  debug(text: string | (() => string)): void {
    this.lines.push(typeof text === "string" ? text : text());
  }
}
