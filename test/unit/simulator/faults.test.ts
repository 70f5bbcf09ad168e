// Faults of a run that have conditions of their own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, type Fault } from "../../../src/simulator/faults/fault.js";
import { World } from "../../../src/simulator/world.js";

const RELOAD: Fault = {
  number: 0,
  kind: "reload",
  storm: 0,
  atMs: 0,
  durationMs: 3000,
  node: 2,
  other: 0,
  degree: 0,
};

async function healthyWorld(): Promise<World> {
  const world = new World({ seed: 1, nodes: 3 });
  world.start();
  assert.ok(await world.runUntil(() => world.isHealthy(), 60_000));
  return world;
}

test("reload drops a node from the nodes list once it has ended, and puts it back", async () => {
  const world = await healthyWorld();
  const end = begin(world, RELOAD);
  assert.ok(await world.runUntil(() => world.nodesList[2]?.deleted === true, 1000));
  assert.equal(world.node(2).ctdb, undefined);
  assert.ok(await world.runUntil(() => world.isHealthy(), 60_000), "the others are a cluster");
  end();
  assert.equal(world.nodesList[2]?.deleted, false);
  assert.ok(await world.runUntil(() => world.isHealthy() && world.running().length === 3, 60_000));
});

test("reload leaves a node in the nodes list that does not end, as ctdb reloadnodes does", async () => {
  const world = await healthyWorld();
  world.node(2).pauseDaemon(8000);
  const end = begin(world, RELOAD);
  const isDropped = (): boolean => world.nodesList[2]?.deleted === true;
  assert.equal(await world.runUntil(isDropped, RELOAD.durationMs), false);
  end();
  assert.equal(await world.runUntil(isDropped, 10_000), false);
  assert.equal(world.node(2).ctdb, undefined, "it ends when it goes on");
});
