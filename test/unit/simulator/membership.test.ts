// What may be lost, by the generations that the nodes of a run have taken part in.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Membership } from "../../../src/simulator/checks/membership.js";

class Story {
  readonly time = { nowMs: 0 };
  readonly membership = new Membership(this.time);

  /** The node is out of recovery with a generation; `triedMs`: the first recovery on the way to it. undefined: it has ended. */
  at(nowMs: number, pnn: number, generation: number | undefined, triedMs = nowMs): void {
    this.time.nowMs = nowMs;
    this.membership.observe(pnn, generation, nowMs, triedMs);
  }
}

test("without a node that drops out nothing may be lost", () => {
  const story = new Story();
  for (const pnn of [0, 1, 2]) story.at(0, pnn, 10);
  for (const pnn of [0, 1, 2]) story.at(100, pnn, 20, 50);
  assert.equal(story.membership.mayLoseRecord(10, 200), false);
  assert.equal(story.membership.mayLoseTransaction(10, 200, false), false);
});

test("what a node has that is left behind may be missing from the first recovery on, even if that one fails", () => {
  const story = new Story();
  for (const pnn of [0, 1, 2]) story.at(0, pnn, 10);
  for (const pnn of [0, 1]) story.at(200, pnn, 20, 100);
  story.at(300, 2, undefined);
  story.at(400, 2, 30);
  for (const pnn of [0, 1]) story.at(400, pnn, 30);
  assert.equal(story.membership.mayLoseRecord(50, 90), false, "nobody had left it behind");
  assert.equal(story.membership.mayLoseRecord(50, 150), true, "databases of the recovery that failed are in use");
  assert.equal(story.membership.mayLoseRecord(410, 500), false);
});
