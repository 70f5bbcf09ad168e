// The pid file: while it is locked, this daemon owns the run directory. Made at start-up, removed at the regular end.
import { closeSync, constants as flags, ftruncateSync, openSync, unlinkSync, writeSync } from "node:fs";
import { PidFileLockedError } from "./errors.js";
import { tryLockFile } from "./libc.js";

const MODE = 0o644;
/** To the end of the file, however long it gets. */
const WHOLE_FILE_BYTES = 0;

export class PidFile {
  private removed = false;

  private constructor(
    readonly path: string,
    private readonly fd: number,
  ) {}

  /**
   * Creates or takes over the file, locks it and writes "<pid>\n". The lock belongs to this process only (POSIX), so call it in
   * the process that stays. Throws PidFileLockedError when another process holds the lock, or the error of open().
   */
  static create(path: string): PidFile {
    const fd = openSync(path, flags.O_CREAT | flags.O_WRONLY, MODE);
    try {
      if (!tryLockFile(fd, 0, WHOLE_FILE_BYTES)) throw new PidFileLockedError(path);
      const content = Buffer.from(`${process.pid}\n`);
      writeSync(fd, content, 0, content.length, 0);
      ftruncateSync(fd, content.length);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    return new PidFile(path, fd);
  }

  /** Removes the file and drops the lock; further calls do nothing. */
  remove(): void {
    if (this.removed) return;
    this.removed = true;
    try {
      unlinkSync(this.path);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    } finally {
      closeSync(this.fd);
    }
  }
}
