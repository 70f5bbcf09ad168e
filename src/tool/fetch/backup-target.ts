// The file that backupdb writes.

import { O_CREAT, O_RDWR } from "node:constants";
import { closeSync, openSync, writeSync } from "node:fs";
import { CommandFailure } from "../errors.js";
import type { Terminal } from "../terminal.js";

const OWNER_ONLY = 0o600;

export interface BackupTarget {
  /** Writes all of `bytes` at `offset`. */
  write(bytes: Uint8Array, offset: number): void;
  close(): void;
}

/** Opens or creates `path`; what is in it is overwritten, not cut. Complains and throws CommandFailure. */
export function openBackupTarget(path: string, terminal: Terminal): BackupTarget {
  let descriptor: number;
  try {
    descriptor = openSync(path, O_RDWR | O_CREAT, OWNER_ONLY);
  } catch (error) {
    if (!(error instanceof Error) || !("errno" in error)) throw error;
    terminal.complain(`Failed to open file ${path} for writing`);
    throw new CommandFailure(Math.abs(Number(error.errno)));
  }
  return {
    write(bytes, offset) {
      let written = 0;
      while (written < bytes.length) {
        written += writeSync(descriptor, bytes, written, bytes.length - written, offset + written);
      }
    },
    close: () => closeSync(descriptor),
  };
}
