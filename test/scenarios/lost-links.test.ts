// Links between two nodes that break while both stay in the cluster, and nodes that nobody wants to talk to.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Database } from "../../src/client/index.js";
import { World } from "../../src/simulator/world.js";

const HEALTHY_LIMIT_MS = 60_000;

async function healthyWorld(nodes: number): Promise<World> {
  const world = new World({ seed: 11, nodes });
  world.start();
  assert.ok(await world.runUntil(() => world.isHealthy(), HEALTHY_LIMIT_MS));
  return world;
}

async function attached(world: World, pnn: number): Promise<Database> {
  const client = await world.settle(world.client(pnn).connect());
  return world.settle(client.attach("lost.tdb"));
}

test("a record that was lost with the link between two nodes is found again, though the leader saw both all the time", async () => {
  const world = await healthyWorld(3);
  const leader = world.leader();
  assert.ok(leader !== undefined);
  const [owner, asker] = [0, 1, 2].filter((pnn) => pnn !== leader);
  assert.ok(owner !== undefined && asker !== undefined);
  const [ofOwner, ofAsker] = [await attached(world, owner), await attached(world, asker)];
  const keys = Array.from({ length: 12 }, (_, index) => `key${index}`);
  for (const key of keys) await world.settle(ofOwner.withRecord(key, (record) => record.store(Buffer.from("kept"))));

  // The calls, and what answers them, go into connections that break.
  const values = keys.map((key) => ofAsker.withRecord(key, (record) => record.value?.toString()));
  world.network.block(owner, asker);
  await world.runFor(2);
  world.network.resetConnections(owner, asker);
  await world.runFor(500);
  world.network.heal();
  assert.deepEqual(
    new Set(await world.settle(Promise.all(values), 20_000)),
    new Set(["kept"]),
    "every call is answered, and nothing is lost",
  );
});

test("a node whose connections are closed at once by all others tries again once a second, not without a pause", async () => {
  const world = await healthyWorld(3);
  const shunned = 2;
  world.setNodesList(world.nodesList.map((entry, pnn) => ({ ...entry, deleted: pnn === shunned })));
  for (const pnn of [0, 1]) {
    const client = await world.settle(world.client(pnn).connect());
    await world.settle(client.control("RELOAD_NODES_FILE"));
  }
  let connections = 0;
  const stop = world.trace.listen((line) => {
    if (line.includes(`link connection n${shunned}>`)) connections++;
  });
  const seconds = 10;
  await world.runFor(seconds * 1000);
  stop();
  assert.ok(connections >= seconds && connections <= 3 * seconds, `${connections} connections in ${seconds} s`);
});
