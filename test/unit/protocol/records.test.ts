// Record headers and marshall buffers.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  lmasterOf,
  lmasterOfHash,
  ProtocolError,
  RecBuffer,
  RecBufferReader,
  RecBufferWriter,
  RecData,
  RecordHeader,
  recordHeaderDmaster,
  recordHeaderFlags,
  recordHeaderRsn,
  writeRecordHeader,
} from "../../../src/protocol/index.js";

const key = (text: string): Buffer => Buffer.from(text);

test("a record header keeps rsn, dmaster and flags and zeroes the rest", () => {
  const buffer = Buffer.alloc(30, 0xee);
  writeRecordHeader(buffer, 3, Number.MAX_SAFE_INTEGER, 0xffff_ffff, 0x0f05_0000);
  assert.equal(recordHeaderRsn(buffer, 3), Number.MAX_SAFE_INTEGER);
  assert.equal(recordHeaderDmaster(buffer, 3), 0xffff_ffff);
  assert.equal(recordHeaderFlags(buffer, 3), 0x0f05_0000);
  assert.equal(buffer.readUInt32LE(15), 0);
  assert.equal(buffer.readUInt32LE(23), 0);
  const asObject = RecordHeader.decode(buffer.subarray(3, 27));
  assert.deepEqual(Buffer.from(RecordHeader.encode(asObject)), buffer.subarray(3, 27));
});

test("an rsn beyond the safe integers is refused, not rounded", () => {
  const buffer = Buffer.alloc(24, 0xff);
  assert.throws(() => recordHeaderRsn(buffer, 0), ProtocolError);
  assert.throws(() => RecordHeader.decode(buffer), ProtocolError);
  assert.throws(() => writeRecordHeader(buffer, 0, 0.5, 0, 0), RangeError);
});

test("a marshall buffer streams back what was added, at any alignment, as views", () => {
  const writer = new RecBufferWriter(0x900f773e, 8);
  writer.add(7, key("a"), key("raw data"));
  writer.addWithHeader(8, key("longer key"), 42, 1, 0x0001_0000, key("value"));
  writer.add(9, key(""), key(""));
  const bytes = writer.bytes();
  assert.equal(writer.count, 3);
  assert.equal(writer.byteLength, bytes.length);
  const reader = new RecBufferReader(bytes);
  assert.deepEqual([reader.dbId, reader.count], [0x900f773e, 3]);
  assert.ok(reader.next());
  assert.deepEqual([reader.reqid, reader.key.toString(), reader.data.toString()], [7, "a", "raw data"]);
  assert.equal(reader.hasHeader, false);
  assert.throws(() => reader.value, ProtocolError);
  assert.ok(reader.next());
  assert.equal(reader.key.buffer, bytes.buffer);
  assert.deepEqual([reader.rsn, reader.dmaster, reader.flags], [42, 1, 0x0001_0000]);
  assert.equal(reader.value.toString(), "value");
  assert.equal(reader.data.length, 29);
  assert.ok(reader.next());
  assert.deepEqual([reader.keyLength, reader.dataLength], [0, 0]);
  assert.equal(reader.next(), false);
});

test("a marshall buffer is used again after a reset", () => {
  const writer = new RecBufferWriter(1);
  writer.add(0, key("a"), key("b"));
  writer.reset(2);
  assert.equal(Buffer.from(writer.bytes()).toString("hex"), "0200000000000000");
  writer.add(0, key("c"), key(""));
  assert.deepEqual(RecBuffer.decode(writer.bytes()), {
    dbId: 2,
    records: [{ reqid: 0, key: new Uint8Array([99]), data: new Uint8Array(0) }],
  });
});

test("what follows the last record of a marshall buffer is ignored", () => {
  const bytes = Buffer.concat([RecBuffer.encode({ dbId: 1, records: [] }), Buffer.from("rest")]);
  assert.equal(new RecBufferReader(bytes).next(), false);
  assert.deepEqual(RecBuffer.decode(bytes), { dbId: 1, records: [] });
});

test("a marshall buffer that counts more records than can fit is refused before anything is read", () => {
  const bytes = Buffer.from("01000000ffffffff", "hex");
  assert.throws(() => new RecBufferReader(bytes), ProtocolError);
  assert.throws(() => new RecBufferReader(bytes.subarray(0, 7)), ProtocolError);
});

test("a record whose lengths contradict each other is refused", () => {
  const good = Buffer.from(RecData.encode({ reqid: 1, key: key("key"), data: key("data") }));
  for (const [offset, value] of [
    [0, good.length + 1],
    [0, good.length - 1],
    [8, 4],
    [8, 0xffff_fff0],
    [12, 0],
  ] as const) {
    const bad = Buffer.from(good);
    bad.writeUInt32LE(value, offset);
    assert.throws(() => RecData.decode(bad), ProtocolError);
  }
});

test("a decoded record does not change when the receive buffer is used again", () => {
  const bytes = Buffer.from(RecData.encode({ reqid: 1, key: key("key"), data: key("data") }));
  const record = RecData.decode(bytes);
  bytes.fill(0);
  assert.equal(Buffer.from(record.key).toString(), "key");
  assert.equal(Buffer.from(record.data).toString(), "data");
});

test("the lmaster of a key is the map's slot of its hash", () => {
  // hash("key1") is 0x1de0df49: slot 1 of 2, 0 of 3.
  assert.equal(lmasterOf([4, 5], key("key1")), 5);
  assert.equal(lmasterOf([4, 5, 6], key("key1")), 4);
  assert.equal(lmasterOfHash([9], 0xffff_ffff), 9);
  assert.throws(() => lmasterOf([], key("key1")), RangeError);
});
