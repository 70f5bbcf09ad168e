// What is said to a mistyped command.
import assert from "node:assert/strict";
import { test } from "node:test";
import { editDistance, suggestion } from "../../../src/tool/suggestion.js";

test("swapped neighbours count once", () => {
  assert.equal(editDistance("satus", "status"), 1);
  assert.equal(editDistance("sattus", "status"), 1);
  assert.equal(editDistance("status", "status"), 0);
});

test("near commands and new names of old ones are suggested, far ones are not", () => {
  assert.equal(suggestion("statsu"), "Did you mean 'status'?");
  assert.equal(suggestion("Ping"), "Did you mean 'ping'?");
  assert.equal(suggestion("recmaster"), "It is called 'leader' now.");
  assert.equal(suggestion("frobnicate"), undefined);
  assert.equal(suggestion(""), undefined);
  assert.equal(suggestion("constructor"), undefined);
  assert.equal(suggestion("__proto__"), undefined);
});
