// Checks the node that `-n` names. Called by run.ts before the command starts.
import { NodeFlag } from "../../protocol/index.js";
import type { ClusterAccess } from "../cluster-access.js";
import { CommandFailure } from "../errors.js";
import { nodeFlagsText } from "../print/node-flags.js";
import type { Terminal } from "../terminal.js";
import { fetchNodeMap } from "./node-map.js";

/** Complains and throws CommandFailure for a node that does not exist or cannot be reached. */
export async function requireReachable(cluster: ClusterAccess, terminal: Terminal, pnn: number): Promise<void> {
  const nodes = await fetchNodeMap(cluster, terminal);
  const node = nodes[pnn];
  if (node === undefined) {
    terminal.complain(`Node ${pnn} does not exist`);
    throw new CommandFailure(1);
  }
  if ((node.flags & (NodeFlag.DISCONNECTED | NodeFlag.DELETED)) !== 0) {
    terminal.complain(`Node ${pnn} has status ${nodeFlagsText(node.flags)}`);
    throw new CommandFailure(1);
  }
}
