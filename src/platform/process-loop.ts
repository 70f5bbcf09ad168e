// The event loop of this process: sockets, timers and children tell it when handlers begin and end. One for the process, as
// there is one loop.
import { LoopAccounts } from "./loop-accounts.js";
import { LoopWatch } from "./loop-watch.js";
import type { Logger } from "./ports.js";
import { systemClock } from "./system-clock.js";

export const processLoop = new LoopAccounts(systemClock);

/** Logs turns that take longer than `limitMs` from now on; 0: none. */
export function watchProcessLoop(logger: Logger, limitMs: number): void {
  const watch = new LoopWatch(
    {
      clock: systemClock,
      timers: {
        after: (delayMs, callback) => {
          const handle = setTimeout(callback, delayMs);
          return { cancel: () => clearTimeout(handle) };
        },
      },
      logger,
      accounts: processLoop,
      atEndOfTurn: (callback) => void setImmediate(callback),
      cpuMs: () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1000;
      },
    },
    { limitMs },
  );
  watch.start();
}
