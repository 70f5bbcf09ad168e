// Runs clients in a closed loop for a while and counts.
import type { ClientSet, PacketHandler } from "./client-set.js";

/** Nothing at all for this long: the daemon has lost a packet. */
const SILENCE_MAX_MS = 10_000;
const WARM_UP_SHARE = 0.25;

export interface LoopResult {
  readonly perSecond: number;
  readonly operations: number;
}

/**
 * Hands packets to `onPacket`, which keeps the loop going by sending the next request, until `durationMs` is over (after a
 * warm-up that is not counted). `operations` is a counter that `onPacket` raises.
 */
export function runLoop(
  clients: ClientSet,
  durationMs: number,
  counter: { operations: number },
  onPacket: PacketHandler,
): LoopResult {
  const begin = performance.now();
  let countedFrom = 0;
  let start = begin;
  let warm = false;
  let now = begin;
  while (now - begin < durationMs * (1 + WARM_UP_SHARE)) {
    if (!clients.poll(SILENCE_MAX_MS, onPacket)) throw new Error(`no packet came for ${SILENCE_MAX_MS} ms`);
    now = performance.now();
    if (!warm && now - begin >= durationMs * WARM_UP_SHARE) {
      warm = true;
      start = now;
      countedFrom = counter.operations;
    }
  }
  const operations = counter.operations - countedFrom;
  return { perSecond: (operations * 1000) / (now - start), operations };
}
