// The demo as `npm run demo` starts it after its set-up, with its output going to a pipe.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runProgram } from "./cluster-node.js";

/** Longer than the demo gives itself, so that it can say what hangs. */
const LIMIT_MS = 120_000;
const SCENES: readonly RegExp[] = [
  /healthy after [\d.]+ s: all see all, one leader/,
  /leader node \d, generation 0x[0-9a-f]{8}, VNN map 0 1 2/,
  /node 0 locked it in .*: dmaster 0, rsn \d+/,
  /node 1 locked it in .*: dmaster 1, rsn \d+/,
  /node 2 locked it in .*: dmaster 2, rsn \d+/,
  /counter at about [\d,]+, [\d,]+ increments\/s/,
  /sum right: [\d,]+ increments/,
  /SIGKILL to all processes of node \d/,
  /node \d noticed it after \d+ ms/,
  /recovered \d+ ms after the kill: generation 0x/,
  /the counter goes on/,
  /back and healthy after [\d.]+ s: .* VNN map 0 1 2/,
  /sum right on every node/,
];

test("the demo tells its story to the end, with right sums, and leaves nothing behind", async () => {
  const directory = mkdtempSync(join(tmpdir(), "ctdb-demo-test-"));
  try {
    const env = { PATH: process.env["PATH"] ?? "", TMPDIR: directory, CTDB_DEMO_PACE: "0.2" };
    const run = await runProgram(process.execPath, [join(__PROJECT_ROOT__, "dist/demo.js")], env, LIMIT_MS);
    assert.equal(run.status, 0, run.stdout + run.stderr);
    assert.ok(!run.stdout.includes("\x1b"), "plain lines where stdout is no terminal");
    let from = 0;
    for (const scene of SCENES) {
      const at = run.stdout.slice(from).search(scene);
      assert.ok(at >= 0, `${scene} in its place in:\n${run.stdout}`);
      from += at;
    }
    assert.deepEqual(readdirSync(directory), []);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
