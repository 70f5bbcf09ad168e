// Whether this machine is a node of the cluster by its nodes list; said when no daemon answers. Called by connect.ts.
import { networkInterfaces } from "node:os";
import { CommandFailure } from "../errors.js";
import type { Terminal } from "../terminal.js";
import { readNodesList } from "./nodes-list.js";

/** Complains if no address of the nodes list is one of this machine. */
export function adviseOnMembership(nodesList: string, terminal: Terminal): void {
  try {
    const nodes = readNodesList(nodesList, terminal);
    if (nodes.some((node) => !node.deleted && isLocalAddress(node.address))) return;
    terminal.complain("Failed to detect PNN of the current node.");
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
  }
  terminal.complain("Is this node part of CTDB cluster?");
}

/** One of the addresses of our interfaces; all of 127.0.0.0/8 is ours too. */
function isLocalAddress(address: string): boolean {
  if (address.startsWith("127.")) return true;
  return Object.values(networkInterfaces()).some((list) => list?.some((one) => one.address === address));
}
