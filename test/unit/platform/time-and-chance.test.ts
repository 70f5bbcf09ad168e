import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeTimers } from "../../../src/platform/node-timers.js";
import { systemClock } from "../../../src/platform/system-clock.js";
import { systemRandom } from "../../../src/platform/system-random.js";

test("callbacks for the next turn run in the order of the calls, those they add in the turn after", async () => {
  const order: string[] = [];
  await new Promise<void>((resolve) => {
    nodeTimers.nextTurn(() => {
      order.push("first");
      nodeTimers.nextTurn(() => {
        order.push("added");
        resolve();
      });
    });
    nodeTimers.nextTurn(() => void order.push("second"));
    order.push("caller");
  });
  assert.deepEqual(order, ["caller", "first", "second", "added"]);
});

test("a callback that throws does not keep the others of its turn from running", async () => {
  const order: string[] = [];
  const thrown = new Promise<unknown>((resolve) => {
    process.prependOnceListener("uncaughtException", resolve);
  });
  const listeners = process.rawListeners("uncaughtException").slice(1);
  for (const listener of listeners) process.off("uncaughtException", listener as () => void);
  const done = new Promise<void>((resolve) => {
    nodeTimers.nextTurn(() => {
      throw new Error("on purpose");
    });
    nodeTimers.nextTurn(() => void order.push("second"));
    nodeTimers.nextTurn(resolve);
  });
  assert.match(String(await thrown), /on purpose/);
  await done;
  for (const listener of listeners) process.on("uncaughtException", listener as () => void);
  assert.deepEqual(order, ["second"]);
});

test("a cancelled timer never fires, and cancelling again or after it has fired does nothing", async () => {
  const fired: string[] = [];
  const cancelled = nodeTimers.after(1, () => void fired.push("cancelled"));
  cancelled.cancel();
  cancelled.cancel();
  await new Promise<void>((resolve) => {
    const kept = nodeTimers.after(5, () => {
      fired.push("kept");
      kept.cancel();
      resolve();
    });
  });
  assert.deepEqual(fired, ["kept"]);
});

test("a delay longer than the event loop can count does not fire at once", async () => {
  let fired = false;
  const timer = nodeTimers.after(2 ** 40, () => {
    fired = true;
  });
  await new Promise<void>((resolve) => nodeTimers.after(5, resolve));
  timer.cancel();
  assert.equal(fired, false);
});

test("the clock agrees with the system's and does not go backwards", () => {
  let before = systemClock.now();
  for (let i = 0; i < 10_000; i++) {
    const now = systemClock.now();
    assert.ok(now >= before);
    before = now;
  }
  const earliest = Date.now();
  const wall = systemClock.wall();
  assert.ok(wall >= earliest - 2 && wall <= Date.now() + 2);
});

test("random numbers fill 32 bits without a sign", () => {
  let ones = 0;
  let zeros = 0xffffffff;
  for (let i = 0; i < 1000; i++) {
    const value = systemRandom.uint32();
    assert.ok(Number.isInteger(value) && value >= 0 && value <= 0xffffffff);
    ones = (ones | value) >>> 0;
    zeros = (zeros & value) >>> 0;
  }
  assert.equal(ones, 0xffffffff);
  assert.equal(zeros, 0);
});
