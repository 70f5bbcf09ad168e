import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { PacketWriter, packetReqid, writeReqCall } from "../../../src/protocol/index.js";
import { MigrationQueue, PATIENCE_MS } from "../../../src/records/migration-queue.js";
import { FakeTime } from "../fake-time.js";

function request(srcnode: number, reqid: number): Buffer {
  const writer = new PacketWriter();
  writeReqCall(writer, 1, 0, srcnode, reqid, 0, 1, 0, 0, Buffer.from("k"), Buffer.alloc(0));
  return Buffer.from(writer.packet());
}

describe("MigrationQueue", () => {
  let time: FakeTime;
  let queue: MigrationQueue;

  beforeEach(() => {
    time = new FakeTime();
    queue = new MigrationQueue(time);
  });

  it("lets the first request for a record through and keeps the others in order", () => {
    assert.equal(queue.admit("k", 1, 11, request(1, 11)), true);
    assert.equal(queue.admit("k", 2, 22, request(2, 22)), false);
    assert.equal(queue.admit("k", 3, 33, request(3, 33)), false);
    const second = queue.served("k", 1, 11);
    assert.equal(second && packetReqid(second), 22);
    assert.equal(queue.admit("k", 2, 22, request(2, 22)), true);
    const third = queue.served("k", 2, 22);
    assert.equal(third && packetReqid(third), 33);
    assert.equal(queue.served("k", 3, 33), undefined);
    assert.equal(queue.size, 0);
  });

  it("does not hold up requests for other records", () => {
    assert.equal(queue.admit("a", 1, 1, request(1, 1)), true);
    assert.equal(queue.admit("b", 2, 2, request(2, 2)), true);
  });

  it("lets a request pass again that came back because the record had moved on", () => {
    queue.admit("k", 1, 11, request(1, 11));
    assert.equal(queue.served("k", 5, 99), undefined);
    assert.equal(queue.admit("k", 1, 11, request(1, 11)), true);
  });

  it("goes on with the next request when nothing is heard of the one before", () => {
    queue.admit("k", 1, 11, request(1, 11));
    queue.admit("k", 2, 22, request(2, 22));
    assert.deepEqual(queue.impatient(), []);
    time.advance(PATIENCE_MS);
    assert.deepEqual(queue.impatient().map(packetReqid), [22]);
    time.advance(PATIENCE_MS);
    assert.deepEqual(queue.impatient(), []);
    assert.equal(queue.size, 0);
  });

  it("serves all that wait when the record comes home", () => {
    queue.admit("k", 1, 11, request(1, 11));
    queue.admit("k", 2, 22, request(2, 22));
    const next = queue.cameHome("k");
    assert.equal(next && packetReqid(next), 22);
    assert.equal(queue.cameHome("k"), undefined);
    assert.equal(queue.size, 0);
  });
});
