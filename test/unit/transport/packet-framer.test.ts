import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PacketWriter, writeReqMessage } from "../../../src/protocol/index.js";
import { PACKET_SIZE_MAX_BYTES, PacketFramer } from "../../../src/transport/packet-framer.js";

function message(text: string): Buffer {
  const writer = new PacketWriter();
  writeReqMessage(writer, 1, 0, 0, 0, 0, 7, Buffer.from(text));
  return Buffer.from(writer.packet());
}

function framer(policy: "close" | "skip") {
  const packets: string[] = [];
  const broken: string[] = [];
  const skipped: string[] = [];
  const instance = new PacketFramer(policy, {
    onPacket: (packet) => {
      packets.push(packet.toString("hex"));
      return true;
    },
    onBroken: (reason) => broken.push(reason),
    onSkipped: (reason) => skipped.push(reason),
  });
  return { instance, packets, broken, skipped };
}

describe("PacketFramer", () => {
  it("hands out the same packets however the stream is cut", () => {
    const expected = [message("one"), message("a longer second message"), message("")];
    const stream = Buffer.concat(expected);
    for (let cut = 1; cut <= stream.length; cut++) {
      const { instance, packets, broken } = framer("close");
      for (let at = 0; at < stream.length; at += cut) instance.push(stream.subarray(at, at + cut));
      assert.deepEqual(
        packets,
        expected.map((packet) => packet.toString("hex")),
        `cut every ${cut} bytes`,
      );
      assert.deepEqual(broken, []);
    }
  });

  it("accepts packets of clients that are not padded", () => {
    const packet = Buffer.concat([message("x"), Buffer.alloc(3)]).subarray(0, message("x").length - 5);
    packet.writeUInt32LE(packet.length, 0);
    const { instance, packets } = framer("skip");
    instance.push(Buffer.concat([packet, message("after")]));
    assert.equal(packets.length, 2);
  });

  it("gives up a node link at a length that is no multiple of 8", () => {
    const packet = Buffer.alloc(60);
    packet.writeUInt32LE(60, 0);
    const { instance, packets, broken } = framer("close");
    instance.push(packet);
    instance.push(message("too late"));
    assert.deepEqual(packets, []);
    assert.equal(broken.length, 1);
  });

  it("gives up a node link at a wrong magic as soon as it is there, without waiting for the whole packet", () => {
    const start = Buffer.alloc(8);
    start.writeUInt32LE(1_000_000_000, 0);
    const { instance, broken } = framer("close");
    instance.push(start.subarray(0, 5));
    instance.push(start.subarray(5));
    assert.match(broken[0] ?? "", /magic/);
  });

  it("skips a client's packet with a wrong magic, however it is cut, and goes on with the next", () => {
    const bad = Buffer.alloc(1000);
    bad.writeUInt32LE(1000, 0);
    const stream = Buffer.concat([bad, message("good")]);
    for (const cut of [1, 7, 32, 999, 1001, stream.length]) {
      const { instance, packets, broken, skipped } = framer("skip");
      for (let at = 0; at < stream.length; at += cut) instance.push(stream.subarray(at, at + cut));
      assert.equal(packets.length, 1, `cut every ${cut} bytes`);
      assert.equal(skipped.length, 1);
      assert.deepEqual(broken, []);
    }
  });

  it("closes at a length of zero and beyond the limit", () => {
    for (const length of [0, PACKET_SIZE_MAX_BYTES + 8]) {
      const head = Buffer.alloc(32);
      head.writeUInt32LE(length, 0);
      const { instance, broken } = framer("skip");
      instance.push(head);
      assert.equal(broken.length, 1, `length ${length}`);
    }
  });
});
