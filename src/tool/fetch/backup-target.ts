// The file that backupdb writes.

import { O_CREAT, O_RDWR } from "node:constants";
import { closeSync, openSync, writeSync } from "node:fs";
import type { Terminal } from "../terminal.js";
import { fileStep } from "./file-step.js";

const OWNER_ONLY = 0o600;

export interface BackupTarget {
  /** Writes the header, in front of all. Complains and throws CommandFailure. */
  writeHeader(bytes: Uint8Array): void;
  /** Writes records at `offset`. Complains and throws CommandFailure. */
  writeRecords(bytes: Uint8Array, offset: number): void;
  close(): void;
}

/** Opens or creates `path`; what is in it is overwritten, not cut. Complains and throws CommandFailure. */
export function openBackupTarget(path: string, terminal: Terminal): BackupTarget {
  const open = (): number => openSync(path, O_RDWR | O_CREAT, OWNER_ONLY);
  const descriptor = fileStep(open, `Failed to open file ${path} for writing`, terminal);
  const write = (bytes: Uint8Array, offset: number, complaint: string): void => {
    let written = 0;
    while (written < bytes.length) {
      const from = written;
      written += fileStep(
        () => writeSync(descriptor, bytes, from, bytes.length - from, offset + from),
        complaint,
        terminal,
      );
    }
  };
  return {
    writeHeader: (bytes) => write(bytes, 0, `Failed to write header to file ${path}`),
    writeRecords: (bytes, offset) => write(bytes, offset, "Failed to write records to backup file"),
    close: () => closeSync(descriptor),
  };
}
