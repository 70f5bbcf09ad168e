import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findHolders } from "../../../src/lockd/holders.js";

const HASH_SIZE_AT = 36;
const FEATURES_AT = 60;
const MUTEX_BYTES_AT = 64;

test("a damaged file makes nobody who asks for its holders fail, whatever its header says of its size", () => {
  const directory = mkdtempSync(join(tmpdir(), "holders-"));
  try {
    const path = join(directory, "damaged.tdb");
    for (const bytes of [0, 100, 168, 4096, 65_536]) {
      for (const hashSize of [0, 1, 131, 10_007, 0x7fffffff, 0xffffffff]) {
        for (const mutexBytes of [undefined, 0, 4096, 0xffffffff]) {
          const file = Buffer.alloc(Math.max(bytes, 168), 0xa5);
          file.writeUInt32LE(hashSize, HASH_SIZE_AT);
          file.writeUInt32LE(mutexBytes === undefined ? 0 : 1, FEATURES_AT);
          file.writeUInt32LE(mutexBytes ?? 0, MUTEX_BYTES_AT);
          writeFileSync(path, file.subarray(0, bytes));
          for (const chain of [undefined, 0, 10_006]) {
            for (const { pid } of findHolders(path, chain)) assert.ok(Number.isInteger(pid));
          }
        }
      }
    }
    assert.deepEqual(findHolders(join(directory, "not there"), 0), []);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
