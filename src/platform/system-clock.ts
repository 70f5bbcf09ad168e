// The machine's clocks behind the Clock port. Handed to every subsystem by daemon/.
import { performance } from "node:perf_hooks";
import type { Clock } from "./ports.js";

/** Date.now() cuts to whole milliseconds, so a reading within this of it is the same time. */
const SAME_TIME_MS = 2;

let wallMinusMonotonicMs = Date.now() - performance.now();

export const systemClock: Clock = {
  now: () => performance.now(),
  // The monotonic clock gives the microseconds; when the wall clock is set, follow it.
  wall: () => {
    const coarse = Date.now();
    const fine = performance.now() + wallMinusMonotonicMs;
    if (fine >= coarse - SAME_TIME_MS && fine < coarse + SAME_TIME_MS) return fine;
    wallMinusMonotonicMs = coarse - performance.now();
    return coarse;
  },
};
