// All that a simulated node needs of files and locks, put together: the ports of CtdbNode on a MemoryDisk. The clients of the lock
// helpers and of the commit helpers are those of production; behind them are simulated processes.
import { join } from "node:path/posix";
import { CommitPool } from "../../commitd/commit-pool.js";
import type { UpdateHelperPort } from "../../databases/update-helper-port.js";
import { LockdClient } from "../../lockd/lockd-client.js";
import type { LockHelperPort } from "../../locks/lock-helper-port.js";
import type { BaseModules, ProcessRunner, Timers } from "../../platform/ports.js";
import { TdbFlag } from "../../protocol/index.js";
import type { TdbFile } from "../../tdb/tdb-file.js";
import { ChildProcesses } from "./child-processes.js";
import { commitProgram } from "./commit-program.js";
import type { DiskProcess } from "./disk-process.js";
import { lockdProgram } from "./lockd-program.js";
import type { MemoryDisk } from "./memory-disk.js";

export const LOCKD = "ctdb-lockd";
export const COMMITD = "ctdb-commitd";
const PIPE_MS = { min: 0.05, max: 0.5 };

export interface NodeFilesModules extends BaseModules {
  readonly disk: MemoryDisk;
  /** Event loops of the helper processes: they stand still only with the whole machine. */
  readonly helperTimers: Timers;
  /** A process id that the machine has not used yet. */
  newPid(): number;
}

export interface NodeFilesOptions {
  readonly pnn: number;
  /** Pid of the daemon. */
  readonly pid: number;
  readonly persistentDirectory: string;
  readonly stateDirectory: string;
  /** Tunable DatabaseHashSize, read at each use. */
  hashSize(): number;
  /** Milliseconds that a commit takes to write, before it is there and after: a slow disk. Asked for each commit. */
  commitMs?(): number;
}

export class NodeFiles {
  /** The daemon as the disk sees it. */
  readonly daemon: DiskProcess;
  readonly locks: LockHelperPort;
  readonly updateHelper: UpdateHelperPort;
  /** The helpers; for faults: `kill(pid)`. */
  readonly children: ChildProcesses;

  constructor(
    private readonly modules: NodeFilesModules,
    private readonly options: NodeFilesOptions,
  ) {
    const { disk, clock, timers, logger, random, helperTimers } = modules;
    const { pid } = options;
    this.daemon = disk.startProcess(pid, "ctdbd", timers);
    this.children = new ChildProcesses(
      { disk, random, timers, childTimers: helperTimers, newPid: () => modules.newPid() },
      {
        pipeMs: PIPE_MS,
        programs: new Map([
          [LOCKD, lockdProgram],
          [COMMITD, commitProgram({ random, commitMs: () => options.commitMs?.() ?? 1 })],
        ]),
      },
    );
    const processes: ProcessRunner = this.children;
    this.locks = new LockdClient({ processes, clock, timers, logger }, { program: LOCKD, args: [], ownPid: pid });
    const commits = new CommitPool({ processes, timers, logger }, { program: COMMITD, args: [], ownPid: pid });
    commits.start();
    this.updateHelper = commits;
  }

  readonly openFile = (path: string, flags: number): TdbFile =>
    this.daemon.open({ path, flags, hashSize: this.options.hashSize() });

  readonly openHealthFile = (anew: boolean): TdbFile => {
    const path = join(this.options.stateDirectory, `persistent_health.tdb.${this.options.pnn}`);
    if (anew) this.modules.disk.remove(path);
    return this.daemon.open({ path, flags: TdbFlag.DISALLOW_NESTING });
  };

  readonly listPersistentFiles = (): string[] => this.modules.disk.list(this.options.persistentDirectory);

  /** The daemon has ended, in order or not: its files, locks and helpers are gone. */
  stop(): void {
    this.children.stop();
    this.daemon.exit();
  }
}
