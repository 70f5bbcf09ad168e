// Which packets of other nodes are let in.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import {
  CallId,
  PacketWriter,
  writeReplyCall,
  writeReplyDmaster,
  writeReplyError,
  writeReqCall,
  writeReqDmaster,
  writeReqMessage,
} from "../../../src/protocol/index.js";
import { PacketRouter } from "../../../src/transport/packet-router.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";

const OWN_PNN = 0;
const GENERATION = 7;
const DB_ID = 0x1234;
const KEY = Buffer.from("key");
const DATA = Buffer.from("data");

type Written = (writer: PacketWriter, generation: number) => void;

/** Packets of node 1 that belong to one generation of the cluster. */
const RECORD_PACKETS: Readonly<Record<string, Written>> = {
  REQ_CALL: (writer, generation) =>
    writeReqCall(writer, generation, OWN_PNN, 1, 9, 0, DB_ID, CallId.NULL, 0, KEY, DATA),
  REPLY_CALL: (writer, generation) => writeReplyCall(writer, generation, OWN_PNN, 1, 9, 0, DATA),
  REQ_DMASTER: (writer, generation) => writeReqDmaster(writer, generation, OWN_PNN, 1, 9, DB_ID, 3, 1, KEY, DATA, 0),
  REPLY_DMASTER: (writer, generation) => writeReplyDmaster(writer, generation, OWN_PNN, 1, 9, DB_ID, 3, KEY, DATA, 0),
};

/** Packets that come through whatever state the cluster is in. */
const OTHER_PACKETS: Readonly<Record<string, Written>> = {
  REPLY_ERROR: (writer, generation) => writeReplyError(writer, generation, OWN_PNN, 1, 9, 1, "no\0"),
  REQ_MESSAGE: (writer, generation) => writeReqMessage(writer, generation, OWN_PNN, 1, 0, 0, 7, DATA),
};

describe("Admission of packets", () => {
  let router: PacketRouter;
  let logger: RecordingLogger;
  let generation: number;
  let banned: boolean;
  let handled: string[];

  beforeEach(() => {
    logger = new RecordingLogger();
    generation = GENERATION;
    banned = false;
    handled = [];
    router = new PacketRouter({
      logger,
      timers: new FakeTime(),
      nodes: {
        ownPnn: OWN_PNN,
        size: 3,
        isDeleted: () => false,
        isConnected: () => true,
        isInactive: () => false,
        isBanned: (pnn) => pnn === OWN_PNN && banned,
        countReceived: () => {},
      },
      mesh: { send: () => true },
      counters: { nodePacketsSent: 0, nodePacketsRecv: 0 },
      generation: () => generation,
    });
    const note = (name: string) => () => void handled.push(name);
    router.setHandlers({
      onReqCall: note("REQ_CALL"),
      onReplyCall: note("REPLY_CALL"),
      onReqDmaster: note("REQ_DMASTER"),
      onReplyDmaster: note("REPLY_DMASTER"),
      onReplyError: note("REPLY_ERROR"),
      onReqMessage: note("REQ_MESSAGE"),
      onReqControl: note("REQ_CONTROL"),
      onReplyControl: note("REPLY_CONTROL"),
      onKeepalive: note("REQ_KEEPALIVE"),
      onReqTunnel: note("REQ_TUNNEL"),
    });
  });

  function receive(write: Written, stamped = GENERATION): Buffer {
    const writer = new PacketWriter();
    write(writer, stamped);
    const packet = Buffer.from(writer.packet());
    router.receive(packet, 1);
    return packet;
  }

  for (const [name, write] of Object.entries(RECORD_PACKETS)) {
    it(`lets ${name} in by the generation of the vnnmap, and on a banned node not at all`, () => {
      receive(write);
      assert.deepEqual(handled, [name]);
      receive(write, GENERATION - 1);
      receive(write, GENERATION + 1);
      banned = true;
      receive(write);
      assert.deepEqual(handled, [name]);
      assert.equal(router.dropped.generation, 3);
      // What was refused before a recovery is taken when the map has the generation of its sender.
      banned = false;
      generation = GENERATION + 1;
      receive(write, GENERATION + 1);
      assert.deepEqual(handled, [name, name]);
    });

    it(`drops ${name} whose inner lengths do not fit, with a warning`, () => {
      const writer = new PacketWriter();
      write(writer, GENERATION);
      const packet = Buffer.from(writer.packet());
      // Every word behind the header in turn: those that are lengths make the packet invalid, the others do not.
      let words = 0;
      for (let at = 32; at + 4 <= packet.length; at += 4, words++) {
        const broken = Buffer.from(packet);
        broken.writeUInt32LE(0xffff_fff0, at);
        router.receive(broken, 1);
      }
      assert.ok(router.dropped.malformed > 0);
      const warnings = logger.lines.filter((line) => line.startsWith("Invalid packet from node 1 dropped"));
      assert.equal(warnings.length, router.dropped.malformed);
      assert.equal(handled.length + router.dropped.malformed, words);
    });
  }

  for (const [name, write] of Object.entries(OTHER_PACKETS)) {
    it(`lets ${name} in whatever its generation, also on a banned node`, () => {
      banned = true;
      receive(write, GENERATION + 5);
      assert.deepEqual(handled, [name]);
    });
  }
});
