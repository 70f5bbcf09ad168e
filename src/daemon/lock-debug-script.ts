// The administrator's script that looks into processes which hold a lock for long: `[database] lock debug script`, else
// debug_locks.sh beside the configuration. Called by daemon.ts when the lock scheduler reports such a wait.
import type { Logger, ProcessRunner } from "../platform/ports.js";

export interface LockDebugModules {
  readonly processes: ProcessRunner;
  readonly logger: Logger;
}

/** A wait as the script wants to know it. */
export interface LongLockWait {
  /** Process that waits; what it holds is of no interest. */
  readonly pid: number;
  readonly scope: "RECORD" | "DB";
  readonly path: string;
  readonly mutexes: boolean;
}

export class LockDebugScript {
  private running = false;

  constructor(
    private readonly modules: LockDebugModules,
    /** Path of the program; undefined: there is none. */
    private readonly script: string | undefined,
  ) {}

  /** Starts the script with pid, RECORD or DB, path and MUTEX or FCNTL, unless it still runs: it stops processes to look at them. */
  run({ pid, scope, path, mutexes }: LongLockWait): void {
    if (this.script === undefined || this.running) return;
    this.running = true;
    const { processes, logger } = this.modules;
    processes.spawn(
      this.script,
      [String(pid), scope, path, mutexes ? "MUTEX" : "FCNTL"],
      {},
      {
        onStdout: (bytes) => logger.notice(`lock debug script: ${Buffer.from(bytes).toString().trimEnd()}`),
        onExit: (code, signal) => {
          this.running = false;
          if (code !== 0) logger.warning(`lock debug script ended with ${signal ?? `status ${code}`}`);
        },
      },
    );
  }
}
