import assert from "node:assert/strict";
import { test } from "node:test";
import { latencyLog } from "../../../src/statistics/latency-log.js";
import { RecordingLogger } from "../fake-time.js";

test("an operation that took longer than LogLatencyMs is logged in CTDB's words; 0 logs none", () => {
  const logger = new RecordingLogger();
  let limitMs = 0;
  const note = latencyLog(logger, () => limitMs);
  note("lock_db", "a.tdb", 100);
  limitMs = 250;
  note("lock_db", "a.tdb", 0.25);
  note("persistent", "a.tdb", 0.2513);
  assert.deepEqual(logger.lines, ["High latency 0.251300s for operation persistent on database a.tdb"]);
});
