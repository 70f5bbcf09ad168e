// The leader's checks that every active node sees the same cluster: recovery mode, node map, VNN map.
import { Capability, type NodeMap, RecoveryMode, type VnnMap } from "../protocol/index.js";
import type { ClusterView } from "./cluster-view.js";

/** Why a recovery is needed, and who gets the credit for it. */
export interface Inconsistency {
  readonly culprit: number;
  readonly text: string;
}

/** An active node whose node map has another length or other pnns than the own one. */
export function nodeMapInconsistency(view: ClusterView, maps: ReadonlyMap<number, NodeMap>): Inconsistency | undefined {
  for (const [pnn, map] of maps) {
    if (pnn === view.ownPnn || !view.isActive(pnn)) continue;
    if (map.nodes.length !== view.nodes.length) {
      return {
        culprit: pnn,
        text: `Remote node:${pnn} has different node count. ${map.nodes.length} vs ${view.nodes.length} of the local node`,
      };
    }
    const different = view.nodes.findIndex((node, index) => map.nodes[index]?.pnn !== node.pnn);
    if (different >= 0) return { culprit: pnn, text: `Remote node:${pnn} has different nodemap pnn for ${different}` };
  }
  return undefined;
}

/** The own VNN map against the active nodes that can be lmaster. */
export function vnnMapInconsistency(
  view: ClusterView,
  vnnMap: VnnMap,
  capabilities: ReadonlyMap<number, number>,
): Inconsistency | undefined {
  const lmasters = view.active().filter((pnn) => ((capabilities.get(pnn) ?? 0) & Capability.LMASTER) !== 0);
  if (lmasters.length === 0) {
    // Nobody can be lmaster: a map of the leader alone is all that a recovery can make.
    if (vnnMap.map.length === 1 && vnnMap.map[0] === view.ownPnn) return undefined;
  }
  if (vnnMap.map.length !== lmasters.length) {
    return {
      culprit: view.ownPnn,
      text: `The vnnmap count is different from the number of active lmaster nodes: ${vnnMap.map.length} vs ${lmasters.length}`,
    };
  }
  const missing = lmasters.find((pnn) => pnn !== view.ownPnn && !vnnMap.map.includes(pnn));
  if (missing !== undefined) {
    return { culprit: missing, text: `Node ${missing} is active in the nodemap but did not exist in the vnnmap` };
  }
  return undefined;
}

/** The VNN map of another active node against the own one. */
export function vnnMapDifference(own: VnnMap, pnn: number, other: VnnMap): Inconsistency | undefined {
  if (other.generation !== own.generation) {
    return {
      culprit: pnn,
      text: `Remote node ${pnn} has different generation of vnnmap ${other.generation} vs ${own.generation} (ours)`,
    };
  }
  if (other.map.length !== own.map.length) {
    return {
      culprit: pnn,
      text: `Remote node ${pnn} has different size of vnnmap ${other.map.length} vs ${own.map.length} (ours)`,
    };
  }
  const slot = own.map.findIndex((lmaster, index) => other.map[index] !== lmaster);
  if (slot >= 0) return { culprit: pnn, text: `Remote node ${pnn} has different vnnmap at slot ${slot}` };
  return undefined;
}

/** The first node that is not in recovery mode NORMAL. */
export function nodeInRecovery(modes: ReadonlyMap<number, number>): number | undefined {
  for (const [pnn, mode] of [...modes].sort(([a], [b]) => a - b)) if (mode !== RecoveryMode.NORMAL) return pnn;
  return undefined;
}
