// Prints node lists: the lines of status and nodestatus, and listnodes.
import type { JsonValue } from "../command.js";
import { machineLine } from "./machine-line.js";
import { nodeFlagColumns, nodeFlagNames, nodeFlagsText } from "./node-flags.js";

/** One node that is not deleted. */
export interface NodeReport {
  readonly pnn: number;
  readonly address: string;
  /** Node flags, with 0x40 for a node whose state is not known yet. */
  readonly flags: number;
  /** Healthy, but at least one of its interfaces is down. */
  readonly partiallyOnline: boolean;
  /** The node that was asked. */
  readonly thisNode: boolean;
}

const COLUMNS = [
  "Node",
  "IP",
  "Disconnected",
  "Unknown",
  "Banned",
  "Disabled",
  "Unhealthy",
  "Stopped",
  "Inactive",
  "PartiallyOnline",
  "ThisNode",
];

export function nodeHeader(separator: string): string {
  return machineLine(COLUMNS, separator);
}

export function nodeMachineLine(node: NodeReport, separator: string): string {
  const columns = [...nodeFlagColumns(node.flags), node.partiallyOnline ? 1 : 0, node.thisNode ? "Y" : "N"];
  return machineLine([node.pnn, node.address, ...columns], separator);
}

export function nodePlainLine(node: NodeReport): string {
  const state = node.partiallyOnline ? "PARTIALLYONLINE" : nodeFlagsText(node.flags);
  return `pnn:${node.pnn} ${node.address.padEnd(16)} ${state}${node.thisNode ? " (THIS NODE)" : ""}\n`;
}

/** `Number of nodes:4 (including 1 deleted nodes)`; `count` includes the deleted ones. */
export function nodeCountLine(count: number, deleted: number): string {
  return deleted === 0
    ? `Number of nodes:${count}\n`
    : `Number of nodes:${count} (including ${deleted} deleted nodes)\n`;
}

export function nodeJson(node: NodeReport): JsonValue {
  return {
    pnn: node.pnn,
    address: node.address,
    flags: nodeFlagNames(node.flags),
    healthy: node.flags === 0,
    partiallyOnline: node.partiallyOnline,
    thisNode: node.thisNode,
  };
}
