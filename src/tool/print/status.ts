// Prints what `status` found besides the node lines: generation, VNN map, recovery mode, leader.
import type { JsonValue } from "../command.js";
import { type NodeReport, nodeJson } from "./nodes.js";

export interface ClusterReport {
  readonly generation: number;
  /** The lmaster of each hash slot. */
  readonly lmasters: readonly number[];
  /** Undefined where no leader announced itself. */
  readonly leader: number | undefined;
  readonly recoveryActive: boolean;
}

const INVALID_GENERATION = 1;

export function clusterText(report: ClusterReport): string {
  const generation = report.generation === INVALID_GENERATION ? "INVALID" : String(report.generation);
  return [
    `Generation:${generation}`,
    `Size:${report.lmasters.length}`,
    ...report.lmasters.map((lmaster, hash) => `hash:${hash} lmaster:${lmaster}`),
    `Recovery mode:${report.recoveryActive ? "RECOVERY (1)" : "NORMAL (0)"}`,
    `Leader:${report.leader ?? "UNKNOWN"}`,
    "",
  ].join("\n");
}

export function statusJson(nodes: readonly NodeReport[], deletedNodes: number, cluster: ClusterReport): JsonValue {
  return {
    nodes: nodes.map(nodeJson),
    deletedNodes,
    generation: cluster.generation === INVALID_GENERATION ? null : cluster.generation,
    vnnMap: cluster.lmasters,
    recoveryMode: cluster.recoveryActive ? "RECOVERY" : "NORMAL",
    leader: cluster.leader ?? null,
  };
}
