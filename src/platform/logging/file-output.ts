// Log lines to a file or to stderr. Lines of one turn of the event loop go out in one write; errors go out at once.
import { closeSync, openSync, writeSync } from "node:fs";
import type { LogOutput } from "./log-output.js";

/** More than this is not kept until the end of the turn. */
const BUFFER_MAX_CHARACTERS = 64 * 1024;
const FILE_MODE = 0o644;
const STDERR_FD = 2;

export class FileOutput implements LogOutput {
  private pending = "";
  private flushScheduled = false;
  private lostLines = 0;
  private closed = false;

  private constructor(
    private fd: number,
    private readonly path: string | undefined,
  ) {}

  /** Appends to the file at `path`, which is created with mode 0644. Throws the error of open(). */
  static append(path: string): FileOutput {
    return new FileOutput(openSync(path, "a", FILE_MODE), path);
  }

  static stderr(): FileOutput {
    return new FileOutput(STDERR_FD, undefined);
  }

  write(level: number, line: string): void {
    if (this.closed) return;
    this.pending += `${line}\n`;
    if (level <= 0 || this.pending.length > BUFFER_MAX_CHARACTERS) this.flushSync();
    else if (!this.flushScheduled) {
      this.flushScheduled = true;
      setImmediate(() => {
        this.flushScheduled = false;
        this.flushSync();
      });
    }
  }

  flushSync(): void {
    if (this.pending === "") return;
    const text = this.pending;
    this.pending = "";
    const note = this.lostLines === 0 ? "" : `[Dropped ${this.lostLines} log messages]\n`;
    const bytes = Buffer.from(note + text);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.fd, bytes, written);
      this.lostLines = 0;
    } catch {
      // A full disk or a reader that is gone must not stop the daemon, and there is nowhere else to say so: count the lines and
      // tell how many are missing as soon as writing works again.
      this.lostLines += lineEnds(bytes.subarray(Math.max(written, note.length)));
    }
  }

  reopen(): void {
    this.flushSync();
    if (this.path === undefined || this.closed) return;
    const fd = openSync(this.path, "a", FILE_MODE);
    closeSync(this.fd);
    this.fd = fd;
  }

  close(): void {
    if (this.closed) return;
    this.flushSync();
    this.closed = true;
    if (this.path !== undefined) closeSync(this.fd);
  }
}

function lineEnds(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte === 0x0a) count += 1;
  return count;
}
