// What may be lost, by the generations that the nodes of a run have taken part in.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Generation } from "../../../src/protocol/index.js";
import { Membership } from "../../../src/simulator/checks/membership.js";

class Story {
  readonly time = { nowMs: 0 };
  readonly membership = new Membership(this.time);

  /** The node is out of recovery with a generation; `triedMs`: the first recovery on the way to it. undefined: it has ended. */
  at(nowMs: number, pnn: number, generation: number | undefined, triedMs = nowMs): void {
    this.time.nowMs = nowMs;
    this.membership.observe(pnn, generation, nowMs, triedMs);
  }

  /** A change by a user of node `by` at `writtenMs`, and what a user of node `to` sees at `seenMs`. */
  mayLose(writtenMs: number, seenMs: number, by = 0, to = by): boolean {
    return this.membership.mayLoseRecord({ pnn: by, atMs: writtenMs }, { pnn: to, atMs: seenMs });
  }
}

test("without a node that drops out nothing may be lost", () => {
  const story = new Story();
  for (const pnn of [0, 1, 2]) story.at(0, pnn, 10);
  for (const pnn of [0, 1, 2]) story.at(100, pnn, 20, 50);
  assert.equal(story.mayLose(10, 200), false);
  assert.equal(story.membership.mayLoseTransaction(10, 200, false), false);
});

test("what a node has that is left behind may be missing from the first recovery on, even if that one fails", () => {
  const story = new Story();
  for (const pnn of [0, 1, 2]) story.at(0, pnn, 10);
  for (const pnn of [0, 1]) story.at(200, pnn, 20, 100);
  story.at(300, 2, undefined);
  story.at(400, 2, 30);
  for (const pnn of [0, 1]) story.at(400, pnn, 30);
  assert.equal(story.mayLose(50, 90), false, "nobody had left it behind");
  assert.equal(story.mayLose(50, 150), true, "databases of the recovery that failed are in use");
  assert.equal(story.mayLose(410, 500), false);
});

test("who is still at work where the daemon has died goes by what the node had then", () => {
  const story = new Story();
  for (const pnn of [0, 1, 2]) story.at(0, pnn, 10);
  story.at(100, 2, undefined);
  for (const pnn of [0, 1]) story.at(200, pnn, 20);
  for (const pnn of [0, 1, 2]) story.at(400, pnn, 30);
  assert.equal(story.mayLose(250, 290, 0, 2), true, "node 2 has heard nothing of it");
  assert.equal(story.mayLose(280, 290, 2, 0), true);
  assert.equal(story.mayLose(250, 290, 0, 1), false);
  assert.equal(story.mayLose(250, 450, 0, 2), false, "node 2 is back");
});

test("a cluster that begins anew misses all that was before, and nothing that is done in it", () => {
  const story = new Story();
  for (const pnn of [0, 1]) story.at(0, pnn, 10);
  for (const pnn of [0, 1]) story.at(100, pnn, undefined);
  story.at(200, 0, 20);
  assert.equal(story.mayLose(50, 90), false);
  assert.equal(story.mayLose(50, 250), true);
  assert.equal(story.mayLose(210, 250), false, "node 1 is still away");
  for (const pnn of [0, 1]) story.at(300, pnn, 30);
  assert.equal(story.mayLose(210, 350, 0, 1), false);
});

test("of two clusters side by side each one keeps what is its own", () => {
  const story = new Story();
  for (const pnn of [0, 1, 2]) story.at(0, pnn, 10);
  story.at(100, 2, undefined);
  for (const pnn of [0, 1]) story.at(200, pnn, 20);
  story.at(300, 2, 30);
  assert.equal(story.mayLose(400, 450, 0, 1), false);
  assert.equal(story.mayLose(400, 450, 2), false);
  assert.equal(story.mayLose(400, 450, 0, 2), true);
  for (const pnn of [0, 1]) story.at(500, pnn, 40);
  assert.equal(story.mayLose(400, 550, 0, 1), false);
  for (const pnn of [0, 1, 2]) story.at(600, pnn, 50);
  assert.equal(story.mayLose(400, 700, 2, 0), true, "the other cluster's record may be newer");
});

/**
 * Node 1 is stopped; the other two, which go on, end both, and begin anew at 300 without it. It comes back at 500; a recovery at 450 has
 * tried that already.
 */
function beginAnewWithoutNode1(whileAway: (story: Story) => void = () => {}): Story {
  const story = new Story();
  for (const pnn of [0, 1, 2]) story.at(0, pnn, 10);
  story.at(50, 1, Generation.INVALID);
  for (const pnn of [0, 2]) story.at(60, pnn, 20);
  for (const pnn of [0, 2]) story.at(200, pnn, undefined);
  for (const pnn of [0, 2]) story.membership.diskWiped(pnn);
  for (const pnn of [0, 2]) story.at(300, pnn, 30);
  whileAway(story);
  for (const pnn of [0, 1, 2]) story.at(500, pnn, 40, 450);
  return story;
}

test("transactions of a new beginning may be lost to a node that comes back with what it had before, from then on", () => {
  const { membership } = beginAnewWithoutNode1();
  for (const onDisk of [false, true]) {
    assert.equal(membership.mayLoseTransaction(100, 400, onDisk), true, "before the new beginning");
    assert.equal(membership.mayLoseTransaction(350, 440, onDisk), false, "nobody is back");
    assert.equal(
      membership.mayLoseTransaction(350, 470, onDisk),
      true,
      "databases of the recovery that failed are in use",
    );
    assert.equal(membership.mayLoseTransaction(350, 600, onDisk), true);
    assert.equal(membership.mayLoseTransaction(510, 600, onDisk), false, "done with all of them");
  }
});

test("a node that comes back with nothing, or to a cluster that never began anew, takes no transaction away", () => {
  const restarted = beginAnewWithoutNode1((story) => story.at(400, 1, undefined)).membership;
  assert.equal(restarted.mayLoseTransaction(350, 600, false), false);
  assert.equal(restarted.mayLoseTransaction(350, 600, true), true, "it still has its disk");
  const wiped = beginAnewWithoutNode1((story) => {
    story.at(400, 1, undefined);
    story.membership.diskWiped(1);
  }).membership;
  assert.equal(wiped.mayLoseTransaction(350, 600, true), false);

  const story = new Story();
  for (const pnn of [0, 1, 2]) story.at(0, pnn, 10);
  story.at(50, 1, Generation.INVALID);
  for (const pnn of [0, 2]) story.at(60, pnn, 20);
  for (const pnn of [0, 1, 2]) story.at(500, pnn, 40);
  for (const onDisk of [false, true]) assert.equal(story.membership.mayLoseTransaction(100, 600, onDisk), false);
});
