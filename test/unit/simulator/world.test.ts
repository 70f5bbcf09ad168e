// The simulator's world as scenarios use it: a cluster forms, works, loses a node, and gets it back; the same seed gives the same
// trace.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Client, Database } from "../../../src/client/index.js";
import { World } from "../../../src/simulator/world.js";

const HEALTHY_LIMIT_MS = 60_000;
const KEY = "counter";

async function attached(world: World, pnn: number): Promise<{ client: Client; database: Database }> {
  const client = await world.settle(world.client(pnn).connect());
  return { client, database: await world.settle(client.attach("counter.tdb")) };
}

/** Adds one to the counter and resolves to its new value. */
function raise(database: Database): Promise<number> {
  return database.withRecord(KEY, (record) => {
    const before = record.value?.readUInt32LE(0) ?? 0;
    const after = Buffer.alloc(4);
    after.writeUInt32LE(before + 1);
    record.store(after);
    return before + 1;
  });
}

/** Three nodes count; node 2 crashes and comes back. */
async function crashStory(seed: number): Promise<World> {
  const world = new World({ seed, nodes: 3 });
  world.start();
  assert.ok(await world.runUntil(() => world.isHealthy(), HEALTHY_LIMIT_MS), "the cluster forms");
  const users = [await attached(world, 0), await attached(world, 1), await attached(world, 2)];
  let count = 0;
  for (let round = 0; round < 3; round++) {
    for (const { database } of users) assert.equal(await world.settle(raise(database)), ++count);
  }

  world.node(2).crash();
  assert.ok(
    await world.runUntil(() => world.isHealthy() && world.node(0).dump()?.vnnMap.length === 2, HEALTHY_LIMIT_MS),
    "the others recover",
  );
  // The record was on node 2 and is lost with its last change, or not: it is on the others as of its last stay there.
  const [first] = users;
  assert.ok(first !== undefined);
  const kept = await world.settle(raise(first.database));
  assert.ok(kept === count || kept === count + 1, `counter ${kept} after ${count}`);

  world.node(2).restart();
  assert.ok(
    await world.runUntil(() => world.isHealthy() && world.node(0).dump()?.vnnMap.length === 3, HEALTHY_LIMIT_MS),
    "the node comes back",
  );
  const back = await attached(world, 2);
  assert.equal(await world.settle(raise(back.database)), kept + 1);
  return world;
}

test("three nodes form a cluster, count, lose a node, recover, and get it back", async () => {
  const world = await crashStory(1);
  const owner = world.nodes
    .map((node) => node.dump())
    .find((dump) => dump?.databases.get("counter.tdb")?.records.get(KEY)?.dmaster === dump?.pnn);
  assert.equal(owner?.pnn, 2);
});

test("the same seed gives the same trace, another seed another one", async () => {
  const [first, again, other] = [await crashStory(2), await crashStory(2), await crashStory(3)];
  assert.equal(again.trace.hash, first.trace.hash);
  assert.deepEqual(again.trace.lines(), first.trace.lines());
  assert.notEqual(other.trace.hash, first.trace.hash);
});

test("PING answers with the number of connected clients", async () => {
  const world = new World({ seed: 1, nodes: 1 });
  world.start();
  assert.ok(await world.runUntil(() => world.isHealthy(), HEALTHY_LIMIT_MS), "the node starts");
  const connected = (): Promise<Client> => world.settle(world.client(0).connect());
  const asker = await connected();
  const ping = (): Promise<number> => world.settle(asker.control("PING", undefined));

  const before = await ping();
  const first = await connected();
  await connected();
  await connected();
  assert.equal(await ping(), before + 3);
  await world.settle(first.close());
  await world.runFor(100);
  assert.equal(await ping(), before + 2);
});
