// The tunable variables of a daemon. Called by getvar, setvar and listvars.
import type { ClusterContext } from "../command.js";
import { CommandFailure } from "../errors.js";

/** The names that the target knows (control LIST_TUNABLES). Complains and throws CommandFailure. */
export async function fetchTunableNames({ cluster, targetPnn, terminal }: ClusterContext): Promise<readonly string[]> {
  try {
    return await cluster.control("LIST_TUNABLES", undefined, targetPnn);
  } catch (error) {
    if (error instanceof CommandFailure) terminal.complain(`Failed to get list of variables from node ${targetPnn}`);
    throw error;
  }
}

/** Checks that the target has this tunable, in whatever letter case; says so on standard output and throws if not. */
export async function requireTunable(context: ClusterContext, name: string): Promise<void> {
  const names = await fetchTunableNames(context);
  if (names.some((one) => one.toLowerCase() === name.toLowerCase())) return;
  context.terminal.out(`No such tunable ${name}\n`);
  throw new CommandFailure(1);
}
