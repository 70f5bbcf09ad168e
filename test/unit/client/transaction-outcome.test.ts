// What became of a commit that was cut short.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MISSING, outcomeOf, storedRecord } from "../../../src/client/transaction-outcome.js";
import { writeRecordHeader } from "../../../src/protocol/index.js";

const at = (rsn: number, value: string) => ({ rsn, dmaster: 0, flags: 0, value: Buffer.from(value) });
const CHANGES = [
  { key: Buffer.from("a"), before: at(3, "old"), value: Buffer.from("new") },
  { key: Buffer.from("gone"), before: at(1, "x"), value: Buffer.alloc(0) },
];
const OLD = [at(3, "old"), at(1, "x")];
const NEW = [at(4, "new"), at(2, "")];

test("the sequence number is as it was: nothing is stored, unless others have put other records there", () => {
  assert.equal(outcomeOf(10, 10, CHANGES, OLD, true), "unchanged");
  assert.equal(outcomeOf(10, 10, CHANGES, OLD, false), "unchanged");
  assert.equal(outcomeOf(10, 10, CHANGES, [at(2, "old"), at(1, "x")], true), "changed");
});

test("it is one higher: the records tell whether it was this transaction or another", () => {
  assert.equal(outcomeOf(10, 11, CHANGES, NEW, true), "committed");
  assert.equal(
    outcomeOf(10, 11, CHANGES, [at(4, "new"), MISSING], true),
    "committed",
    "a recovery drops what is deleted",
  );
  assert.equal(outcomeOf(10, 11, CHANGES, OLD, true), "changed");
  assert.equal(outcomeOf(10, 11, CHANGES, [at(4, "other"), at(2, "")], true), "changed");
  assert.equal(outcomeOf(10, 11, CHANGES, [at(5, "new"), at(2, "")], true), "changed");
});

test("the lock was lost meanwhile: the same records may be somebody else's", () => {
  assert.equal(outcomeOf(10, 11, CHANGES, NEW, false), "unknown");
  assert.equal(outcomeOf(10, 11, CHANGES, OLD, false), "changed");
});

test("others have gone on, or emptied the database: nothing can be told", () => {
  assert.equal(outcomeOf(10, 12, CHANGES, NEW, true), "unknown");
  assert.equal(outcomeOf(10, 12, CHANGES, OLD, true), "unknown");
  assert.equal(outcomeOf(10, 0, CHANGES, [MISSING, MISSING], true), "unknown");
});

test("a stored record is a header and data; less is none", () => {
  const stored = Buffer.concat([Buffer.alloc(24), Buffer.from("data")]);
  writeRecordHeader(stored, 0, 5, 2, 0);
  assert.deepEqual(storedRecord(stored), { rsn: 5, dmaster: 2, flags: 0, value: Buffer.from("data") });
  assert.equal(storedRecord(Buffer.alloc(10)), MISSING);
  assert.equal(storedRecord(undefined), MISSING);
});
