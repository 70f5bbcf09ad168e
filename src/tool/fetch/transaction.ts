// Transactions of the commands on persistent and replicated databases: those of the client library, with the lock that keeps the C
// tool out and with its complaints. Called by pfetch, pstore, pdelete and ptrans.

import {
  ClientError,
  ConnectionLostError,
  type Database,
  type Transaction,
  type TransactionView,
} from "../../client/index.js";
import { DbFlag } from "../../protocol/index.js";
import type { ClusterContext } from "../command.js";
import { CommandFailure, Errno } from "../errors.js";
import { openForRecords } from "./attach.js";
import { findDatabase, isVolatile } from "./databases.js";

/** No limit but that of the whole run. */
const OPTIONS = { lockFormat: "ctdb", timeoutMs: 0 } as const;

/** The persistent or replicated database that `text` names. Complains and throws CommandFailure. */
export async function openTransactional(context: ClusterContext, text: string): Promise<Database> {
  const { terminal } = context;
  const found = await findDatabase(context, text);
  if (isVolatile(found.flags)) {
    terminal.complain(`Transactions not supported on DB ${found.name}`);
    throw new CommandFailure(1);
  }
  return openForRecords(context, found, {
    type: (found.flags & DbFlag.PERSISTENT) !== 0 ? "persistent" : "replicated",
  });
}

/** Runs `body` in a transaction and commits. Complains and throws CommandFailure. */
export function inTransaction(
  context: ClusterContext,
  database: Database,
  body: (transaction: Transaction) => void,
): Promise<void> {
  return complaining(context, `Failed to commit transaction on db ${database.name}`, () =>
    database.transaction(body, OPTIONS),
  );
}

/** Reads while nobody commits. Complains and throws CommandFailure. */
export function inReadTransaction<T>(
  context: ClusterContext,
  database: Database,
  body: (view: TransactionView) => Promise<T>,
): Promise<T> {
  return complaining(context, `Failed to start transaction on db ${database.name}`, () =>
    database.readTransaction(body, OPTIONS),
  );
}

async function complaining<T>(context: ClusterContext, complaint: string, run: () => Promise<T>): Promise<T> {
  const { terminal, cluster } = context;
  try {
    const result = await run();
    await cluster.flushed();
    return result;
  } catch (error) {
    if (!(error instanceof ClientError) || error instanceof ConnectionLostError) throw error;
    terminal.complain(error.message);
    terminal.complain(complaint);
    throw new CommandFailure(Errno.EIO);
  }
}
