// The nodes as the local daemon (or, while it is banned, another one) sees them. Called by target-node.ts for `-n` and by many
// commands.
import { type NodeEntry, NodeFlag } from "../../protocol/index.js";
import type { ClusterAccess } from "../cluster-access.js";
import { CommandFailure } from "../errors.js";
import type { Terminal } from "../terminal.js";

/**
 * Fetches the node map: from the local node, or from the next connected one while the asked one is banned (a banned
 * node's view may be stale). Prints what fails and throws CommandFailure.
 */
export async function fetchNodeMap(cluster: ClusterAccess, terminal: Terminal): Promise<readonly NodeEntry[]> {
  let asked = cluster.localPnn;
  for (;;) {
    const outcome = await cluster.tryControl("GET_NODEMAP", undefined, asked);
    if (!outcome.ok) {
      cluster.complainAbout("GET_NODEMAP", asked, outcome);
      terminal.complain(`Failed to get nodemap from node ${asked}`);
      throw new CommandFailure(1);
    }
    const map = outcome.reply.nodes;
    if (((map[asked]?.flags ?? 0) & NodeFlag.BANNED) === 0) return map;
    asked = nextConnected(map, asked);
    if (asked === cluster.localPnn) {
      terminal.complain("Warning: All nodes are banned.");
      throw new CommandFailure(1);
    }
  }
}

function nextConnected(map: readonly NodeEntry[], pnn: number): number {
  for (let step = 1; step <= map.length; step += 1) {
    const candidate = (pnn + step) % map.length;
    if (((map[candidate]?.flags ?? NodeFlag.DELETED) & (NodeFlag.DELETED | NodeFlag.DISCONNECTED)) === 0)
      return candidate;
  }
  return pnn;
}

/** The pnns of nodes that take part in the cluster. */
export function activePnns(map: readonly NodeEntry[], except?: number): number[] {
  return map.filter((node) => (node.flags & NodeFlag.INACTIVE) === 0 && node.pnn !== except).map((node) => node.pnn);
}

/** The pnns of nodes that can be reached. */
export function connectedPnns(map: readonly NodeEntry[], except?: number): number[] {
  return map
    .filter((node) => (node.flags & NodeFlag.DISCONNECTED) === 0 && node.pnn !== except)
    .map((node) => node.pnn);
}
