import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { RecordFlag, writeRecordHeader } from "../../../src/protocol/index.js";
import { RecordStore } from "../../../src/records/record-store.js";

const KEY = Buffer.from("key");
const SELF = 1;

describe("RecordStore", () => {
  let stored: Map<string, Buffer>;
  let scheduled: string[];
  let lmaster: number;

  function store(isVolatile = true): RecordStore {
    return new RecordStore(
      {
        file: {
          fetch: (key) => stored.get(key.toString()),
          storeRecord(key, rsn, dmaster, flags, data) {
            const value = Buffer.alloc(24 + data.length);
            writeRecordHeader(value, 0, rsn, dmaster, flags);
            data.copy(value, 24);
            stored.set(key.toString(), value);
          },
          storeRange: () => {
            throw new Error("records are not pushed here");
          },
          delete: (key) => stored.delete(key.toString()),
        },
        deletions: {
          isEmpty: true,
          schedule: (key, rsn) => scheduled.push(`${key.toString()}:${rsn}`),
          cancel: (key) => scheduled.push(`not ${key.toString()}`),
        },
        ownPnn: SELF,
        lmasterOf: () => lmaster,
      },
      isVolatile,
    );
  }

  beforeEach(() => {
    stored = new Map();
    scheduled = [];
    lmaster = SELF;
  });

  it("creates a missing record at its lmaster with rsn 1 and schedules it for deletion", () => {
    const records = store();
    records.fetch(KEY);
    assert.deepEqual([records.rsn, records.dmaster, records.flags], [1, SELF, 0]);
    assert.deepEqual(scheduled, ["key:1"]);
    assert.equal(stored.size, 1);
  });

  it("does not store a missing record elsewhere, but names the lmaster as its owner", () => {
    lmaster = 0;
    const records = store();
    records.fetch(KEY);
    assert.deepEqual([records.rsn, records.dmaster, records.flags], [0, 0, RecordFlag.AUTOMATIC]);
    assert.equal(stored.size, 0);
  });

  it("takes a value that is shorter than a header for a missing record", () => {
    lmaster = 0;
    stored.set("key", Buffer.alloc(23));
    const records = store();
    records.fetch(KEY);
    assert.equal(records.flags, RecordFlag.AUTOMATIC);
  });

  it("raises the rsn with each store of an owned record", () => {
    const records = store();
    Object.assign(records, { rsn: 5, dmaster: SELF, flags: 0, data: Buffer.from("x") });
    records.store(KEY);
    assert.equal(records.rsn, 6);
    records.store(KEY, 2);
    assert.equal(records.rsn, 8);
  });

  it("leaves the rsn alone when the record was given away", () => {
    const records = store();
    Object.assign(records, { rsn: 5, dmaster: 2, flags: RecordFlag.MIGRATED_WITH_DATA, data: Buffer.from("x") });
    records.store(KEY);
    assert.equal(records.rsn, 5);
  });

  it("deletes an empty record that never had data and was given away by a node that is not its lmaster", () => {
    lmaster = 0;
    stored.set("key", Buffer.alloc(24));
    const records = store();
    Object.assign(records, { rsn: 5, dmaster: 2, flags: 0, data: Buffer.alloc(0) });
    records.store(KEY);
    assert.equal(stored.size, 0);
  });

  it("keeps an empty record that was given away when it once travelled with data", () => {
    lmaster = 0;
    const records = store();
    Object.assign(records, { rsn: 5, dmaster: 2, flags: RecordFlag.MIGRATED_WITH_DATA, data: Buffer.alloc(0) });
    records.store(KEY);
    assert.equal(stored.size, 1);
  });

  it("deletes an empty record that came home to its lmaster for vacuuming, and the call after it makes a fresh one", () => {
    const records = store();
    Object.assign(records, { rsn: 9, dmaster: SELF, flags: RecordFlag.VACUUM_MIGRATED, data: Buffer.alloc(0) });
    records.store(KEY);
    assert.equal(stored.size, 0);
    Object.assign(records, { rsn: 9, dmaster: SELF, flags: RecordFlag.VACUUM_MIGRATED });
    records.store(KEY, 2);
    assert.deepEqual([records.rsn, records.flags, stored.size], [10, 0, 1]);
  });

  it("never keeps a transient flag in the file", () => {
    const records = store();
    const flags = RecordFlag.VACUUM_MIGRATED | RecordFlag.AUTOMATIC | RecordFlag.MIGRATED_WITH_DATA;
    Object.assign(records, { rsn: 1, dmaster: SELF, flags, data: Buffer.from("x") });
    records.store(KEY);
    assert.equal(stored.get("key")?.readUInt32LE(16), RecordFlag.MIGRATED_WITH_DATA);
  });

  it("stores records of databases that are not volatile as they are", () => {
    const records = store(false);
    Object.assign(records, { rsn: 3, dmaster: SELF, flags: 0, data: Buffer.from("x") });
    records.store(KEY);
    assert.equal(records.rsn, 3);
    assert.deepEqual(scheduled, []);
  });
});
