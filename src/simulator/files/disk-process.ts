// A process of a simulated machine, as far as files know it: the daemon, a helper, an smbd. Opens files; its end closes them and
// drops its locks at once.
import type { Timers } from "../../platform/ports.js";
import { TdbFlag } from "../../protocol/index.js";
import { TdbAlreadyOpenError, TdbOpenError } from "../../tdb/errors.js";
import type { TdbOpener, TdbOpenOptions } from "../../tdb/tdb-file.js";
import { MisusedFileError, WouldBlockError } from "./errors.js";
import type { LockOwner } from "./file-locks.js";
import type { DiskFile, MemoryDisk } from "./memory-disk.js";
import { MemoryTdb } from "./memory-tdb.js";

export class DiskProcess implements LockOwner, TdbOpener {
  private readonly openFiles = new Map<DiskFile, MemoryTdb>();
  private readonly lockedFiles = new Set<DiskFile>();
  private exited = false;

  constructor(
    readonly disk: MemoryDisk,
    readonly pid: number,
    readonly commandLine: string,
    /** Its event loop. */
    readonly timers: Timers,
    readonly isLockHelper: boolean,
  ) {}

  get hasExited(): boolean {
    return this.exited;
  }

  robustMutexesWork(): boolean {
    return true;
  }

  open(options: TdbOpenOptions): MemoryTdb {
    this.assertAlive();
    const { path, flags } = options;
    if ((flags & TdbFlag.ALLOW_NESTING) !== 0)
      throw new TdbOpenError(path, "EINVAL", "nested transactions are unknown");
    if ((flags & TdbFlag.INTERNAL) !== 0) {
      if ((flags & TdbFlag.MUTEX_LOCKING) !== 0) throw new TdbOpenError(path, "EINVAL", "mutexes in memory");
      const file = this.disk.newFile();
      file.create(options);
      return this.opened(file, options);
    }
    const found = this.disk.find(path);
    if (found !== undefined) {
      const other = this.openFiles.get(found);
      if (other !== undefined) throw new TdbAlreadyOpenError(path, other.path);
      if (found.openLock !== undefined) {
        throw new WouldBlockError("open", path, `process ${found.openLock.pid} commits a transaction`);
      }
    }
    return this.opened(this.prepare(found, options), options);
  }

  /** Uses the locks of `file` without opening it as a TDB; for lock helpers. */
  useLocks(file: DiskFile): void {
    this.assertAlive();
    this.lockedFiles.add(file);
  }

  /** The process ends, or is killed: open transactions and locks are gone. Idempotent. */
  exit(): void {
    if (this.exited) return;
    this.exited = true;
    for (const [file, tdb] of this.openFiles) {
      tdb.abandon();
      file.active.delete(this);
    }
    this.openFiles.clear();
    for (const file of this.lockedFiles) file.locks.releaseEverything(this);
    this.lockedFiles.clear();
  }

  /** Creates or clears the file where that is to be done. */
  private prepare(found: DiskFile | undefined, options: TdbOpenOptions): DiskFile {
    const { path, flags } = options;
    if (found === undefined) {
      if (options.create === false || options.readOnly === true) throw new TdbOpenError(path, "ENOENT", "");
      const file = this.disk.add(path);
      file.create(options);
      return file;
    }
    if (options.readOnly === true) return found;
    const clears = (flags & TdbFlag.CLEAR_IF_FIRST) !== 0 && found.active.size === 0;
    if (clears) found.create(options);
    if (found.usesMutexes && (flags & TdbFlag.MUTEX_LOCKING) === 0) {
      throw new TdbOpenError(path, "EINVAL", "the file uses mutexes");
    }
    return found;
  }

  private opened(file: DiskFile, options: TdbOpenOptions): MemoryTdb {
    const keepsContent = (options.flags & TdbFlag.CLEAR_IF_FIRST) !== 0 && options.readOnly !== true;
    if (keepsContent) file.active.add(this);
    const tdb = new MemoryTdb(this, file, options, () => {
      this.openFiles.delete(file);
      file.active.delete(this);
    });
    this.openFiles.set(file, tdb);
    return tdb;
  }

  private assertAlive(): void {
    if (this.exited) throw new MisusedFileError(`process ${this.pid} (${this.commandLine}) has ended`);
  }
}
