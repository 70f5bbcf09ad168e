// The nodes list of this machine: the file or the command that the configuration names. Called by listnodes, reloadnodes
// and when no daemon answers.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { SockAddr } from "../../protocol/index.js";
import { parseIp } from "../arguments/addresses.js";
import { toolPaths } from "../paths.js";
import type { Terminal } from "../terminal.js";

/** A line of the nodes list; its place in the list is the pnn. */
export interface ListedNode {
  readonly pnn: number;
  readonly addr: SockAddr;
  /** The line is commented out: a place of a node that is gone. */
  readonly deleted: boolean;
}

/** The nodes list cannot be read; the message is the C tool's. */
export class NodesListError extends Error {
  constructor(source: string) {
    super(`Failed to read nodes from "${source}"`);
    this.name = "NodesListError";
  }
}

const DELETED_ADDRESS: SockAddr = { family: 4, address: "0.0.0.0", port: 0 };

/** Reads the list. Complains about a bad line; throws NodesListError. */
export function readNodesList(env: NodeJS.ProcessEnv, terminal: Terminal): ListedNode[] {
  const source = toolPaths(env).nodesList;
  return parseNodesList(source.startsWith("!") ? commandOutput(source, terminal) : fileText(source), source, terminal);
}

function fileText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new NodesListError(path);
  }
}

/** Output of the command behind the exclamation mark; its exit status does not matter. */
function commandOutput(source: string, terminal: Terminal): string {
  const [program = "", ...args] = source
    .slice(1)
    .split(/[ \t]+/)
    .filter((word) => word !== "");
  const { error, stdout } = spawnSync(program, args, { stdio: ["ignore", "pipe", "inherit"], encoding: "utf8" });
  if (error !== undefined && stdout === null) {
    terminal.complain(`sys_popenv: ERROR executing command '${program}': No such file or directory`);
    throw new NodesListError(source);
  }
  return stdout ?? "";
}

/** The nodes of the text of a list. Complains about a bad line and throws NodesListError. */
export function parseNodesList(text: string, source: string, terminal: Terminal): ListedNode[] {
  const nodes: ListedNode[] = [];
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.replace(/^[ \t]+|[ \t]+$/g, "");
    if (line === "") continue;
    const pnn = nodes.length;
    if (line.startsWith("#")) {
      nodes.push({ pnn, addr: DELETED_ADDRESS, deleted: true });
      continue;
    }
    const addr = parseIp(line);
    if (addr === undefined) {
      terminal.complain(`Invalid node address ${line}`);
      throw new NodesListError(source);
    }
    nodes.push({ pnn, addr, deleted: false });
  }
  return nodes;
}
