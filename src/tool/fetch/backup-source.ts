// Reads a backup file. Called by dumpdbbackup and restoredb.
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { BACKUP_HEADER_BYTES, BACKUP_VERSION, type BackupHeader, decodeBackupHeader } from "../backup-file.js";
import { CommandFailure, Errno } from "../errors.js";
import type { Terminal } from "../terminal.js";
import { fileStep } from "./file-step.js";

/** The file with its header, which is looked at before the rest is read. Complains and throws CommandFailure. */
export function readBackup(path: string, terminal: Terminal): { readonly file: Buffer; readonly header: BackupHeader } {
  const descriptor = fileStep(() => openSync(path, "r"), `Failed to open file ${path} for reading`, terminal);
  try {
    const begin = Buffer.alloc(BACKUP_HEADER_BYTES);
    const length = fileStep(() => readSync(descriptor, begin), `Failed to read db header from file ${path}`, terminal);
    const header = decodeBackupHeader(begin);
    if (header.version !== BACKUP_VERSION) {
      terminal.complain(`Wrong version of backup file, expected ${BACKUP_VERSION}, got ${header.version}`);
      throw new CommandFailure(Errno.EINVAL);
    }
    const rest = fileStep(() => readFileSync(descriptor), "Failed to read records", terminal);
    return { file: Buffer.concat([begin.subarray(0, length), rest]), header };
  } finally {
    closeSync(descriptor);
  }
}
