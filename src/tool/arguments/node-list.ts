// `all` or a comma list of node numbers, as nodestatus and reloadips take it.

import { type NodeEntry, NodeFlag } from "../../protocol/index.js";
import { CommandFailure } from "../errors.js";
import type { Terminal } from "../terminal.js";
import { strtoul } from "./numbers.js";

/**
 * The nodes that `text` names, in its order; duplicates stay. Undefined names `otherwise`.
 * Complains and throws CommandFailure for a bad or unknown number.
 */
export function selectNodes(
  nodes: readonly NodeEntry[],
  text: string | undefined,
  otherwise: number,
  terminal: Terminal,
): NodeEntry[] {
  if (text === undefined) return nodes.filter((node) => node.pnn === otherwise);
  if (text === "all") return [...nodes];
  return text
    .split(",")
    .filter((word) => word !== "")
    .map((word) => {
      const pnn = strtoul(word);
      if (pnn === undefined) {
        terminal.complain(`Invalid node ${word}`);
        throw new CommandFailure(1);
      }
      const node = nodes.find((one) => one.pnn === pnn);
      if (node === undefined) {
        terminal.complain(`Node ${pnn} does not exist`);
        throw new CommandFailure(1);
      }
      return node;
    });
}

export function withoutDeleted(nodes: readonly NodeEntry[]): NodeEntry[] {
  return nodes.filter((node) => (node.flags & NodeFlag.DELETED) === 0);
}
