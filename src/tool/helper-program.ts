// Runs the programs behind lvs, natgw, event and scriptstatus with our standard streams, and maps how they end.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { Errno } from "./errors.js";
import { noteHelperGroup } from "./runtime-limit.js";
import type { Terminal } from "./terminal.js";

/** Exit statuses from here on up to 254 are errno values of the helper, shifted. */
const ERRNO_EXIT_BASE = 64;
const ERRNO_EXIT_END = 255;

/** Exit result for a helper that ended with this status; complains where it was an errno. */
function resultOfExit(status: number, description: string, terminal: Terminal): number {
  if (status < ERRNO_EXIT_BASE || status >= ERRNO_EXIT_END) return status;
  terminal.complain(`${description} failed with error ${status - ERRNO_EXIT_BASE}`);
  return status - ERRNO_EXIT_BASE;
}

/**
 * Runs `program` (a path) and returns the command's result. In test mode it gets a process group of its own, so
 * that a time-out ends it and not our caller. With `takeOutput` that gets the standard output in place of the terminal.
 */
export function runHelper(
  program: string,
  args: readonly string[],
  description: string,
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
  takeOutput?: (text: string) => void,
): Promise<number> {
  // As execv, which looks into no PATH: a name without a slash is one in the working directory, and an empty one is nowhere.
  if (program === "") return Promise.resolve(resultOfExit(ERRNO_EXIT_BASE + Errno.ENOENT, description, terminal));
  const file = program.includes("/") ? program : `./${program}`;
  const ownGroup = env["CTDB_TEST_MODE"] !== undefined && env["CTDB_TOOL_SETPGID"] === undefined;
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      stdio: ["inherit", takeOutput === undefined ? "inherit" : "pipe", "inherit"],
      detached: ownGroup,
      env: ownGroup ? { ...env, CTDB_TOOL_SETPGID: "1" } : env,
    });
    const group = ownGroup && child.pid !== undefined ? noteHelperGroup(child.pid) : undefined;
    child.stdout?.setEncoding("utf8").on("data", takeOutput ?? (() => undefined));
    child.once("error", (error: NodeJS.ErrnoException) => {
      const errno = Math.abs(error.errno ?? Errno.ENOENT);
      resolve(resultOfExit(ERRNO_EXIT_BASE + errno, description, terminal));
    });
    child.once("close", (status, signal) => {
      group?.ended();
      if (signal === null) {
        resolve(resultOfExit(status ?? 1, description, terminal));
        return;
      }
      terminal.complain(`${description} terminated with signal ${constants.signals[signal]}`);
      resolve(Errno.EINTR);
    });
  });
}
