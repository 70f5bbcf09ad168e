// LOOP_TIMES and LOOP_RESET, controls of ctdb-ts alone: what the event loop of this daemon ran.
import type { ControlHandlers } from "../controls/control-service.js";
import type { LoopAccounts } from "../platform/loop-accounts.js";
import type { LoopTimes } from "../protocol/index.js";
import { timeval } from "../statistics/statistics.js";

function loopTimes(loop: LoopAccounts, limitMs: number): LoopTimes {
  return {
    elapsed: loop.elapsedMs / 1000,
    busy: loop.busySinceResetMs / 1000,
    limitMs,
    longTurns: loop.longTurnCount,
    kinds: loop.all.map(({ name, count, totalMs, maxMs }) => ({
      name,
      count,
      total: totalMs / 1000,
      max: maxMs / 1000,
    })),
    turns: loop.longTurns.map((turn) => ({
      end: timeval(turn.wallMs),
      total: turn.totalMs / 1000,
      cpu: turn.cpuMs / 1000,
      inHandlers: turn.inHandlers ? 1 : 0,
      parts: turn.handlers.map(({ name, count, totalMs }) => ({ name, count, total: totalMs / 1000 })),
    })),
  };
}

/** `limitMs`: a longer turn is logged; 0: none is. */
export function loopControls(loop: LoopAccounts, limitMs: number): ControlHandlers {
  return {
    LOOP_TIMES: (_, call) => call.reply(loopTimes(loop, limitMs)),
    LOOP_RESET: (_, call) => {
      loop.reset();
      call.status(0);
    },
  };
}
