// Node lists as status and nodestatus show them: flags that are not known yet, and healthy nodes with a dead interface.
import { type NodeEntry, NodeFlag } from "../../protocol/index.js";
import type { ClusterContext } from "../command.js";
import { CommandFailure } from "../errors.js";
import { NODE_FLAG_UNKNOWN } from "../print/node-flags.js";
import type { NodeReport } from "../print/nodes.js";
import { RUNSTATE_FIRST_RECOVERY } from "./runstate.js";

/**
 * The nodes with the flags to be shown: until the target has left its first recovery, it does not know the state of
 * others, which is then UNKNOWN. Complains and throws CommandFailure.
 */
export async function withKnownStates(context: ClusterContext, nodes: readonly NodeEntry[]): Promise<NodeEntry[]> {
  const outcome = await context.cluster.tryControl("GET_RUNSTATE", undefined, context.targetPnn);
  if (!outcome.ok) {
    context.cluster.complainAbout("GET_RUNSTATE", context.targetPnn, outcome);
    context.terminal.out("Unable to get runstate");
    throw new CommandFailure(1);
  }
  if (outcome.reply > RUNSTATE_FIRST_RECOVERY) return [...nodes];
  return nodes.map((node) => {
    const keeps = (node.flags & (NodeFlag.DELETED | NodeFlag.DISCONNECTED)) !== 0 || node.pnn === context.targetPnn;
    return keeps ? node : { ...node, flags: NODE_FLAG_UNKNOWN };
  });
}

/** One node for printing; asks a healthy one for its interfaces, and complains if that fails. */
export async function nodeReport({ cluster, targetPnn }: ClusterContext, node: NodeEntry): Promise<NodeReport> {
  return {
    pnn: node.pnn,
    address: node.addr.address,
    flags: node.flags,
    partiallyOnline: node.flags === 0 && (await hasDeadInterface(cluster, node.pnn)),
    thisNode: node.pnn === targetPnn,
  };
}

async function hasDeadInterface(cluster: ClusterContext["cluster"], pnn: number): Promise<boolean> {
  const outcome = await cluster.tryControl("GET_IFACES", undefined, pnn);
  if (outcome.ok) return outcome.reply.ifaces.some((one) => one.linkState === 0);
  cluster.complainAbout("GET_IFACES", pnn, outcome);
  return false;
}
