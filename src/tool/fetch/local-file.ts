// The local TDB file of a database, opened directly. Called by cattdb, backupdb, tfetch and tstore. Loads libtdb.
import { TdbOpenError } from "../../tdb/errors.js";
import { libtdbOpener } from "../../tdb/libtdb.js";
import type { TdbFile } from "../../tdb/tdb-file.js";
import { CommandFailure, Errno } from "../errors.js";
import type { Terminal } from "../terminal.js";
import type { AttachedDatabase } from "./attach.js";

const SLICE_RECORDS = 1000;
const BUSY_PAUSE_MS = 1;

/** The file of an attached database, opened as its daemon says. Complains and throws CommandFailure. */
export function openDatabaseFile(db: AttachedDatabase, terminal: Terminal): TdbFile {
  try {
    return libtdbOpener.open({ path: db.path, flags: db.openFlags, create: false });
  } catch (error) {
    if (!(error instanceof TdbOpenError)) throw error;
    terminal.complain(`attach: ${db.name} tdb_wrap_open failed`);
    terminal.complain(`Failed to attach to DB ${db.name}`);
    throw new CommandFailure(Errno.ENOMEM);
  }
}

/** A TDB file opened with no flags, for reading and writing; undefined if that fails. */
export function openPlainFile(path: string): TdbFile | undefined {
  try {
    return libtdbOpener.open({ path, flags: 0, create: false });
  } catch (error) {
    if (!(error instanceof TdbOpenError)) throw error;
    return undefined;
  }
}

/** Visits all records; waits for chains that others hold. */
export function visitRecords(file: TdbFile, visit: (key: Buffer, data: Buffer) => void): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const cursor = file.openCursor();
  try {
    for (;;) {
      const state = cursor.slice(SLICE_RECORDS, visit);
      if (state === "done") return;
      if (state === "busy") Atomics.wait(pause, 0, 0, BUSY_PAUSE_MS);
    }
  } finally {
    cursor.close();
  }
}
