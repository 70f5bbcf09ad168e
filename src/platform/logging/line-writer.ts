// Appends lines to a descriptor (log file or stderr) without holding up the loop: lines of one turn go out together on a libuv
// pool thread, one write at a time; what is left at the end of the process is written before it ends. Used by logger.ts.
import { closeSync, constants, openSync, write, writeSync } from "node:fs";

/** Lines that wait for a disk or a reader that does not move; beyond this they are dropped and counted. */
export const WAITING_MAX_BYTES = 8 * 1024 * 1024;
const STUCK_RETRY_MS = 20;
const LOG_FILE_MODE = 0o644;
const STDERR = 2;

/** Opens a file for appending; several processes write to it, each line whole. */
export function openLogFile(path: string): number {
  return openSync(path, constants.O_APPEND | constants.O_WRONLY | constants.O_CREAT, LOG_FILE_MODE);
}

export class LineWriter {
  private waiting: string[] = [];
  private waitingBytes = 0;
  /** What a pool thread writes right now, and how much of it is known to be out. */
  private inFlight: Buffer | undefined;
  private scheduled = false;
  private droppedLines = 0;
  private nextFd: number | undefined;

  constructor(
    private fd: number,
    /** Makes the line that tells of lost lines. */
    private readonly droppedText: (lines: number) => string,
  ) {}

  add(line: string): void {
    if (this.waitingBytes > WAITING_MAX_BYTES) {
      this.droppedLines++;
      return;
    }
    if (this.droppedLines > 0) {
      const lines = this.droppedLines;
      this.droppedLines = 0;
      this.add(this.droppedText(lines));
    }
    this.waiting.push(line);
    this.waitingBytes += line.length;
    if (!this.scheduled && this.inFlight === undefined) {
      this.scheduled = true;
      setImmediate(() => {
        this.scheduled = false;
        this.writeSome();
      });
    }
  }

  /** Goes on with another descriptor; the old one is closed when nothing is written to it any more. */
  replace(fd: number): void {
    if (this.inFlight !== undefined) {
      if (this.nextFd !== undefined) this.closeOld(this.nextFd);
      this.nextFd = fd;
      return;
    }
    this.closeOld(this.fd);
    this.fd = fd;
  }

  /** Writes all that waits, now. A write that a pool thread is busy with ends before the process does. */
  flushSync(): void {
    if (this.waiting.length === 0) return;
    let rest: Buffer = Buffer.from(this.take());
    while (rest.length > 0) {
      try {
        rest = rest.subarray(writeSync(this.fd, rest));
      } catch {
        // Nobody is left to tell: the log itself is what fails (full disk, closed or full pipe).
        return;
      }
    }
  }

  private take(): string {
    const text = this.waiting.join("");
    this.waiting = [];
    this.waitingBytes = 0;
    return text;
  }

  private writeSome(): void {
    if (this.inFlight !== undefined || this.waiting.length === 0) return;
    this.writeOut(Buffer.from(this.take()));
  }

  private writeOut(bytes: Buffer): void {
    this.inFlight = bytes;
    write(this.fd, bytes, (error, written) => {
      if (error?.code === "EAGAIN") {
        // A pipe that its reader shares in non-blocking mode is full.
        setTimeout(() => this.writeOut(bytes), STUCK_RETRY_MS);
        return;
      }
      if (error === null && written < bytes.length) {
        this.writeOut(bytes.subarray(written));
        return;
      }
      // A full disk loses what was written; the daemon goes on.
      this.inFlight = undefined;
      if (this.nextFd !== undefined) {
        this.closeOld(this.fd);
        this.fd = this.nextFd;
        this.nextFd = undefined;
      }
      this.writeSome();
    });
  }

  private closeOld(fd: number): void {
    if (fd !== STDERR) closeSync(fd);
  }
}
