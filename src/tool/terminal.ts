// Where the tool writes: plain synchronous writes on the two standard descriptors, so that output and complaints keep
// their order also when both go to one pipe, and nothing is lost when the process ends. Used by everything that prints.
import { writeSync } from "node:fs";

export interface Terminal {
  /** Writes to standard output. */
  out(text: string | Uint8Array): void;
  /** Writes one line (the newline is added) to standard error. */
  complain(line: string): void;
}

/** Standard output or standard error took no more: a full disk, for instance. */
export class OutputError extends Error {
  constructor(cause: Error) {
    super(`Failed to write the output: ${cause.message}`, { cause });
  }
}

const STDOUT = 1;
const STDERR = 2;
/** What a shell reports for a program that SIGPIPE ended. */
const SIGPIPE_EXIT_STATUS = 141;
const RETRY_PAUSE_MS = 5;

function writeAll(descriptor: number, text: string | Uint8Array): void {
  const bytes = typeof text === "string" ? Buffer.from(text, "utf8") : text;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "EPIPE") process.exit(SIGPIPE_EXIT_STATUS);
      if (code !== "EAGAIN") throw error instanceof Error ? new OutputError(error) : error;
      Atomics.wait(pause, 0, 0, RETRY_PAUSE_MS);
    }
  }
}

/** The terminal of this process. */
export const processTerminal: Terminal = {
  out: (text) => writeAll(STDOUT, text),
  complain: (line) => writeAll(STDERR, `${line}\n`),
};
