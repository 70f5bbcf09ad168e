// Integers of packets and records, against the methods of Buffer.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readU32, writeU32 } from "../../../src/protocol/index.js";

describe("integers in place", () => {
  it("reads and writes what Buffer reads and writes, at odd offsets too", () => {
    const ours = Buffer.alloc(16, 0xaa);
    const expected = Buffer.alloc(16, 0xaa);
    for (const value of [0, 1, 0x80, 0x7fff_ffff, 0x8000_0000, 0xdead_beef, 0xffff_ffff]) {
      for (const offset of [0, 3, 12]) {
        writeU32(ours, offset, value);
        expected.writeUInt32LE(value, offset);
        assert.deepEqual(ours, expected);
        assert.equal(readU32(ours, offset), value);
      }
    }
  });

  it("refuses a place that does not lie inside the bytes", () => {
    const bytes = Buffer.alloc(8, 7);
    for (const offset of [-1, 5, 8, 0.5, Number.NaN]) {
      assert.throws(() => readU32(bytes, offset), RangeError);
      assert.throws(() => writeU32(bytes, offset, 1), RangeError);
    }
    assert.deepEqual(bytes, Buffer.alloc(8, 7));
  });

  it("refuses to store what is no u32", () => {
    const bytes = Buffer.alloc(4, 7);
    for (const value of [-1, 0x1_0000_0000, 1.5, Number.NaN]) {
      assert.throws(() => writeU32(bytes, 0, value), RangeError);
    }
    assert.deepEqual(bytes, Buffer.alloc(4, 7));
  });
});
