// Reads a backup file. Called by dumpdbbackup and restoredb.
import { readFileSync } from "node:fs";
import { BACKUP_VERSION, type BackupHeader, decodeBackupHeader } from "../backup-file.js";
import { CommandFailure, Errno } from "../errors.js";
import type { Terminal } from "../terminal.js";

/** The file with its header. Complains and throws CommandFailure. */
export function readBackup(path: string, terminal: Terminal): { readonly file: Buffer; readonly header: BackupHeader } {
  let file: Buffer;
  try {
    file = readFileSync(path);
  } catch (error) {
    if (!(error instanceof Error) || !("errno" in error)) throw error;
    terminal.complain(`Failed to open file ${path} for reading`);
    throw new CommandFailure(Math.abs(Number(error.errno)));
  }
  const header = decodeBackupHeader(file);
  if (header.version !== BACKUP_VERSION) {
    terminal.complain(`Wrong version of backup file, expected ${BACKUP_VERSION}, got ${header.version}`);
    throw new CommandFailure(Errno.EINVAL);
  }
  return { file, header };
}
