import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { RecordFlag } from "../../../src/protocol/index.js";
import { RecordRemoval } from "../../../src/vacuum/record-removal.js";
import { FakeFile } from "./fake-file.js";

const SELF = 1;
const KEY = Buffer.from("key");
const { MIGRATED_WITH_DATA, RO_HAVE_DELEGATIONS } = RecordFlag;

describe("removal of a deleted record", () => {
  let file: FakeFile;
  let lmaster: number;
  let removal: RecordRemoval;
  beforeEach(() => {
    file = new FakeFile();
    lmaster = SELF;
    removal = new RecordRemoval(file, SELF, () => lmaster);
  });

  it("removes a record at once that no other node ever got data of", () => {
    file.put("key", 7, SELF);
    assert.equal(removal.consider(KEY, { rsn: 7, flags: 0 }), "deleted");
    assert.equal(file.content.size, 0);
  });

  for (const [stored, scheduled] of [
    [MIGRATED_WITH_DATA, 0],
    [0, MIGRATED_WITH_DATA],
  ] as const) {
    it(`asks the others first where ${stored === 0 ? "the scheduled header" : "the record"} says it travelled`, () => {
      file.put("key", 7, SELF, stored);
      assert.equal(removal.consider(KEY, { rsn: 7, flags: scheduled }), "ask");
      assert.equal(removal.storedFlags, stored);
      assert.equal(file.content.size, 1);
    });
  }

  it("leaves the removal to the lmaster", () => {
    lmaster = 2;
    file.put("key", 7, SELF);
    assert.equal(removal.consider(KEY, { rsn: 7, flags: 0 }), "handOver");
    assert.equal(file.content.size, 1);
  });

  it("does not wait for a lock", () => {
    file.put("key", 7, SELF);
    file.foreign.add("key");
    assert.equal(removal.consider(KEY, { rsn: 7, flags: 0 }), "busy");
    assert.equal(removal.finish(KEY, 7), "busy");
  });

  const changes: Array<[string, (file: FakeFile) => void]> = [
    ["is absent", () => {}],
    ["has data again", (f) => f.put("key", 7, SELF, 0, "data")],
    ["is shorter than a header", (f) => f.content.set("key", Buffer.alloc(8))],
    ["belongs to another node", (f) => f.put("key", 7, 0)],
    ["was away and came back", (f) => f.put("key", 9, SELF)],
  ];
  for (const [what, change] of changes) {
    it(`does not touch a record that ${what}`, () => {
      change(file);
      const before = [...file.content];
      assert.equal(removal.consider(KEY, { rsn: 7, flags: 0 }), "gone");
      assert.equal(removal.finish(KEY, 7), "gone");
      assert.deepEqual([...file.content], before);
    });
  }

  it("does not touch a record that others may read from copies of their own", () => {
    file.put("key", 7, SELF, RO_HAVE_DELEGATIONS | MIGRATED_WITH_DATA);
    assert.equal(removal.consider(KEY, { rsn: 7, flags: 0 }), "readOnly");
    assert.equal(removal.finish(KEY, 7), "readOnly");
    assert.equal(file.content.size, 1);
  });

  it("gives its locks back, also when the file fails", () => {
    file.put("key", 7, SELF);
    file.delete = () => {
      throw new Error("disk full");
    };
    assert.throws(() => removal.finish(KEY, 7), /disk full/);
    assert.equal(file.lockCount, 0);
  });
});
