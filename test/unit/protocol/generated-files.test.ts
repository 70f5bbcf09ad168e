import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

test("the generated files and the reference page are those that the schema gives", () => {
  const run = spawnSync(process.execPath, ["scripts/generate.mjs", "--check"], {
    cwd: __PROJECT_ROOT__,
    encoding: "utf8",
  });
  assert.equal(run.status, 0, run.stderr);
});
