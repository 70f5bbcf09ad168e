import assert from "node:assert/strict";
import { test } from "node:test";
import { happenings, measure } from "../../../src/simulator/scaling/happenings.js";

/** Twice the nodes, and somewhat more: squares would be four times as many. */
const LINEAR = 2.7;

test("recoveries and elections cost packets in proportion to the nodes", async () => {
  const [small, large] = [await measure(10, false), await measure(20, false)];
  for (const happening of happenings) {
    const [few, many] = [small.get(happening)?.packets ?? 0, large.get(happening)?.packets ?? 0];
    assert.ok(few > 0 && many > 0, happening);
    if (happening !== "start") assert.ok(many / few < LINEAR, `${happening}: ${few} packets, then ${many}`);
  }
});
