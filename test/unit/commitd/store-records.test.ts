import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { StaleUpdateError, storeRecords } from "../../../src/commitd/store-records.js";
import { ProtocolError, RecBufferWriter, recordHeaderRsn, TdbFlag } from "../../../src/protocol/index.js";
import { libtdbOpener } from "../../../src/tdb/libtdb.js";
import type { TdbFile } from "../../../src/tdb/tdb-file.js";

describe("a commit's records in one transaction", () => {
  let directory: string;
  let file: TdbFile;

  function update(...records: Array<[key: string, rsn: number, text: string]>): Buffer {
    const writer = new RecBufferWriter(7);
    for (const [key, rsn, text] of records) writer.addWithHeader(0, Buffer.from(key), rsn, 1, 0, Buffer.from(text));
    return writer.bytes();
  }
  function has(key: string): string {
    const value = file.fetch(Buffer.from(key));
    return value === undefined ? "-" : `${recordHeaderRsn(value, 0)} ${value.toString("utf8", 24)}`;
  }

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "store-records-"));
    file = libtdbOpener.open({ path: join(directory, "p.tdb"), flags: TdbFlag.DISALLOW_NESTING });
  });
  afterEach(() => {
    file.close();
    rmSync(directory, { recursive: true });
  });

  it("are all there afterwards, with their headers as they came", () => {
    storeRecords(file, update(["a", 1, "one"], ["b", 7, ""]));
    storeRecords(file, update(["a", 2, "two"]));
    assert.deepEqual([has("a"), has("b")], ["2 two", "7 "]);
    assert.equal(file.inTransaction, false);
  });

  it("are all refused when one is here with as high an rsn and other data", () => {
    storeRecords(file, update(["b", 3, "mine"]));
    for (const rsn of [2, 3]) {
      assert.throws(() => storeRecords(file, update(["a", 1, "one"], ["b", rsn, "yours"])), StaleUpdateError);
    }
    assert.deepEqual([has("a"), has("b")], ["-", "3 mine"]);
    assert.equal(file.inTransaction, false);
  });

  it("may come twice, and with a lower rsn where the data is the same", () => {
    storeRecords(file, update(["a", 3, "one"]));
    storeRecords(file, update(["a", 3, "one"]));
    storeRecords(file, update(["a", 2, "one"], ["b", 1, "two"]));
    assert.deepEqual([has("a"), has("b")], ["2 one", "1 two"]);
  });

  it("count as rsn 0 without data where nothing is here yet", () => {
    storeRecords(file, update(["a", 0, ""]));
    assert.equal(has("a"), "0 ");
    assert.throws(() => storeRecords(file, update(["b", 0, "data"])), StaleUpdateError);
    assert.equal(has("b"), "-");
  });

  it("may override each other within one update", () => {
    storeRecords(file, update(["a", 1, "one"], ["a", 2, "two"]));
    assert.equal(has("a"), "2 two");
  });

  it("leave nothing behind when the buffer is cut short or a record has no header", () => {
    const whole = update(["a", 1, "one"], ["b", 1, "two"]);
    assert.throws(() => storeRecords(file, whole.subarray(0, whole.length - 1)), ProtocolError);
    const writer = new RecBufferWriter(7);
    writer.addWithHeader(0, Buffer.from("a"), 1, 1, 0, Buffer.from("one"));
    writer.add(0, Buffer.from("b"), Buffer.alloc(23));
    assert.throws(() => storeRecords(file, writer.bytes()), ProtocolError);
    assert.equal(has("a"), "-");
    assert.equal(file.inTransaction, false);
  });
});
