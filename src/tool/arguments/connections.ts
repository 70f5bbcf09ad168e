// TCP connections (`SRC:PORT DST:PORT`) as arguments, or one a line on standard input. Called by addtickle, deltickle, tickle.
import { readFileSync } from "node:fs";
import type { Connection } from "../../protocol/index.js";
import { CommandFailure, Errno, UsageError } from "../errors.js";
import type { Terminal } from "../terminal.js";
import { parseIpPort } from "./addresses.js";

const STDIN = 0;

/**
 * The connections of the lines of `text`; empty lines and comments are skipped, as are further words. Undefined where a line is no connection.
 */
export function parseConnectionLines(text: string): Connection[] | undefined {
  const connections: Connection[] = [];
  for (const line of text.split("\n")) {
    const words = line.split(/[ \t]+/).filter((word) => word !== "");
    if (words.length === 0 || words[0]?.startsWith("#")) continue;
    const [src, dst] = [parseIpPort(words[0] ?? ""), parseIpPort(words[1] ?? "")];
    if (src === undefined || dst === undefined) return undefined;
    connections.push({ src, dst });
  }
  return connections;
}

/**
 * The connection that two arguments name, or with no argument a list from standard input.
 * Throws UsageError for one argument; complains and throws CommandFailure for bad addresses.
 */
export function connectionsFromArguments(
  args: readonly string[],
  terminal: Terminal,
): { readonly fromInput: boolean; readonly connections: readonly Connection[] } {
  if (args.length === 0) {
    const connections = parseConnectionLines(readFileSync(STDIN, "utf8"));
    if (connections === undefined) throw new CommandFailure(Errno.EINVAL);
    return { fromInput: true, connections };
  }
  if (args.length !== 2) throw new UsageError();
  const [src, dst] = args.map((text) => {
    const end = parseIpPort(text);
    if (end !== undefined) return end;
    terminal.complain(`Invalid IP address ${text}`);
    throw new CommandFailure(1);
  });
  if (src === undefined || dst === undefined) throw new UsageError();
  return { fromInput: false, connections: [{ src, dst }] };
}
