// Recovery controls of a simulated node, given by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ControlFailedError } from "../../../src/client/index.js";
import { Pnn, RecBufferWriter } from "../../../src/protocol/index.js";
import { World } from "../../../src/simulator/world.js";

const SRVID = 0xf001_0000_0000_0001n;

test("a push ends with the transaction that it was begun in: the next one gets none of it", async () => {
  const world = new World({ seed: 1, nodes: 1 });
  world.start();
  assert.ok(await world.runUntil(() => world.isHealthy(), 60_000));
  const client = await world.settle(world.client(0).connect());
  const { id: dbId } = await world.settle(client.attach("x.tdb"));
  const { generation: tid } = await world.settle(client.control("GETVNNMAP"));
  await world.settle(client.control("DB_FREEZE", dbId));
  await world.settle(client.control("DB_TRANSACTION_START", { dbId, tid }));
  await world.settle(client.control("DB_PUSH_START", { dbId, lmaster: Pnn.UNKNOWN, srvid: SRVID }));
  await world.settle(client.control("DB_TRANSACTION_START", { dbId, tid }));
  const records = new RecBufferWriter(dbId);
  records.add(0, Buffer.from("key"), Buffer.alloc(24 + 4));
  client.sendMessage(0, SRVID, records.bytes());
  await assert.rejects(world.settle(client.control("DB_PUSH_CONFIRM", dbId)), ControlFailedError);
  const pulled = await world.settle(client.control("DB_PULL", { dbId, lmaster: Pnn.UNKNOWN, srvid: SRVID }));
  assert.equal(pulled, 0);
});
