// Timers of the event loop behind the Timers port. Handed to every subsystem by daemon/.
import type { Timer, Timers } from "./ports.js";

/** setTimeout takes a signed 32-bit number of milliseconds; longer waits are cut to it (24.8 days). */
const DELAY_MAX_MS = 0x7fffffff;

class NodeTimer implements Timer {
  private handle: NodeJS.Timeout | undefined;

  constructor(delayMs: number, callback: () => void) {
    this.handle = setTimeout(
      () => {
        this.handle = undefined;
        callback();
      },
      Math.min(Math.max(delayMs, 0), DELAY_MAX_MS),
    );
  }

  cancel(): void {
    if (this.handle === undefined) return;
    clearTimeout(this.handle);
    this.handle = undefined;
  }
}

// One immediate for all callbacks of a turn: cheaper than one each, and the order is ours by construction.
let queue: Array<() => void> = [];
let scheduled = false;

function runTurn(): void {
  const turn = queue;
  queue = [];
  scheduled = false;
  let done = 0;
  try {
    for (; done < turn.length; done++) turn[done]?.();
  } finally {
    // A callback threw: the rest still runs, before anything that was queued meanwhile.
    if (done < turn.length) {
      queue = turn.slice(done + 1).concat(queue);
      if (queue.length > 0 && !scheduled) {
        scheduled = true;
        setImmediate(runTurn);
      }
    }
  }
}

export const nodeTimers: Timers = {
  after: (delayMs, callback) => new NodeTimer(delayMs, callback),
  nextTurn: (callback) => {
    queue.push(callback);
    if (!scheduled) {
      scheduled = true;
      setImmediate(runTurn);
    }
  },
};
