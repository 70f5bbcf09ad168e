// Controls that only our daemons know. C daemons answer -1 to any number that they do not know.
import type { ControlName, ControlReply, ControlRequest } from "../../protocol/index.js";
import type { ClusterContext } from "../command.js";
import { CommandFailure } from "../errors.js";

/** Sends a control to the target node; complains and throws CommandFailure when it fails. */
export async function ownControl<N extends ControlName>(
  { cluster, targetPnn, terminal }: ClusterContext,
  name: N,
  request: ControlRequest<N>,
): Promise<ControlReply<N>> {
  const outcome = await cluster.tryControl(name, request, targetPnn);
  if (outcome.ok) return outcome.reply;
  cluster.complainAbout(name, targetPnn, outcome);
  if (outcome.replied)
    terminal.complain(`Node ${targetPnn} does not know it: its daemon is not ctdb-ts, or an older one`);
  throw new CommandFailure(outcome.result);
}
