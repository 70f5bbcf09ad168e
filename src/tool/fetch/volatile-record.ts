// One record of a volatile database, locked for a command. Called by readkey, writekey and deletekey.

import { ClientError, ConnectionLostError, type Database, type RecordHandle } from "../../client/index.js";
import { DbFlag } from "../../protocol/index.js";
import type { ClusterContext } from "../command.js";
import { CommandFailure, Errno } from "../errors.js";
import { openForRecords } from "./attach.js";
import { findDatabase, isVolatile } from "./databases.js";

/** The volatile database that `text` names, attached and open. Complains and throws CommandFailure. */
export async function openVolatile(context: ClusterContext, text: string): Promise<Database> {
  const found = await findDatabase(context, text);
  if (!isVolatile(found.flags)) {
    context.terminal.complain(`DB ${found.name} is not a volatile database`);
    throw new CommandFailure(1);
  }
  return openForRecords(context, found, {
    readonly: (found.flags & DbFlag.READONLY) !== 0,
    sticky: (found.flags & DbFlag.STICKY) !== 0,
  });
}

/** There is no limit but that of the whole run. */
const OPTIONS = { timeoutMs: 0 } as const;

/**
 * Locks the record. Where that cannot be done (no record has an empty key; the daemon refuses the call) it says so as the C tool does,
 * with `complaint` at the end, and throws CommandFailure.
 */
export function lockRecord(
  context: ClusterContext,
  database: Database,
  key: Buffer,
  complaint: string,
): Promise<RecordHandle> {
  return complaining(context, database, key, complaint, () => database.fetchLock(key, OPTIONS));
}

/** Reads the record without locking it, where the database has read-only copies without moving it. Fails as lockRecord does. */
export function readRecord(
  context: ClusterContext,
  database: Database,
  key: Buffer,
  complaint: string,
): Promise<Buffer | undefined> {
  return complaining(context, database, key, complaint, () => database.read(key, OPTIONS));
}

async function complaining<T>(
  { terminal }: ClusterContext,
  { name }: Database,
  key: Buffer,
  complaint: string,
  fetch: () => Promise<T>,
): Promise<T> {
  // Daemons refuse calls for it.
  if (key.length === 0) {
    terminal.complain(`fetch_lock: ${name} CALL failed, ret=${Errno.EINVAL}`);
    terminal.complain(complaint);
    throw new CommandFailure(Errno.EINVAL);
  }
  try {
    return await fetch();
  } catch (error) {
    if (!(error instanceof ClientError) || error instanceof ConnectionLostError) throw error;
    terminal.complain(complaint);
    throw new CommandFailure(Errno.EIO);
  }
}
