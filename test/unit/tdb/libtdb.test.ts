// The binding of libtdb against the conformance suite, and what only it does.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { after, it } from "node:test";
import { TdbFlag } from "../../../src/protocol/index.js";
import { TdbOpenError } from "../../../src/tdb/errors.js";
import { libtdbOpener } from "../../../src/tdb/libtdb.js";
import { RecordingLogger } from "../fake-time.js";
import { describeTdbFile } from "./conformance.js";
import { LibtdbPeers } from "./libtdb-peer.js";

const folder = mkdtempSync("/dev/shm/ctdb-ts-libtdb-");
let files = 0;
const newPath = (): string => `${folder}/${++files}.tdb`;
/** For a process that is not to go on: it would have done so by then. */
const PASS_MS = 20;
const hasMutexes = libtdbOpener.robustMutexesWork();
const peers = new LibtdbPeers();
after(async () => {
  await peers.end();
  rmSync(folder, { recursive: true });
});

describeTdbFile("libtdb", {
  opener: libtdbOpener,
  newPath,
  hasMutexes,
  openPeer: (path, flags) => peers.open(path, flags),
  until: (promise) => promise,
  pass: () => new Promise((resolve) => setTimeout(resolve, PASS_MS)),
});

it("passes libtdb's messages to the logger of the file", () => {
  const logger = new RecordingLogger();
  const path = newPath();
  writeFileSync(path, "this is no TDB file, but longer than the header of one".repeat(10));
  assert.throws(
    () => libtdbOpener.open({ path, flags: TdbFlag.DISALLOW_NESTING, create: false, logger }),
    TdbOpenError,
  );
  const file = libtdbOpener.open({ path: newPath(), flags: TdbFlag.DISALLOW_NESTING, hashSize: 7, logger });
  assert.throws(() => file.chainUnlock(Buffer.from("never locked")));
  file.close();
  assert.ok(
    logger.lines.some((line) => line.startsWith("tdb: ") && line.includes("count is 0")),
    logger.lines.join("\n"),
  );
});
