import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BanCredits } from "../../../src/cluster/ban-credits.js";
import { FakeTime } from "../fake-time.js";

const GRACE_MS = 120_000;

describe("banning credits", () => {
  it("reach the limit at two for each entry of the node map", () => {
    const credits = new BanCredits(new FakeTime());
    for (let i = 0; i < 5; i++) credits.add(2, 1, GRACE_MS);
    assert.deepEqual(credits.overLimit(3), []);
    credits.add(2, 1, GRACE_MS);
    assert.deepEqual(credits.overLimit(3), [2]);
    assert.equal(credits.lastCulprit, 2);
    credits.clear(2);
    assert.deepEqual(credits.overLimit(3), []);
  });

  it("are forgotten when the last report is older than the grace period", async () => {
    const time = new FakeTime();
    const credits = new BanCredits(time);
    credits.add(1, 5, GRACE_MS);
    await time.advanceSettled(GRACE_MS + 1);
    credits.add(1, 1, GRACE_MS);
    assert.equal(credits.countOf(1), 1);
  });
});
