// What a simulated ctdbd waits and commits with: the clients of ctdb-lockd and ctdb-commitd are those of production, the programs
// behind them run on the simulated disk. Called where a simulated daemon is put together.
import { CommitPool } from "../../commitd/commit-pool.js";
import type { UpdateHelperPort } from "../../databases/update-helper-port.js";
import { LockdClient } from "../../lockd/lockd-client.js";
import type { LockHelperPort } from "../../locks/lock-helper-port.js";
import type { Machine } from "../machine.js";
import { type Program, SimulatedProcessRunner } from "../process-runner.js";
import type { SimulatedProcess } from "../simulated-process.js";
import { commitProgram } from "./commit-program.js";
import { lockdProgram } from "./lockd-program.js";
import type { MemoryDisk } from "./memory-disk.js";

/** Titles of the processes, for faults. */
export const LOCKD = "ctdb-lockd";
export const COMMITD = "ctdb-commitd";
const COMMIT_MS = 1;

export interface DaemonHelpers {
  readonly locks: LockHelperPort;
  readonly updates: UpdateHelperPort;
}

/**
 * The helpers of the daemon that runs as `process`; they end with it. `commitMs`: for how long a transaction is open, and again until
 * its end is known; asked for each one.
 */
export function startHelpers(
  process: SimulatedProcess,
  machine: Machine,
  disk: MemoryDisk,
  commitMs: () => number = () => COMMIT_MS,
): DaemonHelpers {
  const programs = new Map<string, Program>([
    [LOCKD, lockdProgram(disk)],
    [COMMITD, commitProgram(disk, commitMs)],
  ]);
  const modules = { ...process.modules, processes: new SimulatedProcessRunner(process, machine, programs) };
  const ownPid = process.pid;
  const updates = new CommitPool(modules, { program: COMMITD, args: [], ownPid });
  updates.start();
  return { locks: new LockdClient(modules, { program: LOCKD, args: [], ownPid }), updates };
}
