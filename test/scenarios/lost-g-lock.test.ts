// A g_lock whose client loses its daemon: the client is told, whether it had asked for the signal before or asks only then.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionLostError } from "../../src/client/index.js";
import { World } from "../../src/simulator/world.js";

const LIMIT_MS = 60_000;

test("a lock is lost with the connection, and its signal says so to those who hold it and to those who ask later", async () => {
  const world = new World({ seed: 1, nodes: 2 });
  world.start();
  assert.ok(await world.runUntil(() => world.isHealthy(), LIMIT_MS));
  const client = await world.settle(world.client(1).connect({ reconnect: false }));
  const [watched, asked, released] = [
    await world.settle(client.gLock("watched"), LIMIT_MS),
    await world.settle(client.gLock("asked later"), LIMIT_MS),
    await world.settle(client.gLock("released"), LIMIT_MS),
  ];
  const signal = watched.lost;
  await world.settle(released.release());
  assert.deepEqual([signal.aborted, watched.isHeld, released.isHeld], [false, true, false]);

  world.node(1).kill();
  assert.ok(await world.runUntil(() => signal.aborted, LIMIT_MS));
  assert.deepEqual([watched.isHeld, asked.isHeld], [false, false]);
  assert.ok(signal.reason instanceof ConnectionLostError);
  assert.equal(watched.lost, signal);
  assert.deepEqual([asked.lost.aborted, asked.lost.reason], [true, signal.reason]);
  assert.equal(released.lost.aborted, false, "it was given back before");
});
