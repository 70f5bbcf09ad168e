import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";

const script = join(__PROJECT_ROOT__, "scripts/check-dependencies.mjs");

/** Runs the check over a tree of these files. */
function check(files: Readonly<Record<string, string>>): { status: number | null; complaints: string[] } {
  const root = mkdtempSync(join(tmpdir(), "ctdb-dependencies-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
    const run = spawnSync(process.execPath, [script, root], { encoding: "utf8" });
    return { status: run.status, complaints: run.stderr.split("\n").filter((line) => line !== "") };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

test("the project's own dependencies point one way", () => {
  const run = spawnSync(process.execPath, [script], { encoding: "utf8" });
  assert.equal(run.stderr, "");
  assert.equal(run.status, 0);
});

test("a subsystem that imports another one is reported, also for a type alone", () => {
  const { status, complaints } = check({
    "src/records/call.ts":
      'import {\n  type A,\n} from "../transport/router.js";\nexport type { B } from "../daemon/node.js";\n',
  });
  assert.equal(status, 1);
  assert.deepEqual(complaints, [
    "src/records/call.ts: records/ must not import transport/router.ts",
    "src/records/call.ts: records/ must not import daemon/node.ts",
  ]);
});

test("a subsystem may import the ports but not their implementation", () => {
  const { complaints } = check({
    "src/locks/a.ts":
      'import type { Timers } from "../platform/ports.js";\nimport { nodeTimers } from "../platform/node-timers.js";\n',
  });
  assert.deepEqual(complaints, ["src/locks/a.ts: locks/ must not import platform/node-timers.ts"]);
});

test("a subsystem that reads files, takes the time or starts timers by itself is reported", () => {
  const { complaints } = check({
    "src/cluster/a.ts": [
      'import { readFileSync } from "node:fs";',
      "// setTimeout( in a comment is fine, Date.now too",
      "export const now = Date.now();",
      "setTimeout(() => {}, 1);",
      'const load = () => import("node:net");',
    ].join("\n"),
  });
  assert.deepEqual(complaints, [
    "src/cluster/a.ts: cluster/ must not import 'node:fs'",
    "src/cluster/a.ts: cluster/ must not import 'node:net'",
    "src/cluster/a.ts:3: cluster/ must not use 'Date.now', take it from the ports",
    "src/cluster/a.ts:4: cluster/ must not use 'setTimeout(', take it from the ports",
  ]);
});

test("nothing but the wire is below the protocol, and a new folder needs a rule", () => {
  const { complaints } = check({
    "src/protocol/a.ts": 'import { x } from "../platform/ports.js";\n',
    "src/misc/a.ts": "export const a = 1;\n",
  });
  assert.deepEqual(complaints.sort(), [
    "src/misc: no rule says what this folder may import",
    "src/protocol/a.ts: protocol/ must not import platform/ports.ts",
  ]);
});
