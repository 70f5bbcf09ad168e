// The disk of one simulated machine: TDB files in memory. It outlives the processes of the machine, and may be wiped.
import { posix } from "node:path";
import type { Random, Timers } from "../../platform/ports.js";
import { TdbFlag } from "../../protocol/index.js";
import type { TdbOpenOptions } from "../../tdb/tdb-file.js";
import { DiskProcess } from "./disk-process.js";
import { FileLocks, type LockModules, type LockOwner, type WakeDelay } from "./file-locks.js";
import { StoredRecords } from "./stored-records.js";

/** libtdb's own choice of chains. */
const DEFAULT_HASH_SIZE = 131;
const DEFAULT_WAKE_DELAY: WakeDelay = { minMs: 0.05, maxMs: 0.5 };

export interface MemoryDiskModules {
  /** Timers of the machine's kernel, after a reboot those of the new one. */
  readonly timers: Timers;
  readonly random: Random;
}

export interface MemoryDiskOptions {
  /** How long after a release one who waits gets a lock. */
  readonly wakeDelay?: WakeDelay;
  /** A mark of a lock that nobody holds is an error (default true). libtdb does not look. */
  readonly checkMarks?: boolean;
}

/** A file: what is in it, and who holds locks. It lives on without a name while processes have it open. */
export class DiskFile {
  hashSize = 0;
  usesMutexes = false;
  /** Chains by the jenkins hash, else by tdb's old one. */
  jenkins = false;
  records = new StoredRecords();
  /** `check` finds it corrupt. */
  damaged = false;
  /** A transaction is prepared: nobody may open the file. */
  openLock: LockOwner | undefined;
  /** Processes that keep it from being cleared at the next open. */
  readonly active = new Set<LockOwner>();
  readonly locks: FileLocks;

  constructor(lockModules: LockModules) {
    this.locks = new FileLocks(this, lockModules);
  }

  /** Makes it a new file, as the first who opens it with CLEAR_IF_FIRST does. */
  create({ flags, hashSize = 0 }: TdbOpenOptions): void {
    this.hashSize = hashSize === 0 ? DEFAULT_HASH_SIZE : hashSize;
    this.jenkins = (flags & TdbFlag.INCOMPATIBLE_HASH) !== 0;
    this.usesMutexes = (flags & TdbFlag.MUTEX_LOCKING) !== 0;
    this.records = new StoredRecords();
    this.damaged = false;
  }
}

export class MemoryDisk {
  readonly checkMarks: boolean;
  /** How often all of it was removed. */
  wipes = 0;
  private readonly files = new Map<string, DiskFile>();
  private readonly lockModules: LockModules;

  constructor(modules: MemoryDiskModules, options: MemoryDiskOptions = {}) {
    this.checkMarks = options.checkMarks ?? true;
    this.lockModules = { ...modules, wakeDelay: options.wakeDelay ?? DEFAULT_WAKE_DELAY };
  }

  /**
   * A new process of this machine, which opens files. `timers` is its event loop: what it waits for is told there. Call `exit` when it
   * has ended, whether in order or killed. The chain locks of a "lock helper" are those that `isChainHeldByHelper` knows.
   */
  startProcess(pid: number, commandLine: string, timers: Timers, kind: "plain" | "lock helper" = "plain"): DiskProcess {
    return new DiskProcess(this, pid, commandLine, timers, kind === "lock helper");
  }

  /** Removes all files whose path begins with `prefix`: all of them, or a folder that is in memory. */
  wipe(prefix = "/"): void {
    if (prefix === "/") this.wipes++;
    for (const path of this.files.keys()) if (path.startsWith(prefix)) this.files.delete(path);
  }

  /** Names of the files in a folder. */
  list(folder: string): string[] {
    const prefix = `${posix.normalize(folder)}/`.replace("//", "/");
    const names: string[] = [];
    for (const path of this.files.keys()) {
      const name = path.slice(prefix.length);
      if (path.startsWith(prefix) && !name.includes("/")) names.push(name);
    }
    return names.sort();
  }

  /** Removes a file's name; who has it open goes on with it. Says whether it was there. */
  remove(path: string): boolean {
    return this.files.delete(posix.normalize(path));
  }

  /** The file becomes corrupt: `check` says so until it is cleared. */
  damage(path: string): void {
    const file = this.find(path);
    if (file === undefined) throw new Error(`there is no file ${path} to damage`);
    file.damaged = true;
  }

  /** The file of that name. */
  find(path: string): DiskFile | undefined {
    return this.files.get(posix.normalize(path));
  }

  /** Gives a file a name. */
  add(path: string): DiskFile {
    const file = this.newFile();
    this.files.set(posix.normalize(path), file);
    return file;
  }

  /** A file without a name. */
  newFile(): DiskFile {
    return new DiskFile(this.lockModules);
  }
}
