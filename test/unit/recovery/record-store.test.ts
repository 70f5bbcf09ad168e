import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RecordFlag } from "../../../src/protocol/index.js";
import { MalformedRecordsError } from "../../../src/recovery/errors.js";
import { RecordStore } from "../../../src/recovery/record-store.js";

interface Rec {
  readonly key: string;
  readonly rsn: number;
  readonly dmaster: number;
  readonly flags?: number;
  readonly value: string;
}

const LEADER = 1;
const DB = 0xabcdef01;

function encode(records: readonly Rec[]): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(DB, 0);
  head.writeUInt32LE(records.length, 4);
  const parts = records.map(({ key, rsn, dmaster, flags = 0, value }) => {
    const part = Buffer.alloc(16 + key.length + 24 + value.length);
    part.writeUInt32LE(part.length, 0);
    part.writeUInt32LE(key.length, 8);
    part.writeUInt32LE(24 + value.length, 12);
    part.write(key, 16);
    const header = 16 + key.length;
    part.writeBigUInt64LE(BigInt(rsn), header);
    part.writeUInt32LE(dmaster, header + 8);
    part.writeUInt32LE(flags, header + 16);
    part.write(value, header + 24);
    return part;
  });
  return Buffer.concat([head, ...parts]);
}

function decode(bytes: Buffer): Rec[] {
  assert.equal(bytes.readUInt32LE(0), DB);
  const records: Rec[] = [];
  let at = 8;
  for (let i = 0; i < bytes.readUInt32LE(4); i++) {
    const keyLength = bytes.readUInt32LE(at + 8);
    const dataLength = bytes.readUInt32LE(at + 12);
    assert.equal(bytes.readUInt32LE(at), 16 + keyLength + dataLength);
    assert.equal(bytes.readUInt32LE(at + 4), 0, "reqid is 0");
    const header = at + 16 + keyLength;
    records.push({
      key: bytes.toString("latin1", at + 16, header),
      rsn: Number(bytes.readBigUInt64LE(header)),
      dmaster: bytes.readUInt32LE(header + 8),
      flags: bytes.readUInt32LE(header + 16),
      value: bytes.toString("latin1", header + 24, header + dataLength),
    });
    at = header + dataLength;
  }
  assert.equal(at, bytes.length);
  return records;
}

function store(bufferBytesMax = 1_000_000): RecordStore {
  return new RecordStore({ dbId: DB, leaderPnn: LEADER, bufferBytesMax, seed: 7 });
}

function drained(from: RecordStore, claim: boolean): Rec[] {
  return [...from.drain(claim)].flatMap(({ bytes, count }) => {
    const records = decode(bytes);
    assert.equal(records.length, count);
    return records;
  });
}

/** All orders in which the copies of three nodes can come. */
const ORDERS = [
  [0, 1, 2],
  [2, 1, 0],
  [1, 0, 2],
  [1, 2, 0],
  [0, 2, 1],
  [2, 0, 1],
];

/** The value that is left when node i has the copy i of one record, and they come in that order. */
function keptOf(copies: readonly Rec[], order: readonly number[]): string | undefined {
  const records = store();
  for (const source of order) {
    const copy = copies[source];
    assert.ok(copy);
    records.mergeAll(encode([copy]), source);
  }
  return drained(records, false)[0]?.value;
}

describe("the record store of a recovery", () => {
  it("keeps the copy with the highest rsn, whatever order the copies come in", () => {
    const copies: Rec[] = [
      { key: "k", rsn: 3, dmaster: 0, value: "old" },
      { key: "k", rsn: 7, dmaster: 2, value: "newest" },
      { key: "k", rsn: 5, dmaster: 1, value: "middle!" },
    ];
    for (const order of ORDERS) assert.equal(keptOf(copies, order), "newest");
  });

  it("decides between equal rsns as a pull of one node after the other does", () => {
    // Sequential rule: the stored copy is replaced when its dmaster is the leader.
    const sequential = (copies: readonly Rec[]): string => {
      let kept: Rec | undefined;
      for (const copy of copies) {
        if (kept === undefined || copy.rsn > kept.rsn || (copy.rsn === kept.rsn && kept.dmaster === LEADER))
          kept = copy;
      }
      return kept?.value ?? "";
    };
    for (let pattern = 0; pattern < 8; pattern++) {
      const copies = [0, 1, 2].map((source) => ({
        key: "k",
        rsn: 4,
        dmaster: (pattern >> source) & 1 ? LEADER : 2,
        value: `from ${source}`,
      }));
      for (const order of ORDERS) {
        assert.equal(keptOf(copies, order), sequential(copies), `pattern ${pattern}, order ${order}`);
      }
    }
  });

  it("compares rsns beyond 32 bits", () => {
    const records = store();
    records.mergeAll(encode([{ key: "k", rsn: 2 ** 40, dmaster: 0, value: "high" }]), 0);
    records.mergeAll(encode([{ key: "k", rsn: 0xffffffff, dmaster: 2, value: "low!" }]), 1);
    assert.equal(drained(records, false)[0]?.value, "high");
  });

  it("makes the leader dmaster and marks the records as migrated with data when it claims them", () => {
    const records = store();
    records.mergeAll(encode([{ key: "k", rsn: 3, dmaster: 2, flags: 1, value: "v" }]), 0);
    assert.deepEqual(drained(records, true), [
      { key: "k", rsn: 3, dmaster: LEADER, flags: 1 | RecordFlag.MIGRATED_WITH_DATA, value: "v" },
    ]);
  });

  it("leaves headers of persistent records as they are", () => {
    const records = store();
    records.mergeAll(encode([{ key: "k", rsn: 3, dmaster: 2, flags: 1, value: "v" }]), 0);
    assert.deepEqual(drained(records, false), [{ key: "k", rsn: 3, dmaster: 2, flags: 1, value: "v" }]);
  });

  it("drops a record whose best copy is empty, even when an older copy has data", () => {
    const records = store();
    records.mergeAll(encode([{ key: "gone", rsn: 2, dmaster: 0, value: "zombie" }]), 0);
    records.mergeAll(encode([{ key: "gone", rsn: 5, dmaster: 1, value: "" }]), 1);
    records.mergeAll(encode([{ key: "here", rsn: 1, dmaster: 1, value: "x" }]), 1);
    assert.deepEqual(
      drained(records, true).map(({ key }) => key),
      ["here"],
    );
  });

  it("pushes one empty buffer when there is nothing to push", () => {
    const buffers = [...store().drain(true)];
    assert.equal(buffers.length, 1);
    assert.equal(buffers[0]?.count, 0);
    assert.equal(buffers[0]?.bytes.length, 8);
  });

  it("agrees with a map over many random copies of all sizes, in bounded buffers", () => {
    let state = 12345;
    const random = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % below;
    };
    const limit = 100_000;
    const records = store(limit);
    const expected = new Map<string, Rec>();
    for (let round = 0; round < 60; round++) {
      const batch: Rec[] = [];
      for (let i = 0; i < 500; i++) {
        const copy: Rec = {
          key: `key-${random(5000)}`,
          rsn: round * 500 + i + 1,
          dmaster: 2,
          flags: 0,
          value: "v".repeat(random(300)),
        };
        if (random(3) === 0) batch.push({ ...copy, rsn: 0, value: "loser" });
        batch.push(copy);
        expected.set(copy.key, copy);
      }
      assert.equal(records.mergeAll(encode(batch), round % 3), batch.length);
    }
    const got = new Map<string, Rec>();
    for (const { bytes } of records.drain(false)) {
      assert.ok(bytes.length <= limit);
      for (const record of decode(bytes)) {
        assert.ok(!got.has(record.key), `${record.key} comes once`);
        got.set(record.key, record);
      }
    }
    for (const [key, copy] of [...expected]) if (copy.value === "") expected.delete(key);
    assert.deepEqual([...got].sort(), [...expected].sort());
  });

  it("takes a record larger than a slab", () => {
    const records = store(100_000);
    const value = "x".repeat(3_000_000);
    records.mergeAll(encode([{ key: "big", rsn: 1, dmaster: 0, value }]), 0);
    assert.equal(drained(records, true)[0]?.value.length, value.length);
  });

  it("merges a buffer in slices with the same result", () => {
    const copies = Array.from({ length: 1000 }, (_, i) => ({ key: `k${i}`, rsn: 1, dmaster: 0, value: `${i}` }));
    const bytes = encode(copies);
    const records = store();
    const cursor = records.openBuffer(bytes);
    let count = 0;
    let slices = 0;
    while (cursor.remaining > 0) {
      count += records.merge(bytes, cursor, 0, 4096);
      slices++;
    }
    assert.equal(count, 1000);
    assert.ok(slices > 5);
    assert.equal(drained(records, true).length, 1000);
  });

  it("refuses buffers that do not hold what they claim", () => {
    const good = encode([{ key: "k", rsn: 1, dmaster: 0, value: "v" }]);
    const cut = good.subarray(0, good.length - 1);
    const tooMany = Buffer.from(good);
    tooMany.writeUInt32LE(2, 4);
    const headless = Buffer.from(good);
    headless.writeUInt32LE(23, 20);
    const wrongLength = Buffer.from(good);
    wrongLength.writeUInt32LE(good.length, 8);
    for (const bad of [cut, tooMany, headless, wrongLength, Buffer.alloc(4)]) {
      assert.throws(() => store().mergeAll(bad, 0), MalformedRecordsError);
    }
  });
});
