// Replaces or empties a database on all active nodes, in the steps of a recovery. Called by wipedb and restoredb.
import type { ControlName, ControlRequest } from "../../protocol/index.js";
import type { ClusterContext } from "../command.js";
import { CommandFailure } from "../errors.js";

const RECOVERY_ACTIVE = 1;

/** One control to all nodes at once. Throws CommandFailure with the first failure. */
export async function stepOnAll<N extends ControlName>(
  { cluster }: ClusterContext,
  pnns: readonly number[],
  name: N,
  request: ControlRequest<N>,
): Promise<void> {
  const { result } = await cluster.controlAll(name, request, pnns);
  if (result !== 0) throw new CommandFailure(result);
}

/**
 * Freezes the database on the nodes, empties it, lets `fill` fill it, and sets it free. When a step fails a recovery is asked
 * for, which repairs the database. Throws CommandFailure.
 */
export async function rewriteDatabase(
  context: ClusterContext,
  pnns: readonly number[],
  databaseId: number,
  generation: number,
  fill: () => Promise<void>,
): Promise<void> {
  const { cluster, localPnn } = context;
  const transaction = { dbId: databaseId, tid: generation };
  try {
    await stepOnAll(context, pnns, "DB_FREEZE", databaseId);
    await stepOnAll(context, pnns, "DB_TRANSACTION_START", transaction);
    await stepOnAll(context, pnns, "WIPE_DATABASE", transaction);
    await fill();
    await stepOnAll(context, pnns, "DB_SET_HEALTHY", databaseId);
    await stepOnAll(context, pnns, "DB_TRANSACTION_COMMIT", transaction);
    await stepOnAll(context, pnns, "DB_THAW", databaseId);
  } catch (error) {
    if (error instanceof CommandFailure) {
      const outcome = await cluster.tryControl("SET_RECMODE", RECOVERY_ACTIVE, localPnn);
      if (!outcome.ok) cluster.complainAbout("SET_RECMODE", localPnn, outcome);
    }
    throw error;
  }
}
