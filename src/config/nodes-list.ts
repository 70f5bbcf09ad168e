// The nodes list: a file, or the output of a command. Its lines number the nodes. Read at start-up and whenever the cluster
// reloads or compares it (CTDB controls RELOAD_NODES_FILE and GET_NODES_FILE).
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { isIPv4, isIPv6 } from "node:net";
import { canonicalSockAddr, sockAddr } from "../protocol/index.js";
import { NodesListError } from "./errors.js";

/** One node; its place in the list is the pnn. */
export interface NodesListEntry {
  /** IPv4 or IPv6 literal, in its shortest form; "0.0.0.0" for a deleted node. */
  readonly address: string;
  readonly deleted: boolean;
}

const DELETED: NodesListEntry = { address: "0.0.0.0", deleted: true };

/** A command that takes longer has failed: the daemon serves nobody while it waits. */
const COMMAND_LIMIT_MS = 30_000;
const COMMAND_OUTPUT_MAX_BYTES = 16 * 1024 * 1024;

/**
 * Reads the list from `source`: a path, or `!` and a command with its arguments (split at blanks, no quoting; its exit status
 * does not count). Blocks until the command has ended. Throws NodesListError.
 */
export function loadNodesList(source: string): NodesListEntry[] {
  return parseNodesList(source.startsWith("!") ? commandOutput(source) : fileText(source), source);
}

/** The nodes of a text; `source` is for the messages. Any bad line fails the whole list: NodesListError. */
export function parseNodesList(text: string, source: string): NodesListEntry[] {
  const nodes: NodesListEntry[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.replace(/^[ \t]+|[ \t]+$/g, "");
    // Empty lines take no pnn; commented lines do, they keep the place of a node that is gone.
    if (line === "") continue;
    if (line.startsWith("#")) {
      nodes.push(DELETED);
      continue;
    }
    const address = plainAddress(line);
    if (address === undefined) {
      throw new NodesListError(
        source,
        `line ${index + 1}: "${line}" is no IP address (names and ports are not possible)`,
        line,
      );
    }
    nodes.push({ address, deleted: false });
  }
  return nodes;
}

/** The text of an address in the one form in which addresses are compared; undefined if it is none. */
export function plainAddress(text: string): string | undefined {
  // IPv6 may stand in brackets, as for the C daemon.
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  if (!isIPv4(bare) && (!isIPv6(bare) || bare.includes("%"))) return undefined;
  return canonicalSockAddr(sockAddr(bare)).address;
}

function fileText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new NodesListError(path, error instanceof Error ? error.message : String(error));
  }
}

function commandOutput(source: string): string {
  const [program, ...args] = source
    .slice(1)
    .split(/[ \t]+/)
    .filter((word) => word !== "");
  if (program === undefined) throw new NodesListError(source, "there is no command behind the exclamation mark");
  const { error, stdout } = spawnSync(program, args, {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
    timeout: COMMAND_LIMIT_MS,
    maxBuffer: COMMAND_OUTPUT_MAX_BYTES,
    killSignal: "SIGKILL",
  });
  if (error !== undefined) throw new NodesListError(source, error.message);
  return stdout;
}
