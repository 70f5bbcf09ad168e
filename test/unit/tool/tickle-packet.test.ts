// The raw packet of a tickle.
import assert from "node:assert/strict";
import { test } from "node:test";
import { internetChecksum, ticklePacket } from "../../../src/tool/tickle-packet.js";

test("an IPv4 tickle goes from the public address to the client, with checksums that verify", () => {
  const packet = ticklePacket({
    src: { family: 4, address: "10.9.9.9", port: 45678 },
    dst: { family: 4, address: "10.0.0.31", port: 445 },
  });
  assert.equal(packet.length, 40);
  assert.equal(packet.subarray(12, 20).toString("hex"), "0a00001f0a090909");
  assert.equal(packet.readUInt16BE(20), 445);
  assert.equal(packet.readUInt16BE(22), 45678);
  assert.equal(packet.readUInt32BE(24) + packet.readUInt32BE(28), 0);
  assert.equal(packet[33], 0x10);
  assert.equal(internetChecksum(packet.subarray(0, 20)), 0);
  const pseudo = Buffer.from([0, 6, 0, 20]);
  assert.equal(internetChecksum(packet.subarray(12, 20), pseudo, packet.subarray(20)), 0);
});

test("an IPv6 tickle has a checksum over both addresses", () => {
  const packet = ticklePacket({
    src: { family: 6, address: "fd00::1", port: 1 },
    dst: { family: 6, address: "fd00:0:0:1::2", port: 2 },
  });
  assert.equal(packet.length, 60);
  assert.equal(packet.subarray(8, 24).toString("hex"), "fd000000000000010000000000000002");
  const pseudo = Buffer.from([0, 6, 0, 20]);
  assert.equal(internetChecksum(packet.subarray(8, 40), pseudo, packet.subarray(40)), 0);
});
