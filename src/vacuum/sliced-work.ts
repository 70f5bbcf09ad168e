// Work on many records that one packet asks for, done in slices of a millisecond with pauses between them, first come first served.
import type { Clock, Timers } from "../platform/ports.js";
import { DAEMON_PAUSE_MS, DAEMON_SLICE_MS, RECORDS_BETWEEN_CLOCK_READS, SLICED_CONTROLS_MAX } from "./limits.js";

export interface Work {
  /** Deals with one record; false: there is none left. */
  step(): boolean;
  end(): void;
}

export class SlicedWork {
  private readonly waiting: Work[] = [];

  constructor(private readonly modules: { readonly clock: Clock; readonly timers: Timers }) {}

  /** Controls that wait or are under way. */
  get size(): number {
    return this.waiting.length;
  }

  /** False: too much waits already. A little work is done before this returns. */
  add(work: Work): boolean {
    if (this.waiting.length >= SLICED_CONTROLS_MAX) return false;
    this.waiting.push(work);
    if (this.waiting.length === 1) this.slice();
    return true;
  }

  private slice(): void {
    const { clock, timers } = this.modules;
    const endMs = clock.now() + DAEMON_SLICE_MS;
    for (;;) {
      const work = this.waiting[0];
      if (work === undefined) return;
      for (let i = 0; i < RECORDS_BETWEEN_CLOCK_READS; i++) {
        if (work.step()) continue;
        // Taken out only now, so that work that comes in meanwhile waits.
        work.end();
        this.waiting.shift();
        break;
      }
      if (clock.now() >= endMs) break;
    }
    if (this.waiting.length > 0) timers.after(DAEMON_PAUSE_MS, () => this.slice());
  }
}
