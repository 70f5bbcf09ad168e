// Stands where the event daemon will be: a node without event scripts. Every event succeeds, because there is nothing to run;
// scripts that are enabled all the same are named in the log, so that nobody believes they were run.
import type { RunEvent } from "../cluster/cluster-controls.js";
import type { Logger, Timers } from "../platform/ports.js";

/** Events that may run while recovery mode is not NORMAL. */
const DURING_RECOVERY: ReadonlySet<string> = new Set([
  "init",
  "setup",
  "startrecovery",
  "shutdown",
  "releaseip",
  "ipreallocated",
  "startipreallocate",
]);

export function runNoEvents(modules: {
  readonly logger: Logger;
  readonly timers: Timers;
  /** Names of the enabled event scripts. */
  listScripts(): string[];
  isRecovering(): boolean;
}): RunEvent {
  const { logger, timers } = modules;
  const scripts = modules.listScripts();
  if (scripts.length > 0) {
    logger.error(`Event scripts are not run by this version: ${scripts.join(", ")}`);
  }
  return (event, _args, done) => {
    if (modules.isRecovering() && !DURING_RECOVERY.has(event)) {
      logger.error(`Refusing to run event '${event}' while in recovery`);
      timers.nextTurn(() => done(-1));
      return;
    }
    timers.nextTurn(() => done(0));
  };
}
