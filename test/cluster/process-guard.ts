// Cleans up after a cluster even when the process that made it is killed: a shell that waits for the end of a pipe from us,
// then ends every process that carries the cluster's mark in its environment and removes the directory.
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** Environment variable that marks every process of a test node; its value is the node's directory. */
export const NODE_MARK = "CTDB_TEST_NODE";
const ROUNDS_MAX = 500;

// $1: directory of the cluster. Until two rounds have found nothing, as a process may be starting another one while it is looked for, and
// has no environment for a moment when it becomes another program. Not for ever: one that waits for a dead disk does not go.
const GUARD_SCRIPT = `
trap '' INT TERM HUP
cat >/dev/null
round=0
empty=0
while [ $empty -lt 2 ] && [ $round -lt ${ROUNDS_MAX} ]; do
  round=$((round + 1))
  empty=$((empty + 1))
  for environ in $(grep -lsz "^${NODE_MARK}=$1/" /proc/[0-9]*/environ 2>/dev/null); do
    empty=0
    pid=\${environ#/proc/}
    kill -9 "\${pid%/environ}" 2>/dev/null
  done
  [ $empty -eq 2 ] || sleep 0.02
done
rm -rf "$1"
`;

export interface ProcessGuard {
  /** Lets the guard do its work now and waits for its end. */
  finish(): Promise<void>;
}

export function startGuard(clusterDirectory: string): ProcessGuard {
  const guard: ChildProcess = spawn("/bin/sh", ["-c", GUARD_SCRIPT, "ctdb-test-guard", clusterDirectory], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
  });
  guard.unref();
  const ended = new Promise<void>((resolve) => guard.once("exit", () => resolve()));
  // The pipe itself must not keep this process alive.
  const input = guard.stdin;
  if (input !== null && "unref" in input && typeof input.unref === "function") input.unref();
  return {
    async finish() {
      guard.ref();
      input?.end();
      await ended;
    },
  };
}

/** Processes whose environment has the variable `name` with exactly this value. */
export function processesWithEnvironment(name: string, value: string): number[] {
  const wanted = Buffer.from(`${name}=${value}\0`);
  const found: number[] = [];
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    let environment: Buffer;
    try {
      environment = readFileSync(`/proc/${pid}/environ`);
    } catch {
      continue; // It has ended meanwhile, or is not ours.
    }
    const at = environment.indexOf(wanted);
    if (at === 0 || (at > 0 && environment[at - 1] === 0)) found.push(pid);
  }
  return found;
}
