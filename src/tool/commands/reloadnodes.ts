// `ctdb reloadnodes`: all nodes read their nodes list again, after a check that they have the same one (controls
// GET_NODES_FILE, RELOAD_NODES_FILE).
import { type NodeEntry, NodeFlag, Srvid } from "../../protocol/index.js";
import type { ClusterCommand, ClusterContext } from "../command.js";
import { disableOn } from "../fetch/disabling.js";
import { connectedPnns, fetchNodeMap } from "../fetch/node-map.js";
import { type ListedNode, readNodesList } from "../fetch/nodes-list.js";

/** Says whether two nodes lists are the same. */
export function sameNodesLists(own: readonly ListedNode[], other: readonly NodeEntry[]): boolean {
  return (
    own.length === other.length &&
    own.every((node, index) => {
      const theirs = other[index];
      return (
        theirs !== undefined &&
        theirs.pnn === node.pnn &&
        theirs.flags === (node.deleted ? NodeFlag.DELETED : 0) &&
        theirs.addr.address === node.address
      );
    })
  );
}

/** A line about a node of the comparison, and where it is printed. */
export interface NodeChange {
  readonly stream: "out" | "complain";
  readonly text: string;
}

export interface NodesComparison {
  readonly lines: readonly NodeChange[];
  /** The list cannot be loaded. */
  readonly error: boolean;
  readonly changed: boolean;
}

/** Compares the cluster's nodes with the list that is to be loaded. */
export function compareNodes(current: readonly NodeEntry[], list: readonly ListedNode[]): NodesComparison {
  const lines: NodeChange[] = [];
  let error = false;
  let changed = false;
  const out = (text: string): number => lines.push({ stream: "out", text });
  const complain = (text: string): number => lines.push({ stream: "complain", text });
  for (const [pnn, node] of current.entries()) {
    const listed = list[pnn];
    const wasDeleted = (node.flags & NodeFlag.DELETED) !== 0;
    const connected = (node.flags & NodeFlag.DISCONNECTED) === 0;
    if (listed === undefined) {
      complain(`Node ${pnn} (${node.addr.address}) missing from nodes file`);
      error = true;
    } else if (wasDeleted && listed.deleted) {
      // It stays deleted.
    } else if (wasDeleted) {
      out(`Node ${pnn} is UNDELETED`);
      changed = true;
    } else if (listed.deleted) {
      out(`Node ${pnn} is DELETED`);
      changed = true;
      if (connected) {
        complain(`ERROR: Node ${pnn} is still connected`);
        error = true;
      }
    } else if (node.addr.address !== listed.address) {
      complain(`Node ${pnn} has changed IP address (was ${node.addr.address}, now ${listed.address})`);
      error = true;
    } else if (!connected) {
      complain(`WARNING: Node ${pnn} is disconnected. You MUST fix this node manually!`);
    }
  }
  if (error) return { lines, error, changed };
  for (const { pnn } of list.slice(current.length)) {
    out(`Node ${pnn} is NEW`);
    changed = true;
  }
  return { lines, error, changed };
}

/** Checks that every connected node has our list. A result that is not 0 ends the command. */
async function checkOtherLists(
  { cluster, terminal, localPnn }: ClusterContext,
  current: readonly NodeEntry[],
  list: readonly ListedNode[],
): Promise<number> {
  for (const pnn of connectedPnns(current)) {
    const outcome = await cluster.tryControl("GET_NODES_FILE", undefined, pnn);
    if (!outcome.ok) {
      cluster.complainAbout("GET_NODES_FILE", pnn, outcome);
      terminal.complain(`ERROR: Failed to get nodes file from node ${pnn}`);
      return outcome.result;
    }
    if (!sameNodesLists(list, outcome.reply.nodes)) {
      terminal.complain(`ERROR: Nodes file on node ${pnn} differs from current node (${localPnn})`);
      return 1;
    }
  }
  return 0;
}

async function reload({ cluster, terminal, options }: ClusterContext, pnns: readonly number[]): Promise<number> {
  if (!(await disableOn(cluster, Srvid.DISABLE_RECOVERIES, pnns, 2 * options.timeLimitSeconds))) {
    terminal.complain("Failed to disable recoveries");
    return 1;
  }
  const { result, outcomes } = await cluster.controlAll("RELOAD_NODES_FILE", undefined, pnns);
  for (const pnn of pnns) {
    if (outcomes.get(pnn)?.ok !== true) terminal.complain(`Node ${pnn} failed to reload nodes`);
  }
  if (result !== 0) terminal.complain("You MUST fix failed nodes manually!");
  if (!(await disableOn(cluster, Srvid.DISABLE_RECOVERIES, pnns, 0))) {
    terminal.complain("Failed to enable recoveries");
    return 1;
  }
  return 0;
}

const command: ClusterCommand = {
  async run(context) {
    const { cluster, terminal, place } = context;
    const current = await fetchNodeMap(cluster, terminal);
    const list = readNodesList(place.nodesList, terminal);
    const differing = await checkOtherLists(context, current, list);
    if (differing !== 0) return differing;
    const comparison = compareNodes(current, list);
    for (const { stream, text } of comparison.lines) {
      if (stream === "out") terminal.out(`${text}\n`);
      else terminal.complain(text);
    }
    if (comparison.error) {
      terminal.complain("ERROR: Nodes will not be reloaded due to previous error");
      return 1;
    }
    if (!comparison.changed) {
      terminal.complain("No change in nodes file, skipping unnecessary reload");
      return 0;
    }
    return reload(context, connectedPnns(current));
  },
};
export default command;
