// Lines about operations that took longer than the tunable LogLatencyMs. Calls, updates, locks and vacuum runs tell their times.
import type { Logger } from "../platform/ports.js";

/** Operation (CTDB's name for it), database, and how long it took. */
export type NoteLatency = (operation: string, database: string, seconds: number) => void;

/** `limitMs`: the tunable as it is now; 0: nothing is logged. */
export function latencyLog(logger: Logger, limitMs: () => number): NoteLatency {
  return (operation, database, seconds) => {
    const limit = limitMs();
    if (limit <= 0 || seconds * 1000 <= limit) return;
    logger.warning(`High latency ${seconds.toFixed(6)}s for operation ${operation} on database ${database}`);
  };
}
