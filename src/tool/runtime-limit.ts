// The limit of the whole run (`-T`, CTDB_TIMEOUT). Set up by run.ts before the command starts.
import type { Terminal } from "./terminal.js";

const TIMER_DELAY_MAX_MS = 0x7fff_ffff;

/** Process groups of helper programs that run now; in test mode the time-out ends only these. */
const helperGroups = new Set<number>();

/** A helper program runs in a process group of its own (test mode). */
export function noteHelperGroup(pid: number): { ended(): void } {
  helperGroups.add(pid);
  return { ended: () => helperGroups.delete(pid) };
}

/**
 * Ends the program after `seconds` (0: never). As in C the whole process group is ended with it, but for test mode, where
 * only the helper programs are.
 */
export function limitRuntime(seconds: number, env: NodeJS.ProcessEnv, terminal: Terminal): void {
  if (seconds === 0) return;
  const expire = (): void => {
    // Our own share of the signal must not end us before the text is out.
    process.on("SIGTERM", () => undefined);
    if (env["CTDB_TEST_MODE"] === undefined) process.kill(0, "SIGTERM");
    else for (const group of helperGroups) process.kill(-group, "SIGTERM");
    terminal.complain("Maximum runtime exceeded - exiting");
    process.exit(1);
  };
  setTimeout(expire, Math.min(seconds * 1000, TIMER_DELAY_MAX_MS)).unref();
}
