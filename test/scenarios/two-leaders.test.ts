// Two nodes that both believe to hold the cluster lock: it got lost on one of them, and that one has not noticed yet.
import assert from "node:assert/strict";
import { test } from "node:test";
import { World } from "../../src/simulator/world.js";

/** A helper looks again after 5 s. */
const LOCK_RECHECK_MS = 5000;

async function worldWithTwoLeaders(): Promise<World> {
  const world = new World({ seed: 5, nodes: 3, settings: { leaderTimeoutSeconds: 2 } });
  world.start();
  assert.ok(await world.runUntil(() => world.isHealthy(), 60_000));
  const old = world.leader();
  assert.ok(old !== undefined);
  const others = [0, 1, 2].filter((pnn) => pnn !== old);
  world.network.partition([old], others);
  for (const other of others) world.network.resetConnections(old, other);
  world.clusterLock.lose({ noticed: "later" });
  const another = (): boolean => world.clusterLock.heldBy !== undefined && world.clusterLock.heldBy !== old;
  assert.ok(await world.runUntil(another, LOCK_RECHECK_MS), "the others take the lock meanwhile");
  world.network.heal();
  return world;
}

test("two nodes that hold the cluster lock do not answer each other's broadcasts without end", async () => {
  const world = await worldWithTwoLeaders();
  let broadcasts = 0;
  const seconds = 2;
  const before = world.traffic.packets;
  await world.runFor(seconds * 1000);
  broadcasts = world.traffic.packets - before;
  assert.ok(broadcasts < 1000 * seconds, `${broadcasts} packets between nodes in ${seconds} s`);
  assert.ok(await world.runUntil(() => world.isHealthy(), 60_000), "one of them gives up in the end");
});
