// States of a world that stories wait for or insist on.
import { NodeFlag } from "../../protocol/index.js";
import type { World } from "../world.js";

/** What a node says of itself. */
export function ownFlags(world: World, pnn: number): number | undefined {
  return world.node(pnn).ctdb?.nodes.get(pnn)?.flags;
}

/** Running nodes that do not call themselves stopped or banned. */
export function activeNodes(world: World): number[] {
  return world.running().filter((pnn) => ((ownFlags(world, pnn) ?? 0) & NodeFlag.INACTIVE) === 0);
}

/** Healthy, no recovery is under way, and the map has the running nodes that want to be lmaster, and no other. */
export function isWhole(world: World): boolean {
  return world.isHealthy() && mapIsOf(world, world.running()) && !leadsRecovery(world);
}

function leadsRecovery(world: World): boolean {
  return world.nodes.some(({ ctdb, clusterManager }) => ctdb !== undefined && clusterManager?.leadsRecovery === true);
}

/** All active nodes are in normal recovery mode, agree, have a map of themselves, and no recovery is under way. */
export function isRecovered(world: World): boolean {
  const active = activeNodes(world);
  const [first] = active;
  if (first === undefined) return false;
  const generation = world.node(first).ctdb?.state.generation;
  for (const pnn of active) {
    const state = world.node(pnn).ctdb?.state;
    if (state === undefined || state.isRecovering || state.generation !== generation) return false;
  }
  return mapIsOf(world, active) && !leadsRecovery(world);
}

function mapIsOf(world: World, pnns: readonly number[]): boolean {
  const expected = pnns.filter((pnn) => world.node(pnn).settings.lmasterCapability).join();
  return pnns.every((pnn) => world.node(pnn).ctdb?.state.vnnMap.map.join() === expected);
}
