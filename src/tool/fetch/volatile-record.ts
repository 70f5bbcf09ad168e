// One record of a volatile database, locked for a command. Called by readkey, writekey and deletekey.
import type { Database, RecordHandle } from "../../client/index.js";
import type { ClusterContext } from "../command.js";
import { CommandFailure, Errno } from "../errors.js";
import { attachForRecords } from "./attach.js";
import { DB_READONLY, DB_STICKY, findDatabase, isVolatile } from "./databases.js";

/** The volatile database that `text` names, attached and open. Complains and throws CommandFailure. */
export async function openVolatile(context: ClusterContext, text: string): Promise<Database> {
  const found = await findDatabase(context, text);
  if (!isVolatile(found.flags)) {
    context.terminal.complain(`DB ${found.name} is not a volatile database`);
    throw new CommandFailure(1);
  }
  await attachForRecords(context, found);
  return context.cluster.client.attach(found.name, {
    readonly: (found.flags & DB_READONLY) !== 0,
    sticky: (found.flags & DB_STICKY) !== 0,
  });
}

/**
 * Locks the record; there is no limit but that of the whole run. Where that cannot be done (no record has an empty key) it says so
 * as the C tool does, with `complaint` behind it, and throws CommandFailure.
 */
export async function lockRecord(
  context: ClusterContext,
  database: Database,
  key: Buffer,
  complaint: string,
): Promise<RecordHandle> {
  requireKey(context, database, key, complaint);
  return database.fetchLock(key, { timeoutMs: 0 });
}

/** Complains and throws CommandFailure for an empty key, which daemons refuse to call for. */
export function requireKey({ terminal }: ClusterContext, { name }: Database, key: Buffer, complaint: string): void {
  if (key.length > 0) return;
  terminal.complain(`fetch_lock: ${name} CALL failed, ret=${Errno.EINVAL}`);
  terminal.complain(complaint);
  throw new CommandFailure(Errno.EINVAL);
}
