// Deadlines of everything that waits in the library, each kind of it under one timer, and the real clock that it uses when no
// other is given.
import { nodeTimers } from "../platform/node-timers.js";
import type { Clock, Random, Timer, Timers } from "../platform/ports.js";
import { systemClock } from "../platform/system-clock.js";
import { systemRandom } from "../platform/system-random.js";

/** What the client needs of the outside world beside its transport and its database files. */
export interface ClientModules {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
}

export const systemModules: ClientModules = { clock: systemClock, timers: nodeTimers, random: systemRandom };

/** No deadline. */
export const NEVER_MS = Number.POSITIVE_INFINITY;

/** Longest delay that a timer takes; later deadlines are looked at again then. */
const TIMER_DELAY_MAX_MS = 0x7fff_ffff;

/** A deadline from a timeout: 0, Infinity and undefined mean none. */
export function deadlineAfter(clock: Clock, timeoutMs: number | undefined): number {
  return timeoutMs === undefined || timeoutMs <= 0 || timeoutMs === NEVER_MS ? NEVER_MS : clock.now() + timeoutMs;
}

/** One timer for many deadlines: it fires at the earliest one, calls `sweep`, and is set anew to what that returns. */
export class DeadlineTimer {
  private timer: Timer | undefined;
  private dueMs = NEVER_MS;

  /**
   * `sweep(nowMs)` expires everything that is due and returns the earliest deadline that is left (`NEVER_MS` for none). It may
   * call `watch`.
   */
  constructor(
    private readonly modules: ClientModules,
    private readonly sweep: (nowMs: number) => number,
  ) {}

  /** Makes sure that the timer fires at `deadlineMs` or before. */
  watch(deadlineMs: number): void {
    if (deadlineMs >= this.dueMs) return;
    this.timer?.cancel();
    this.dueMs = deadlineMs;
    const delayMs = Math.min(Math.max(Math.ceil(deadlineMs - this.modules.clock.now()), 0), TIMER_DELAY_MAX_MS);
    this.timer = this.modules.timers.after(delayMs, () => {
      this.timer = undefined;
      this.dueMs = NEVER_MS;
      this.watch(this.sweep(this.modules.clock.now()));
    });
  }

  /** Stops the timer; `watch` starts it again. */
  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.dueMs = NEVER_MS;
  }
}

/** Something that waits and has a deadline (`NEVER_MS` for none). */
export interface Waiting {
  readonly deadlineMs: number;
  /** The deadline has passed; the waiting one is in the set no more. */
  onDeadline(): void;
}

/** A set of waiting things under one timer. */
export class WaitingSet<T extends Waiting> implements Iterable<T> {
  private readonly members = new Set<T>();
  private readonly deadlines: DeadlineTimer;

  constructor(modules: ClientModules) {
    this.deadlines = new DeadlineTimer(modules, (nowMs) => {
      let earliestMs = NEVER_MS;
      for (const member of this.members) {
        if (member.deadlineMs <= nowMs) {
          this.members.delete(member);
          member.onDeadline();
        } else if (member.deadlineMs < earliestMs) {
          earliestMs = member.deadlineMs;
        }
      }
      return earliestMs;
    });
  }

  add(member: T): void {
    this.members.add(member);
    if (member.deadlineMs !== NEVER_MS) this.deadlines.watch(member.deadlineMs);
  }

  /** The timer stays as it is: most waits end long before their deadline, and a new timer for each would cost more. */
  delete(member: T): void {
    this.members.delete(member);
  }

  /** Stops the timer when nothing will be added any more, so that it does not keep the process alive. */
  stop(): void {
    if (this.members.size === 0) this.deadlines.stop();
  }

  [Symbol.iterator](): Iterator<T> {
    return this.members.values();
  }
}
