// ctdbd in the background: Node.js cannot fork, so the first process checks the configuration, starts itself anew and leaves.
import { spawn } from "node:child_process";

const MARK = "CTDB_TS_BACKGROUND";

/** True in the process that `startInBackground` made. Removes the mark, so that children do not inherit it. */
export function isBackgroundChild(): boolean {
  const marked = process.env[MARK] === String(process.ppid);
  delete process.env[MARK];
  return marked;
}

/** Starts this program again with the same arguments, detached, and ends this process with status 0. */
export function startInBackground(options: { readonly title: string; readonly keepStdin: boolean }): void {
  const child = spawn(process.execPath, process.argv.slice(1), {
    argv0: options.title,
    detached: !options.keepStdin,
    env: { ...process.env, [MARK]: String(process.pid) },
    stdio: [options.keepStdin ? "inherit" : "ignore", "ignore", "ignore"],
  });
  child.once("error", (error) => {
    process.stderr.write(`${options.title}: cannot start in the background: ${error.message}\n`);
    process.exit(1);
  });
  child.once("spawn", () => process.exit(0));
}
