// Names of the flags of a node, in the order in which CTDB prints them.

import { NodeFlag } from "../../protocol/index.js";

/** The tool's own: the node did not say how it is. */
export const NODE_FLAG_UNKNOWN = 0x40;

const NAMES: readonly (readonly [flag: number, name: string])[] = [
  [NodeFlag.DISCONNECTED, "DISCONNECTED"],
  [NODE_FLAG_UNKNOWN, "UNKNOWN"],
  [NodeFlag.PERMANENTLY_DISABLED, "DISABLED"],
  [NodeFlag.BANNED, "BANNED"],
  [NodeFlag.UNHEALTHY, "UNHEALTHY"],
  [NodeFlag.DELETED, "DELETED"],
  [NodeFlag.STOPPED, "STOPPED"],
  [NodeFlag.INACTIVE, "INACTIVE"],
];

/** The names of all flags that are set. */
export function nodeFlagNames(flags: number): string[] {
  return NAMES.filter(([flag]) => (flags & flag) !== 0).map(([, name]) => name);
}

/** `DISCONNECTED|UNHEALTHY|INACTIVE`, or `OK`. */
export function nodeFlagsText(flags: number): string {
  return nodeFlagNames(flags).join("|") || "OK";
}

/** The columns of `-X status`: one 0 or 1 a flag. */
export function nodeFlagColumns(flags: number): number[] {
  return [
    NodeFlag.DISCONNECTED,
    NODE_FLAG_UNKNOWN,
    NodeFlag.BANNED,
    NodeFlag.PERMANENTLY_DISABLED,
    NodeFlag.UNHEALTHY,
    NodeFlag.STOPPED,
    NodeFlag.INACTIVE,
  ].map((flag) => ((flags & flag) !== 0 ? 1 : 0));
}
