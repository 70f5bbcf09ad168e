import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { Keepalive } from "../../../src/cluster/keepalive.js";
import { NodeTable } from "../../../src/cluster/node-table.js";
import { PacketWriter, packetDestnode, reqKeepaliveUptime, writeReqKeepalive } from "../../../src/protocol/index.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";

const VERSION = 0x40011;

describe("Keepalive", () => {
  let time: FakeTime;
  let nodes: NodeTable;
  let keepalive: Keepalive;
  let sent: Buffer[];
  let dead: number[];
  let connected: number[];
  let shutdowns: string[];
  let allowMixedVersions: boolean;

  function fromPeer(version: number, uptime: number): Buffer {
    const writer = new PacketWriter();
    writeReqKeepalive(writer, 1, 0, 1, 0, version, uptime);
    return Buffer.from(writer.packet());
  }

  beforeEach(() => {
    time = new FakeTime();
    sent = [];
    dead = [];
    connected = [];
    shutdowns = [];
    allowMixedVersions = false;
    const logger = new RecordingLogger();
    const list = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map((address) => ({ address, deleted: false }));
    nodes = new NodeTable(list, 0, logger);
    nodes.setFlags(1, 0);
    keepalive = new Keepalive(
      {
        clock: time,
        timers: time,
        logger,
        nodes,
        router: { ownPnn: 0, writer: new PacketWriter(), send: (packet) => sent.push(Buffer.from(packet)) },
        counters: { keepalivePacketsSent: 0, keepalivePacketsRecv: 0 },
        tunables: () => ({ intervalSeconds: 5, limit: 5, allowMixedVersions }),
        generation: () => 1,
        nodeConnected: (pnn) => connected.push(pnn),
        nodeDead: (pnn) => dead.push(pnn),
        shutdown: (reason) => shutdowns.push(reason),
      },
      { version: VERSION, startedAtMs: time.now() },
    );
    keepalive.start();
  });

  it("sends to connected nodes only, with the uptime in seconds", () => {
    time.advance(5000);
    assert.deepEqual(sent.map(packetDestnode), [1]);
    assert.equal(sent[0] && reqKeepaliveUptime(sent[0]), 5);
  });

  it("declares a node dead that was silent for the limit of rounds", () => {
    for (let round = 0; round < 4; round++) time.advance(5000);
    assert.deepEqual(dead, []);
    time.advance(5000);
    assert.deepEqual(dead, [1]);
  });

  it("keeps a node alive from which anything comes", () => {
    for (let round = 0; round < 20; round++) {
      nodes.require(1).receivedCount++;
      time.advance(5000);
    }
    assert.deepEqual(dead, []);
  });

  it("takes a node for connected that sends although it is marked disconnected", () => {
    nodes.require(2).receivedCount++;
    time.advance(5000);
    assert.deepEqual(connected, [2]);
  });

  it("shuts the younger node down when versions differ", () => {
    time.advance(10_000);
    keepalive.onPacket(fromPeer(VERSION + 7, 9));
    assert.equal(shutdowns.length, 0);
    keepalive.onPacket(fromPeer(VERSION + 7, 11));
    assert.equal(shutdowns.length, 1);
  });

  it("lets the lower version go when both are equally old", () => {
    keepalive.onPacket(fromPeer(VERSION - 1, 0));
    assert.equal(shutdowns.length, 0);
    keepalive.onPacket(fromPeer(VERSION + 1, 0));
    assert.equal(shutdowns.length, 1);
  });

  it("does not look at versions where mixed ones are allowed", () => {
    allowMixedVersions = true;
    keepalive.onPacket(fromPeer(VERSION + 7, 1000));
    assert.equal(shutdowns.length, 0);
  });
});
