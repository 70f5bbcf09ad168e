// Every captured packet decodes to what an independent decoder saw, and encodes to the same bytes again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteReader } from "../../../src/protocol/byte-reader.js";
import type { StructCodec } from "../../../src/protocol/index.js";
import {
  type AnyControl,
  checkPacket,
  controlByOpcode,
  controlName,
  databaseId,
  decodeControlRequest,
  decodeEventdReply,
  decodeEventdRequest,
  decodePacket,
  encodeEventdReply,
  encodeEventdRequest,
  encodePacket,
  findMessage,
  hashKey,
  hashRange,
  oldTdbHash,
  type Packet,
  ProtocolError,
  Srvid,
} from "../../../src/protocol/index.js";
import { differences } from "./decoded-view.js";
import { isRecord, packetFiles, readHashes, readVectors, type Vector } from "./vector-files.js";

function link(vector: Vector): "node" | "client" {
  return vector.direction === "node->node" ? "node" : "client";
}

/** Number in front of or inside of names like "REQ_CALL(0)". */
function numberIn(view: unknown): number {
  if (typeof view === "number") return view;
  const inside = /\((\w+)\)$/.exec(String(view))?.[1];
  return Number(inside ?? view);
}

function headerDifferences(view: unknown, packet: Packet, vector: Vector): string[] {
  if (!isRecord(view)) return ["the view has no header"];
  const { generation, destnode, srcnode, reqid } = packet.header;
  return [
    ...differences(view["length"], vector.bytes.length, "length"),
    ...differences(numberIn(view["operation"]), vector.bytes.readUInt32LE(16), "operation"),
    ...differences(view["generation"], generation, "generation"),
    ...differences(numberIn(view["destnode"]), destnode, "destnode"),
    ...differences(numberIn(view["srcnode"]), srcnode, "srcnode"),
    ...differences(view["reqid"], reqid, "reqid"),
  ];
}

/** Fields of the view that are in the packet itself: without header and payload. */
function bodyDifferences(packet: Packet, decoded: Record<string, unknown>): string[] {
  const renamed: Record<string, string> = {
    samba_version: "version",
    msg: "message",
    error: "errorText",
    opcode: "opcode",
    calldata: "callData",
    callid: "callId",
  };
  const skipped = new Set(["header", "payload", "trailing_pad", "answers", "pad", "hole", "srvid_name"]);
  const lengths = /^(keylen|datalen|errorlen|msglen|calldatalen)$/;
  const value = new Map<string, unknown>(Object.entries(packet));
  return Object.entries(decoded).flatMap(([name, view]) => {
    if (skipped.has(name) || lengths.test(name)) return [];
    const key = renamed[name] ?? name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    if (!value.has(key)) return [`${name}: the packet has no ${key}`];
    const wanted = name === "opcode" ? numberIn(view) : view;
    // The view escapes the NUL that a REPLY_ERROR counts; the accessor stops at it.
    const text = name === "msg" ? String(view).replace(/\\0$/, "") : wanted;
    return differences(text, value.get(key), name);
  });
}

/** The codec of the payload, if the payload is one that can be decoded. */
function payloadCodec(packet: Packet, decoded: Record<string, unknown>): StructCodec<unknown> | undefined {
  switch (packet.type) {
    case "REQ_CONTROL":
      return requestCodec(controlByOpcode(packet.opcode));
    case "REPLY_CONTROL":
      return replyCodec(controlByOpcode(numberIn(decoded["answers"])), packet.status);
    case "REQ_MESSAGE":
      return isRecord(decoded["payload"]) && "raw" in decoded["payload"]
        ? undefined
        : findMessage(packet.srvid)?.payload;
    default:
      return undefined;
  }
}

function requestCodec(entry: ReturnType<typeof controlByOpcode>): StructCodec<unknown> | undefined {
  return entry === undefined || entry.obsolete ? undefined : entry.request;
}

function replyCodec(entry: ReturnType<typeof controlByOpcode>, status: number): StructCodec<unknown> | undefined {
  if (entry === undefined || entry.obsolete || entry.replyInStatus || status !== 0) return undefined;
  return entry.reply;
}

function payloadBytes(packet: Packet): Uint8Array {
  return "data" in packet ? packet.data : new Uint8Array(0);
}

for (const file of packetFiles) {
  test(`every packet of ${file} decodes to the recorded view and encodes to the same bytes`, () => {
    const vectors = readVectors(file);
    for (const vector of vectors) {
      const packet = decodePacket(vector.bytes, link(vector));
      assert.deepEqual(headerDifferences(vector.decoded["header"], packet, vector), [], `${vector.source} header`);
      assert.deepEqual(bodyDifferences(packet, vector.decoded), [], `${vector.source} ${vector.name}`);
      const encoded = encodePacket(packet, vector.bytes.length);
      assert.equal(encoded.toString("hex"), vector.bytes.toString("hex"), `${vector.source} ${vector.name} encoded`);
    }
    assert.ok(vectors.length > 0);
  });

  test(`every payload of ${file} decodes to the recorded view and encodes to the same bytes`, () => {
    for (const vector of readVectors(file)) {
      const packet = decodePacket(vector.bytes, link(vector));
      const view = vector.decoded["payload"];
      const bytes = payloadBytes(packet);
      if (isRecord(view) && "raw" in view) {
        assert.deepEqual(differences(view, bytes, "raw"), [], `${vector.source} ${vector.name}`);
      }
      const codec = payloadCodec(packet, vector.decoded);
      if (codec === undefined || isUnwantedPayload(packet)) continue;
      const value = codec.decode(bytes);
      if (!(isRecord(view) && "raw" in view)) {
        assert.deepEqual(differences(view, value, "payload"), [], `${vector.source} ${vector.name}`);
      }
      const encoded = withPaddingOf(bytes, codec, codec.encode(value)).toString("hex");
      assert.equal(encoded, Buffer.from(bytes).toString("hex"), `${vector.source} ${vector.name} payload encoded`);
      assert.equal(codec.size(value), bytes.length, `${vector.source} ${vector.name} size`);
    }
  });
}

/** C peers leave in padding what their memory held; we send zeros. Puts the sender's padding into our encoding. */
function withPaddingOf(original: Uint8Array, codec: StructCodec<unknown>, encoded: Uint8Array): Buffer {
  const bytes = Buffer.from(encoded);
  const reader = new ByteReader(original, codec.name);
  reader.onPadding = (start, length) => {
    assert.ok(
      bytes.subarray(start, start + length).every((byte) => byte === 0),
      `${codec.name}: padding is not zero`,
    );
    bytes.set(original.subarray(start, start + length), start);
  };
  codec.read(reader);
  return bytes;
}

/** A request that was captured to show that the daemon refuses its size. */
function isUnwantedPayload(packet: Packet): boolean {
  if (packet.type !== "REQ_CONTROL") return false;
  const entry = controlByOpcode(packet.opcode);
  return entry !== undefined && !entry.obsolete && entry.exact !== undefined && entry.exact !== packet.data.length;
}

test("a captured PING with a payload, which the C daemon refuses, breaks the exact-size rule", () => {
  const ping = readVectors("packets.jsonl").find(({ name, bytes }) => name === "REQ_CONTROL:PING" && bytes[56] === 1);
  assert.ok(ping);
  const packet = decodePacket(ping.bytes);
  assert.equal(packet.type, "REQ_CONTROL");
  assert.throws(() => decodeControlRequest("PING", payloadBytes(packet)), ProtocolError);
});

test("all captured controls have the recorded names and srvids the recorded ranges", () => {
  for (const file of packetFiles) {
    for (const { decoded, bytes, source } of readVectors(file)) {
      const opcode = decoded["opcode"] ?? decoded["answers"];
      if (opcode !== undefined) {
        const name = controlName(numberIn(opcode)).replace(/^control \d+$/, "?");
        assert.equal(`${name}(${numberIn(opcode)})`, String(opcode), source);
      }
      const srvidName = decoded["srvid_name"];
      if (typeof srvidName === "string" && srvidName in Srvid && !srvidName.endsWith("_RANGE")) {
        const packet = decodePacket(bytes);
        assert.equal(packet.type, "REQ_MESSAGE");
        if (packet.type === "REQ_MESSAGE") assert.equal(findMessage(packet.srvid)?.name, srvidName, source);
      }
    }
  }
});

test("every captured packet passes the checks of the hot path", () => {
  for (const file of packetFiles) {
    for (const { bytes } of readVectors(file)) checkPacket(bytes);
  }
});

test("the event daemon's packets decode to the recorded view and encode to the same bytes", () => {
  for (const { name, bytes, decoded, source } of readVectors("eventd.jsonl")) {
    const isRequest = name.startsWith("EVENTD_REQ");
    const wanted: Record<string, unknown> = {};
    for (const [key, view] of Object.entries(decoded)) {
      if (!["length", "version", "cmd", "trailing", "reqid"].includes(key)) wanted[key] = view;
    }
    const packet = isRequest ? decodeEventdRequest(bytes) : decodeEventdReply(bytes);
    assert.equal(packet.reqid, decoded["reqid"], source);
    assert.ok(String(decoded["cmd"]).startsWith(packet.command), source);
    assert.deepEqual(differences(wanted, eventdBody(packet), name), [], source);
    const encoded = isRequest
      ? encodeEventdRequest(decodeEventdRequest(bytes))
      : encodeEventdReply(decodeEventdReply(bytes));
    assert.equal(Buffer.from(encoded).toString("hex"), bytes.toString("hex"), source);
  }
});

/** The fields that follow the header in one flat object, as the view has them. */
function eventdBody(packet: ReturnType<typeof decodeEventdRequest> | ReturnType<typeof decodeEventdReply>): unknown {
  if ("run" in packet) return packet.run;
  if ("status" in packet) return packet.status;
  if ("script" in packet) return packet.script;
  return { result: packet.result, ...packet.scripts };
}

function rows(value: unknown, name: string): Record<string, unknown>[] {
  const list = isRecord(value) ? value[name] : undefined;
  assert.ok(Array.isArray(list) && list.length > 0, `hashes.json has no ${name}`);
  return list.filter(isRecord);
}

test("database ids and key hashes are those of libtdb", () => {
  const hashes = readHashes();
  for (const row of rows(hashes, "db_id")) assert.equal(databaseId(String(row["name"])), row["hash"]);
  for (const row of rows(hashes, "key_hash")) {
    const key = Buffer.from(String(row["hex"]), "hex");
    assert.equal(hashKey(key), row["jenkins"]);
    assert.equal(oldTdbHash(key), row["old_tdb_hash"]);
    assert.equal(hashRange(Buffer.concat([Buffer.from("xyz"), key]), 3, key.length), row["jenkins"]);
  }
});

test("each control and each message type of the capture has a codec for its payload", () => {
  const without: string[] = [];
  for (const vector of readVectors("packets.jsonl")) {
    const packet = decodePacket(vector.bytes, link(vector));
    if (packet.type !== "REQ_CONTROL" || packet.data.length === 0) continue;
    const entry = controlByOpcode(packet.opcode);
    if (entry === undefined || entry.obsolete) continue;
    const { request }: AnyControl = entry;
    if (request.name === "Empty" && entry.name !== "PING") without.push(vector.name);
  }
  assert.deepEqual(without, []);
});
