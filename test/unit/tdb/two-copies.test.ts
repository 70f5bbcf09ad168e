// A process may load this library twice, as package and as part of another one: they must know of each other's open files.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import type { TdbOpener } from "../../../src/tdb/tdb-file.js";

test("a file that another copy of the library has open is refused instead of being cleared", async () => {
  mkdirSync(join(__PROJECT_ROOT__, "build"), { recursive: true });
  const directory = mkdtempSync(join(__PROJECT_ROOT__, "build/two-copies-"));
  try {
    const openers: TdbOpener[] = [];
    for (const name of ["one.mjs", "two.mjs"]) {
      const outfile = join(directory, name);
      await build({
        entryPoints: [join(__PROJECT_ROOT__, "src/tdb/libtdb.ts")],
        outfile,
        bundle: true,
        platform: "node",
        format: "esm",
        external: ["koffi"],
      });
      const loaded: { libtdbOpener: TdbOpener } = await import(outfile);
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
    rmSync(directory, { recursive: true });
  }
});
