// A process may load this library twice, as package and as part of another one: they must know of each other's open files.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { TdbOpener } from "../../../src/tdb/tdb-file.js";
import { bundleProgram } from "../../bundled-program.js";

test("a file that another copy of the library has open is refused instead of being cleared", async () => {
  const directory = mkdtempSync("/dev/shm/ctdb-ts-two-copies-");
  const copies = [await bundleProgram("src/tdb/libtdb.ts"), await bundleProgram("src/tdb/libtdb.ts")];
  try {
    const openers: TdbOpener[] = [];
    for (const { path } of copies) {
      const loaded: { libtdbOpener: TdbOpener } = await import(path);
      openers.push(loaded.libtdbOpener);
    }
    const [one, two] = openers;
    assert.ok(one !== undefined && two !== undefined && one !== two);
    const CLEAR_IF_FIRST = 1;
    const options = { path: join(directory, "shared.tdb"), flags: CLEAR_IF_FIRST };
    const file = one.open(options);
    file.store(Buffer.from("key"), Buffer.from("value"));
    assert.throws(() => two.open(options), { name: "TdbAlreadyOpenError" });
    assert.equal(file.fetch(Buffer.from("key"))?.toString(), "value");
    file.close();
    two.open(options).close();
  } finally {
    for (const copy of copies) copy.remove();
    rmSync(directory, { recursive: true });
  }
});
