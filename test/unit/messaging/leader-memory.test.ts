// A client that begins to listen for the leader is told the last announcement.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LeaderMemory } from "../../../src/messaging/leader-memory.js";
import { MessageService } from "../../../src/messaging/message-service.js";
import { PacketWriter, Pnn, Srvid, U32 } from "../../../src/protocol/index.js";

function setUp() {
  const time = { nowMs: 10_000 };
  const quiet = () => undefined;
  const router = { ownPnn: 0, writer: new PacketWriter(), send: quiet };
  const messages = new MessageService({ router, generation: () => 1 });
  const memory = new LeaderMemory({ now: () => time.nowMs, wall: () => 0 }, messages);
  const announce = (pnn: number) => messages.dispatchLocal(Srvid.LEADER, Buffer.from(U32.encode(pnn)));
  return { time, memory, announce };
}

test("nothing is known before the first announcement", () => {
  assert.equal(setUp().memory.current, undefined);
});

test("the last announcement is remembered until it is old", () => {
  const { memory, announce, time } = setUp();
  announce(2);
  announce(1);
  assert.equal(memory.current?.readUInt32LE(0), 1);
  time.nowMs += 5_000;
  assert.equal(memory.current, undefined);
});

test("an election that begins makes the leader unknown", () => {
  const { memory, announce } = setUp();
  announce(1);
  announce(Pnn.UNKNOWN);
  assert.equal(memory.current, undefined);
});
