// The nodes list of this machine, with the complaints of the C tool. Called by listnodes, reloadnodes and when no daemon answers.
import { NodesListError } from "../../config/errors.js";
import { loadNodesList } from "../../config/nodes-list.js";
import { CommandFailure } from "../errors.js";
import type { Terminal } from "../terminal.js";

/** A line of the nodes list; its place in the list is the pnn. */
export interface ListedNode {
  readonly pnn: number;
  readonly address: string;
  /** The line is commented out: a place of a node that is gone. */
  readonly deleted: boolean;
}

/** Reads the list from a file, or from a command behind `!`. Complains and throws CommandFailure. */
export function readNodesList(source: string, terminal: Terminal): ListedNode[] {
  try {
    return loadNodesList(source).map((node, pnn) => ({ pnn, ...node }));
  } catch (error) {
    if (!(error instanceof NodesListError)) throw error;
    if (error.badAddress !== undefined) terminal.complain(`Invalid node address ${error.badAddress}`);
    else if (source.startsWith("!")) {
      const program = source.slice(1).trim().split(/[ \t]/)[0] ?? "";
      terminal.complain(`sys_popenv: ERROR executing command '${program}': No such file or directory`);
    }
    terminal.complain(`Failed to read nodes from "${source}"`);
    throw new CommandFailure(1);
  }
}
