import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { type ControlClient, ControlService } from "../../../src/controls/control-service.js";
import {
  ControlFlag,
  controlsByName,
  PacketWriter,
  Pnn,
  ProtocolError,
  packetDestnode,
  packetReqid,
  replyControlData,
  replyControlErrorText,
  replyControlStatus,
  reqControlClientId,
  reqControlData,
  reqControlFlags,
  writeReplyControl,
  writeReqControl,
} from "../../../src/protocol/index.js";
import { RequestIds } from "../../../src/transport/request-ids.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";

const NOTHING = Buffer.alloc(0);

class FakeClient implements ControlClient {
  closed = false;
  readonly replies: Buffer[] = [];
  constructor(readonly id: number) {}
  send(packet: Buffer): void {
    this.replies.push(Buffer.from(packet));
  }
  get texts(): string[] {
    return this.replies.map((reply) => `${replyControlStatus(reply)} ${replyControlErrorText(reply)}`.trim());
  }
}

describe("ControlService", () => {
  let time: FakeTime;
  let sent: Buffer[];
  let connected: Set<number>;
  let logger: RecordingLogger;
  let service: ControlService;
  let client: FakeClient;

  function control(destnode: number, opcode: number, payload: Uint8Array = NOTHING, flags = 0, reqid = 77): Buffer {
    const writer = new PacketWriter();
    writeReqControl(writer, 0, destnode, 0, reqid, opcode, 0, 0, 0, flags, payload);
    return Buffer.from(writer.packet());
  }

  function answer(request: Buffer, status: number, data: Uint8Array = NOTHING, text = ""): Buffer {
    const writer = new PacketWriter();
    writeReplyControl(writer, 0, 0, packetDestnode(request), packetReqid(request), status, data, text);
    return Buffer.from(writer.packet());
  }

  beforeEach(() => {
    time = new FakeTime();
    sent = [];
    connected = new Set([0, 1, 2]);
    logger = new RecordingLogger();
    client = new FakeClient(42);
    service = new ControlService({
      clock: time,
      timers: time,
      logger,
      router: { ownPnn: 0, writer: new PacketWriter(), send: (packet) => sent.push(Buffer.from(packet)) },
      nodes: { size: 4, isConnected: (pnn) => connected.has(pnn), isDeleted: () => false },
      requestIds: new RequestIds(),
      counters: { nodeReqControl: 0, nodeReplyControl: 0, timeoutsControl: 0 },
      controlTimeoutSeconds: () => 60,
      generation: () => 1,
    });
    service.handle({
      PING: (_, call) => call.status(3),
      GET_DBNAME: (id, call) => (id === 5 ? call.reply("five.tdb") : call.fail("no such database")),
    });
  });

  it("executes a control for the own node at once and answers with the client's reqid", () => {
    service.fromClient(client, control(Pnn.CURRENT_NODE, controlsByName.PING.opcode));
    assert.deepEqual(client.texts, ["3"]);
    assert.equal(client.replies[0] && packetReqid(client.replies[0]), 77);
    assert.equal(sent.length, 0);
  });

  it("sends a control for another node on, with the client's id, and brings the answer back", () => {
    service.fromClient(client, control(1, controlsByName.GET_DBNAME.opcode, Buffer.from([5, 0, 0, 0])));
    const request = sent[0];
    assert.ok(request !== undefined);
    assert.equal(reqControlClientId(request), 42);
    assert.equal(reqControlData(request).toString("hex"), "05000000");
    service.onReply(answer(request, 0, Buffer.from("five.tdb\0")));
    assert.equal(client.replies[0] && replyControlData(client.replies[0]).toString(), "five.tdb\0");
    assert.equal(service.pendingCount, 0);
  });

  it("refuses a control for a node that is not connected or does not exist", () => {
    connected.delete(2);
    for (const pnn of [2, 3, 99, Pnn.UNKNOWN]) service.fromClient(client, control(pnn, 3));
    assert.deepEqual(client.texts, new Array<string>(4).fill("-1 ctdb_control to disconnected node"));
  });

  it("never answers a broadcast without NOREPLY, and sends one that has it", () => {
    service.fromClient(client, control(Pnn.BROADCAST_ALL, 3));
    assert.equal(sent.length + client.replies.length, 0);
    service.fromClient(client, control(Pnn.BROADCAST_ALL, 3, NOTHING, ControlFlag.NOREPLY));
    assert.deepEqual(sent.map(reqControlFlags), [ControlFlag.NOREPLY]);
    assert.equal(service.pendingCount, 0);
  });

  it("answers for a node that dies, and for one that never answers", () => {
    service.fromClient(client, control(1, 3));
    service.fromClient(client, control(2, 3));
    service.nodeDead(1);
    assert.deepEqual(client.texts, ["-1 node is disconnected"]);
    time.advance(62_000);
    assert.deepEqual(client.texts.slice(1), ["-1 ctdb_control timed out"]);
  });

  it("drops a late answer and the answers for a client that is gone", () => {
    service.fromClient(client, control(1, 3));
    const request = sent[0];
    assert.ok(request !== undefined);
    client.closed = true;
    service.clientGone(client);
    service.onReply(answer(request, 0));
    assert.equal(client.replies.length, 0);
  });

  it("answers -1 to obsolete and unknown opcodes and to payloads of a wrong size", () => {
    for (const [opcode, payload] of [
      [13, NOTHING],
      [2, NOTHING],
      [0xffffffff, NOTHING],
      [controlsByName.GET_DBNAME.opcode, Buffer.alloc(3)],
      [controlsByName.PING.opcode, Buffer.alloc(1)],
    ] as const) {
      service.fromClient(client, control(0, opcode, payload));
    }
    assert.deepEqual(client.texts, new Array<string>(5).fill("-1"));
  });

  it("answers a control of a node with the error text of the handler", () => {
    const writer = new PacketWriter();
    const opcode = controlsByName.GET_DBNAME.opcode;
    writeReqControl(writer, 1, 0, 2, 9, opcode, 0, 0, 0, 0, Buffer.from([6, 0, 0, 0]));
    service.fromNode(writer.packet());
    const reply = sent[0];
    assert.ok(reply !== undefined);
    assert.deepEqual(
      [packetDestnode(reply), packetReqid(reply), replyControlStatus(reply), replyControlErrorText(reply)],
      [2, 9, -1, "no such database"],
    );
  });

  it("lets a handler read its payload itself, and refuses what that cannot read", () => {
    const read = (data: Buffer): number => {
      if (data.length < 2) throw new ProtocolError(0, "payload", "is too short");
      return data.length;
    };
    const lengths: number[] = [];
    service.handleWith("TRANS3_COMMIT", read, (length, call) => {
      lengths.push(length);
      call.status(0);
    });
    const { opcode } = controlsByName.TRANS3_COMMIT;
    service.fromClient(client, control(0, opcode, Buffer.alloc(300)));
    service.fromClient(client, control(0, opcode, Buffer.alloc(1)));
    assert.deepEqual(client.texts, ["0", "-1"]);
    assert.deepEqual(lengths, [300]);
    assert.throws(() => service.handle({ TRANS3_COMMIT: (_, call) => call.fail() }), /two handlers/);
  });

  it("tells the daemon's own requests how they ended", () => {
    const results: string[] = [];
    const record = (result: { status: number; errorText: string }): void => {
      results.push(`${result.status} ${result.errorText}`.trim());
    };
    service.request(1, "PING", undefined, {}, record);
    service.request(3, "PING", undefined, {}, record);
    const request = sent[0];
    assert.ok(request !== undefined);
    service.onReply(answer(request, 4));
    assert.deepEqual(results, ["-1 ctdb_control to disconnected node", "4"]);
  });
});
