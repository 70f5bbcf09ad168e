// The end of a recovery that comes too late: the node was stopped while it looked whether the leader has the cluster lock.
import assert from "node:assert/strict";
import { test } from "node:test";
import { RecoveryMode } from "../../src/protocol/index.js";
import { World } from "../../src/simulator/world.js";

test("a node that is stopped during the last step of a recovery stays out of the cluster", async () => {
  const world = new World({ seed: 3, nodes: 3 });
  world.start();
  assert.ok(await world.runUntil(() => world.isHealthy(), 60_000));
  const pnn = [0, 1, 2].find((candidate) => candidate !== world.leader()) ?? 0;
  const client = await world.settle(world.client(pnn).connect());
  const generation = world.node(pnn).ctdb?.state.generation;

  world.clusterLock.setMode("hang");
  await world.settle(client.control("SET_RECMODE", RecoveryMode.ACTIVE));
  const isNew = (): boolean => world.node(pnn).ctdb?.state.generation !== generation;
  assert.ok(await world.runUntil(isNew, 30_000), "the leader begins");
  await world.runFor(500);
  assert.ok(world.node(pnn).ctdb?.state.isRecovering, "the end waits for the lock");
  await world.settle(client.control("STOP_NODE"));
  world.watch(() => assert.ok(world.node(pnn).ctdb?.state.isRecovering, "a stopped node is in recovery mode"));
  world.clusterLock.setMode("normal");
  const withoutIt = (): boolean => world.node(world.leader() ?? pnn).ctdb?.state.vnnMap.map.includes(pnn) === false;
  assert.ok(await world.runUntil(withoutIt, 30_000), "the others go on without it");
  await world.runFor(1000);
});
