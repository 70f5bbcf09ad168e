// ctdbd in the background: Node.js cannot fork, so the first process checks the configuration, starts itself anew and leaves.
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { replaceDescriptor } from "./libc.js";
import { parseLogLocation } from "./logging/location.js";

const MARK = "CTDB_TS_BACKGROUND";

/**
 * True in the process that `startInBackground` made. Removes the mark, so that children do not inherit it. (The first process
 * may be gone already, so its pid proves nothing.)
 */
export function isBackgroundChild(): boolean {
  const marked = process.env[MARK] !== undefined;
  delete process.env[MARK];
  return marked;
}

export interface BackgroundOptions {
  /** Name in `ps`. */
  readonly title: string;
  /** Test mode: the session and stdin stay those of the caller. */
  readonly keepStdin: boolean;
  /** Value of `[logging] location`. What the process writes to stderr by itself (a crash of node) goes to that file. */
  readonly logLocation: string;
}

/** Starts this program again with the same arguments, and ends this process with status 0. */
export function startInBackground(options: BackgroundOptions): void {
  const output = standardOutput(options.logLocation);
  const child = spawn(process.execPath, process.argv.slice(1), {
    argv0: options.title,
    detached: !options.keepStdin,
    env: { ...process.env, [MARK]: "1" },
    stdio: [options.keepStdin ? "inherit" : "ignore", output, output],
  });
  child.once("error", (error) => {
    process.stderr.write(`${options.title}: cannot start in the background: ${error.message}\n`);
    process.exit(1);
  });
  child.once("spawn", () => process.exit(0));
}

function standardOutput(logLocation: string): number | "inherit" | "ignore" {
  const location = parseLogLocation(logLocation);
  if (location?.kind === "stderr") return "inherit";
  if (location?.kind !== "file") return "ignore";
  try {
    return openSync(location.path, "a", 0o644);
  } catch {
    // The logger of the new process opens it too, and says why it cannot.
    return "ignore";
  }
}

/** After SIGHUP: stdout and stderr of a background process go to the new log file too, so that the old one is free. */
export function reopenStandardOutput(logLocation: string): void {
  const output = standardOutput(logLocation);
  if (typeof output !== "number") return;
  replaceDescriptor(output, 1);
  replaceDescriptor(output, 2);
  closeSync(output);
}
