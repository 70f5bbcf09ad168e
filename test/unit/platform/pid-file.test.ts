import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { PidFileLockedError } from "../../../src/platform/errors.js";
import { PidFile } from "../../../src/platform/pid-file.js";

function pidPath(t: TestContext): string {
  const base = mkdtempSync(join(tmpdir(), "ctdb-pid-"));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  return join(base, "ctdbd.pid");
}

/** PidFile.create in another process; prints the name of what it throws, or "created". */
function createElsewhere(path: string): string {
  const source = `
    import { PidFile } from ${JSON.stringify(join(__PROJECT_ROOT__, "src/platform/pid-file.ts"))};
    try { PidFile.create(${JSON.stringify(path)}); console.log("created"); } catch (error) { console.log(error.name); }
  `;
  const esbuild = join(__PROJECT_ROOT__, "node_modules/.bin/esbuild");
  const bundle = spawnSync(
    esbuild,
    ["--bundle", "--platform=node", "--format=esm", "--loader=ts", "--external:koffi"],
    {
      input: source,
      cwd: __PROJECT_ROOT__,
      encoding: "utf8",
    },
  );
  assert.equal(bundle.status, 0, bundle.stderr);
  const run = spawnSync(process.execPath, ["--input-type=module", "-"], {
    input: bundle.stdout,
    cwd: __PROJECT_ROOT__,
    encoding: "utf8",
  });
  return run.stdout.trim() || run.stderr;
}

test("the file holds the pid and a line end, and goes at the end", (t) => {
  const path = pidPath(t);
  const file = PidFile.create(path);
  assert.equal(readFileSync(path, "latin1"), `${process.pid}\n`);
  assert.equal(statSync(path).mode & 0o777, 0o644 & ~process.umask());
  file.remove();
  file.remove();
  assert.equal(existsSync(path), false);
});

test("a stale file is taken over and cut to its new length", (t) => {
  const path = pidPath(t);
  writeFileSync(path, "99999999999999\nmore\n");
  const file = PidFile.create(path);
  assert.equal(readFileSync(path, "latin1"), `${process.pid}\n`);
  file.remove();
});

test("a second process cannot take a file whose owner lives, and leaves it as it is", (t) => {
  const path = pidPath(t);
  const file = PidFile.create(path);
  assert.equal(createElsewhere(path), new PidFileLockedError(path).name);
  file.remove();
  assert.equal(createElsewhere(path), "created");
});

test("a directory that does not exist is an error", () => {
  assert.throws(() => PidFile.create("/nonexistent/ctdbd.pid"), { code: "ENOENT" });
});
