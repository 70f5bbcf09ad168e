// Timers of the event loop behind the Timers port. Handed to every subsystem by daemon/.
import { performance } from "node:perf_hooks";
import type { HandlerKind, Timer, Timers } from "./ports.js";
import { processLoop } from "./process-loop.js";

/** setTimeout takes a signed 32-bit number of milliseconds; longer waits are cut to it (24.8 days). */
const DELAY_MAX_MS = 0x7fffffff;

/** What nobody gave a kind. */
const OTHER_TIMERS = processLoop.kind("timer, others");
const OTHER_TURNS = processLoop.kind("next turn, others");

class NodeTimer implements Timer {
  private handle: NodeJS.Timeout | undefined;

  constructor(delayMs: number, callback: () => void, kind: HandlerKind) {
    this.handle = setTimeout(
      () => {
        this.handle = undefined;
        processLoop.run(kind, callback);
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
/** Of each callback in `queue`. */
let kinds: HandlerKind[] = [];
let scheduled = false;

function runTurn(): void {
  const turn = queue;
  const turnKinds = kinds;
  queue = [];
  kinds = [];
  scheduled = false;
  let done = 0;
  processLoop.begin(performance.now());
  try {
    for (; done < turn.length; done++) {
      processLoop.enter(turnKinds[done] ?? OTHER_TURNS);
      turn[done]?.();
    }
  } finally {
    processLoop.end(performance.now(), OTHER_TURNS);
    // A callback threw: the rest still runs, before anything that was queued meanwhile.
    if (done < turn.length) {
      queue = turn.slice(done + 1).concat(queue);
      kinds = turnKinds.slice(done + 1).concat(kinds);
      if (queue.length > 0 && !scheduled) {
        scheduled = true;
        setImmediate(runTurn);
      }
    }
  }
}

export const nodeTimers: Timers = {
  after: (delayMs, callback, kind = OTHER_TIMERS) => new NodeTimer(delayMs, callback, kind),
  nextTurn: (callback, kind = OTHER_TURNS) => {
    queue.push(callback);
    kinds.push(kind);
    if (!scheduled) {
      scheduled = true;
      setImmediate(runTurn);
    }
  },
};
