// Whether this machine is a node of the cluster by its nodes list; said when no daemon answers. Called by connect.ts.
import { networkInterfaces } from "node:os";
import type { Terminal } from "../terminal.js";
import { NodesListError, readNodesList } from "./nodes-list.js";

const QUESTION = "Is this node part of CTDB cluster?";

/** Complains if no address of the nodes list is one of this machine. */
export function adviseOnMembership(env: NodeJS.ProcessEnv, terminal: Terminal): void {
  try {
    const nodes = readNodesList(env, terminal);
    if (nodes.some((node) => !node.deleted && isLocalAddress(node.addr.address))) return;
    terminal.complain("Failed to detect PNN of the current node.");
  } catch (error) {
    if (!(error instanceof NodesListError)) throw error;
    terminal.complain(error.message);
  }
  terminal.complain(QUESTION);
}

/** One of the addresses of our interfaces; all of 127.0.0.0/8 is ours too. */
function isLocalAddress(address: string): boolean {
  if (address.startsWith("127.")) return true;
  return Object.values(networkInterfaces()).some((list) => list?.some((one) => one.address === address));
}
