import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OperationSwitch } from "../../../src/cluster/operation-switch.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";

function makeSwitch(): { time: FakeTime; logger: RecordingLogger; recoveries: OperationSwitch; enabled: () => number } {
  const time = new FakeTime();
  const logger = new RecordingLogger();
  let count = 0;
  const recoveries = new OperationSwitch("recoveries", { timers: time, logger }, () => {
    count++;
  });
  return { time, logger, recoveries, enabled: () => count };
}

describe("the switch of an operation", () => {
  it("refuses to begin while disabled and enables itself after the time", async () => {
    const { time, logger, recoveries, enabled } = makeSwitch();
    assert.equal(recoveries.disable(5, "request"), 0);
    assert.ok(logger.has("Disabling recoveries for 5 seconds"));
    assert.equal(recoveries.begin(), false);
    assert.ok(logger.has("Unable to begin - recoveries are disabled"));
    await time.advanceSettled(5000);
    assert.ok(logger.has("Reenabling recoveries after timeout"));
    assert.equal(enabled(), 1);
    assert.equal(recoveries.begin(), true);
  });

  it("cannot be disabled while the operation is in progress", () => {
    const { recoveries } = makeSwitch();
    assert.equal(recoveries.begin(), true);
    assert.equal(recoveries.begin(), false);
    assert.equal(recoveries.disable(5, "request"), -11);
    recoveries.end();
    assert.equal(recoveries.disable(5, "request"), 0);
  });

  it("takes the newest time, and 0 as the end", async () => {
    const { time, recoveries } = makeSwitch();
    recoveries.disable(5, "rerecovery");
    recoveries.disable(20, "request");
    await time.advanceSettled(10_000);
    assert.equal(recoveries.disabledBy, "request");
    assert.equal(recoveries.disable(0, "request"), 0);
    assert.equal(recoveries.disabled, false);
    assert.equal(time.pending, 0);
  });
});
