// A directory as CTDB_BASE points to in test mode, removed when the test ends.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Paths, resolvePaths } from "../../../src/config/paths.js";

/** Makes the directory with all that a daemon needs, and names its paths. */
export function testDirectory(t: TestContext): Paths {
  const base = mkdtempSync(join(tmpdir(), "ctdb-config-"));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  for (const name of ["run", "var/volatile", "var/persistent", "var/state", "share"]) {
    mkdirSync(join(base, name), { recursive: true });
  }
  return resolvePaths({ CTDB_TEST_MODE: "yes", CTDB_BASE: base });
}
