// The tunable variables of a daemon. Called by getvar and setvar.
import type { ClusterContext } from "../command.js";
import { CommandFailure } from "../errors.js";

/** Checks that the target has this tunable, in whatever letter case; says so on standard output and throws if not. */
export async function requireTunable(context: ClusterContext, name: string): Promise<void> {
  const { cluster, targetPnn, terminal } = context;
  const outcome = await cluster.tryControl("LIST_TUNABLES", undefined, targetPnn);
  if (!outcome.ok) {
    cluster.complainAbout("LIST_TUNABLES", targetPnn, outcome);
    terminal.complain(`Failed to get list of variables from node ${targetPnn}`);
    throw new CommandFailure(outcome.result);
  }
  const names = outcome.reply;
  if (names.some((one) => one.toLowerCase() === name.toLowerCase())) return;
  terminal.out(`No such tunable ${name}\n`);
  throw new CommandFailure(1);
}
