// What of a recovery comes too late: the node was stopped since it was asked whether it takes part, or while it looked whether the
// leader has the cluster lock.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Generation, RecoveryMode } from "../../src/protocol/index.js";
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

test("a node that is stopped before the new vnnmap comes keeps its invalid generation, and the leader begins anew without it", async () => {
  const world = new World({ seed: 3, nodes: 3 });
  world.start();
  assert.ok(await world.runUntil(() => world.isHealthy(), 60_000));
  const leader = world.leader() ?? 0;
  const [pnn = 1, other = 2] = [0, 1, 2].filter((candidate) => candidate !== leader);
  const client = await world.settle(world.client(pnn).connect());

  // The leader has to wait for this node's answer before it sends the vnnmap.
  world.network.setSpeed(other, leader, { minMs: 300, jitterMs: 0, bytesPerMs: 1000 });
  await world.settle(client.control("SET_RECMODE", RecoveryMode.ACTIVE));
  assert.ok(await world.runUntilLine(new RegExp(`n${pnn} ctdbd log Recovery has started`), 30_000));
  await world.settle(client.control("STOP_NODE"));
  world.watch(() => assert.equal(world.node(pnn).ctdb?.state.generation, Generation.INVALID));
  assert.ok(await world.runUntilLine(/clusterd log Recovery failed: SETVNNMAP failed on node/, 30_000));
  world.network.setSpeed(other, leader, undefined);
  const withoutIt = (): boolean => {
    const state = world.node(leader).ctdb?.state;
    return state?.isRecovering === false && !state.vnnMap.map.includes(pnn);
  };
  assert.ok(await world.runUntil(withoutIt, 30_000), "the others go on without it");
});

test("a leader whose recovery was overtaken cannot freeze and rewrite a database of the cluster that is in normal operation again", async () => {
  const world = new World({ seed: 3, nodes: 3 });
  world.start();
  assert.ok(await world.runUntil(() => world.isHealthy(), 60_000));
  const user = await world.settle(world.client(1).connect());
  const database = await world.settle(user.attach("x.tdb"));
  // The controls that the other leader sends once he has SETVNNMAP behind him.
  const other = await world.settle(world.client(0).connect());
  const tid = (world.node(1).ctdb?.state.generation ?? 0) - 1;
  await world.settle(other.control("DB_FREEZE", database.id, { pnn: 1 }));
  await assert.rejects(
    world.settle(other.control("DB_TRANSACTION_START", { dbId: database.id, tid }, { pnn: 1 })),
    /has been overtaken/,
  );
  await world.settle(database.withRecord("key", (record) => record.store(Buffer.from("value"))));
  assert.equal(world.isHealthy(), true);
});
