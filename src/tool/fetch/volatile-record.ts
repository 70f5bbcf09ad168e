// One record of a volatile database, locked for a command. Called by readkey, writekey and deletekey.
import type { Database, RecordHandle } from "../../client/index.js";
import type { ClusterContext } from "../command.js";
import { CommandFailure } from "../errors.js";
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

/** Locks the record; there is no limit but that of the whole run. */
export function lockRecord(database: Database, key: Buffer): Promise<RecordHandle> {
  return database.fetchLock(key, { timeoutMs: 0 });
}
