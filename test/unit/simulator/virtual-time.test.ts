// Virtual time: order of events, promises between them, owners that are dead, stopped or busy.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type EventOwner, VirtualTime } from "../../../src/simulator/virtual-time.js";

class Owner implements EventOwner {
  alive = true;
  busyUntilMs = 0;
  readonly errors: unknown[] = [];
  failed(error: unknown): void {
    this.errors.push(error);
  }
  ran(): void {}
}

test("events run by time, and those of one time in the order in which they were made", async () => {
  const time = new VirtualTime();
  const seen: string[] = [];
  for (const [ms, name] of [
    [20, "late"],
    [10, "a"],
    [10, "b"],
    [0, "now"],
  ] as const) {
    time.at(ms, undefined, () => {
      seen.push(`${name} at ${time.nowMs}`);
      if (name === "a") time.at(0, undefined, () => seen.push(`made by a at ${time.nowMs}`));
    });
  }
  await time.run(15, undefined);
  assert.deepEqual(seen, ["now at 0", "a at 10", "b at 10", "made by a at 10"]);
  assert.equal(time.nowMs, 15);
  await time.run(100, undefined);
  assert.equal(seen.at(-1), "late at 20");
});

test("all that promises do because of an event is done before the next event of the same time", async () => {
  const time = new VirtualTime();
  const seen: string[] = [];
  time.at(5, undefined, () => {
    void (async () => {
      for (let turn = 0; turn < 50; turn++) await undefined;
      seen.push("promises");
    })();
  });
  time.at(5, undefined, () => seen.push("next event"));
  await time.run(10, undefined);
  assert.deepEqual(seen, ["promises", "next event"]);
});

test("what was put off to the end of a step runs before the next step", async () => {
  const time = new VirtualTime();
  const seen: string[] = [];
  time.at(5, undefined, () => time.atEndOfStep(() => seen.push("end of step")));
  time.at(5, undefined, () => seen.push("next step"));
  await time.run(10, undefined);
  assert.deepEqual(seen, ["end of step", "next step"]);
});

test("run stops after the step that fulfils its condition, with the time of that step", async () => {
  const time = new VirtualTime();
  let count = 0;
  for (let ms = 1; ms <= 5; ms++) time.at(ms, undefined, () => count++);
  assert.equal(await time.run(100, () => count === 3), true);
  assert.equal(time.nowMs, 3);
  assert.equal(await time.run(100, () => count === 9), false);
  assert.equal(time.nowMs, 100);
});

test("a cancelled event does not run, also among thousands", async () => {
  const time = new VirtualTime();
  let ran = 0;
  const events = Array.from({ length: 20_000 }, (_, index) => time.at(1 + (index % 97), undefined, () => ran++));
  for (const [index, event] of events.entries()) if (index % 10 !== 0) event.cancel();
  await time.run(1000, undefined);
  assert.equal(ran, 2000);
});

test("events of a stopped owner wait, keep their order, and come before later ones", async () => {
  const time = new VirtualTime();
  const owner = new Owner();
  const seen: string[] = [];
  owner.busyUntilMs = 50;
  for (const ms of [10, 20, 50, 60]) time.at(ms, owner, () => seen.push(`${ms} at ${time.nowMs}`));
  time.at(30, undefined, () => seen.push("another at 30"));
  await time.run(100, undefined);
  assert.deepEqual(seen, ["another at 30", "10 at 50", "20 at 50", "50 at 50", "60 at 60"]);
});

test("events of a dead owner never come", async () => {
  const time = new VirtualTime();
  const owner = new Owner();
  let ran = 0;
  owner.busyUntilMs = 20;
  time.at(10, owner, () => ran++);
  time.at(30, owner, () => ran++);
  time.at(15, undefined, () => {
    owner.alive = false;
    time.forget(owner);
  });
  await time.run(100, undefined);
  assert.equal(ran, 0);
});

test("what an event throws is told to its owner; without one it ends the run", async () => {
  const time = new VirtualTime();
  const owner = new Owner();
  time.at(1, owner, () => {
    throw new Error("of the owner");
  });
  await time.run(5, undefined);
  assert.equal(owner.errors.length, 1);
  time.at(6, undefined, () => {
    throw new Error("of nobody");
  });
  await assert.rejects(time.run(10, undefined), /of nobody/);
});

test("code that calls itself again without a pause is found", async () => {
  const time = new VirtualTime();
  const again = (): void => void time.at(0, undefined, again);
  again();
  await assert.rejects(time.run(10, undefined), /time|pause/);
});
