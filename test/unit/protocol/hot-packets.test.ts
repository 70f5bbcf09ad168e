// What writers write, accessors read; padding, lengths and limits of hot packets.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as protocol from "../../../src/protocol/index.js";
import { PacketWriter, ProtocolError } from "../../../src/protocol/index.js";

const key = Buffer.from("key-of-11!!");
const data = Buffer.from("some data");
const none = Buffer.alloc(0);
const RSN_MAX = Number.MAX_SAFE_INTEGER;

function written(write: (w: PacketWriter) => void): Buffer {
  const w = new PacketWriter();
  // Old content of the scratch must not show through.
  w.bytes.fill(0xee);
  write(w);
  assert.equal(w.length % 8, 0);
  const p = Buffer.from(w.packet());
  assert.equal(protocol.packetLength(p), p.length);
  assert.ok(
    p.subarray(w.contentLength).every((byte) => byte === 0),
    "padding is zero",
  );
  protocol.checkHeader(p, "node");
  protocol.checkPacket(p);
  return p;
}

test("REQ_CALL comes back as it was written, and its routing fields can be changed in place", () => {
  const p = written((w) => protocol.writeReqCall(w, 5, 1, 2, 77, 4, 0x900f773e, protocol.CallId.FETCH, 3, key, data));
  assert.equal(protocol.packetOperation(p), protocol.Operation.REQ_CALL);
  assert.deepEqual(
    [protocol.packetGeneration(p), protocol.packetDestnode(p), protocol.packetSrcnode(p), protocol.packetReqid(p)],
    [5, 1, 2, 77],
  );
  assert.deepEqual(
    [protocol.reqCallFlags(p), protocol.reqCallDbId(p), protocol.reqCallCallId(p), protocol.reqCallHopcount(p)],
    [4, 0x900f773e, protocol.CallId.FETCH, 3],
  );
  assert.deepEqual(protocol.reqCallKey(p), key);
  assert.deepEqual(protocol.reqCallCallData(p), data);
  protocol.setPacketDestnode(p, 9);
  protocol.setReqCallHopcount(p, 4);
  assert.equal(protocol.packetDestnode(p), 9);
  assert.equal(protocol.reqCallHopcount(p), 4);
});

test("REQ_DMASTER and REPLY_DMASTER carry the record flags behind key and data, at any alignment", () => {
  for (let length = 0; length < 9; length += 1) {
    const value = Buffer.alloc(length, 1);
    const request = written((w) => protocol.writeReqDmaster(w, 1, 2, 3, 4, 5, RSN_MAX, 6, key, value, 0x0101_0000));
    assert.equal(protocol.reqDmasterRsn(request), RSN_MAX);
    assert.equal(protocol.reqDmasterDmaster(request), 6);
    assert.equal(protocol.reqDmasterRecordFlags(request), 0x0101_0000);
    const reply = written((w) => protocol.writeReplyDmaster(w, 1, 2, 3, 4, 5, 7, key, value, 0x8000_0001));
    assert.equal(protocol.replyDmasterRsn(reply), 7);
    assert.deepEqual(protocol.replyDmasterData(reply), value);
    assert.equal(protocol.replyDmasterRecordFlags(reply), 0x8000_0001);
  }
});

test("record flags of a very old peer, whose packet ends before them, read as 0", () => {
  const p = written((w) => protocol.writeReplyDmaster(w, 1, 2, 3, 4, 5, 7, Buffer.alloc(8), none, 0xffff_ffff));
  assert.equal(protocol.replyDmasterRecordFlags(p.subarray(0, 64)), 0);
});

test("an rsn beyond the safe integers is refused on receipt and when it is written", () => {
  const p = written((w) => protocol.writeReqDmaster(w, 1, 2, 3, 4, 5, RSN_MAX, 6, key, data, 0));
  p.writeUInt32LE(0x0020_0000, 44);
  assert.throws(() => protocol.checkReqDmaster(p), ProtocolError);
  assert.throws(() => protocol.reqDmasterRsn(p), ProtocolError);
  const w = new PacketWriter();
  assert.throws(() => protocol.writeReqDmaster(w, 1, 2, 3, 4, 5, RSN_MAX + 1, 6, key, data, 0), RangeError);
  assert.throws(() => protocol.writeReqDmaster(w, 1, 2, 3, 4, 5, -1, 6, key, data, 0), RangeError);
});

test("a srvid travels as two halves without becoming a bigint", () => {
  const srvid = 0xfe00_0000_0000_0002n;
  const [hi, lo] = [protocol.srvidHigh(srvid), protocol.srvidLow(srvid)];
  const p = written((w) => protocol.writeReqMessage(w, 1, 2, 3, 0, hi, lo, data));
  assert.deepEqual([protocol.reqMessageSrvidHi(p), protocol.reqMessageSrvidLo(p)], [0xfe00_0000, 2]);
  assert.equal(protocol.reqMessageSrvid(p), srvid);
  assert.equal(protocol.srvidFrom(hi, lo), srvid);
  assert.deepEqual(protocol.reqMessageData(p), data);
});

test("the error text of a REPLY_CONTROL has no NUL and is read with or without one", () => {
  const text = "node is disconnected";
  const p = written((w) => protocol.writeReplyControl(w, 1, 2, 3, 4, -1, none, text));
  assert.equal(p.readUInt32LE(40), text.length);
  assert.equal(protocol.replyControlStatus(p), -1);
  assert.equal(protocol.replyControlErrorText(p), text);
  const nul = written((w) => protocol.writeReplyControl(w, 1, 2, 3, 4, -1, none, Buffer.from(`${text}\0`)));
  assert.equal(protocol.replyControlErrorText(nul), text);
  const umlaut = written((w) => protocol.writeReplyControl(w, 1, 2, 3, 4, -1, none, "gestört"));
  assert.equal(protocol.replyControlErrorText(umlaut), "gestört");
});

test("the text of a REPLY_ERROR is sent with its NUL", () => {
  const p = written((w) => protocol.writeReplyError(w, 1, 2, 3, 4, -1, "ltdb fetch failed"));
  assert.equal(p.readUInt32LE(36), 18);
  assert.equal(protocol.replyErrorMessage(p), "ltdb fetch failed");
});

test("a keepalive of header size only is accepted and says nothing about its sender", () => {
  const p = written((w) => protocol.writeReqKeepalive(w, 1, 2, 3, 0, 0x0004_0011, 99));
  assert.equal(p.length, 40);
  assert.equal(protocol.reqKeepaliveVersion(p), 0x0004_0011);
  const old = Buffer.from(p.subarray(0, 32));
  protocol.checkReqKeepalive(old);
  assert.deepEqual([protocol.reqKeepaliveVersion(old), protocol.reqKeepaliveUptime(old)], [0, 0]);
  assert.throws(() => protocol.checkReqKeepalive(Buffer.alloc(36)), ProtocolError);
});

test("views of a packet are no copies", () => {
  const p = written((w) => protocol.writeReplyCall(w, 1, 2, 3, 4, 0, data));
  assert.equal(protocol.replyCallData(p).buffer, p.buffer);
});

test("the writer grows for a large packet and gives the memory back for the next small one", () => {
  const w = new PacketWriter();
  protocol.writeReplyCall(w, 1, 2, 3, 4, 0, Buffer.alloc(3 * protocol.SCRATCH_KEEP_MAX, 7));
  assert.ok(w.bytes.length > protocol.SCRATCH_KEEP_MAX);
  assert.ok(protocol.replyCallData(w.packet()).every((byte) => byte === 7));
  protocol.writeReplyCall(w, 1, 2, 3, 4, 0, data);
  assert.ok(w.bytes.length <= protocol.SCRATCH_KEEP_MAX);
  assert.deepEqual(protocol.replyCallData(w.packet()), data);
});

test("a packet that a u32 length cannot describe is refused", () => {
  assert.throws(() => new PacketWriter().begin(protocol.PACKET_LENGTH_MAX + 1), RangeError);
});

test("inner lengths beyond the packet are refused and say where", () => {
  const p = written((w) => protocol.writeReqCall(w, 1, 2, 3, 4, 0, 5, 6, 0, key, data));
  p.writeUInt32LE(0xffff_ffff, 48);
  assert.throws(
    () => protocol.checkReqCall(p),
    (error) =>
      error instanceof ProtocolError && error.offset === 48 && error.field === "REQ_CALL keyLength + callDataLength",
  );
});

const refusals: readonly { what: string; change: (p: Buffer) => Buffer; node: boolean; client: boolean }[] = [
  { what: "a packet shorter than a header", change: (p) => p.subarray(0, 31), node: true, client: true },
  { what: "an empty packet", change: (p) => p.subarray(0, 0), node: true, client: true },
  { what: "a length field of 0", change: (p) => set(p, 0, 0), node: true, client: true },
  { what: "a length field unlike the packet", change: (p) => set(p, 0, 4096), node: true, client: true },
  {
    what: "a length that is no multiple of 8",
    change: (p) => set(p.subarray(0, p.length - 3), 0, p.length - 3),
    node: true,
    client: false,
  },
  { what: "a bad magic", change: (p) => set(p, 4, 0x4254_4443), node: true, client: true },
  { what: "another protocol version", change: (p) => set(p, 8, 2), node: true, client: true },
];

function set(p: Buffer, offset: number, value: number): Buffer {
  p.writeUInt32LE(value, offset);
  return p;
}

for (const { what, change, node, client } of refusals) {
  const places = [node ? "a node" : "", client ? "a client" : ""].filter((place) => place !== "").join(" and ");
  test(`${what} is refused from ${places}`, () => {
    const p = change(written((w) => protocol.writeReqMessage(w, 1, 2, 3, 0, 4, 5, Buffer.alloc(20))));
    const check = (link: protocol.Link): void => protocol.checkHeader(p, link);
    if (node) assert.throws(() => check("node"), ProtocolError);
    if (client) assert.throws(() => check("client"), ProtocolError);
    else check("client");
  });
}

test("an unknown packet type is refused when it is decoded", () => {
  const p = written((w) => protocol.writeReqMessage(w, 1, 2, 3, 0, 4, 5, none));
  p.writeUInt32LE(6, 16);
  assert.throws(() => protocol.checkPacket(p), ProtocolError);
  assert.throws(() => protocol.decodePacket(p), ProtocolError);
});

test("every packet object encodes and decodes to itself, padded or at a length of its own", () => {
  const header = { generation: 1, destnode: 2, srcnode: 3, reqid: 4 };
  const bytes = new Uint8Array([1, 2, 3]);
  const packets: protocol.Packet[] = [
    { type: "REQ_CALL", header, flags: 1, dbId: 2, callId: 3, hopcount: 4, key: bytes, callData: bytes },
    { type: "REPLY_CALL", header, status: -1, data: bytes },
    { type: "REQ_DMASTER", header, dbId: 1, rsn: 2, dmaster: 3, key: bytes, data: bytes, recordFlags: 4 },
    { type: "REPLY_DMASTER", header, dbId: 1, rsn: 2, key: bytes, data: bytes, recordFlags: 4 },
    { type: "REPLY_ERROR", header, status: -1, message: "no" },
    { type: "REQ_MESSAGE", header, srvid: 0xf101_0000_0000_0000n, data: bytes },
    { type: "REQ_CONTROL", header, opcode: 3, srvid: 1n, clientId: 2, flags: 3, data: bytes },
    { type: "REPLY_CONTROL", header, status: 0, data: bytes, errorText: "no" },
    { type: "REQ_KEEPALIVE", header, version: 1, uptime: 2 },
    { type: "REQ_TUNNEL", header, tunnelId: 5n, flags: 1, data: bytes },
  ];
  assert.equal(packets.length, Object.keys(protocol.Operation).length);
  for (const packet of packets) {
    assert.deepEqual(protocol.decodePacket(protocol.encodePacket(packet), "node"), packet);
    assert.deepEqual(protocol.decodePacket(protocol.encodePacket(packet, 101)), packet);
  }
  const [first] = packets;
  assert.ok(first);
  assert.throws(() => protocol.encodePacket(first, 40), RangeError);
});
