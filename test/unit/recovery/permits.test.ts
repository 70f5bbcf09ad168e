import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Permits } from "../../../src/recovery/permits.js";

describe("permits", () => {
  it("are given in order, no more than there are", async () => {
    const permits = new Permits(2);
    const { signal } = new AbortController();
    const order: number[] = [];
    const first = await permits.take(signal);
    const second = await permits.take(signal);
    const third = permits.take(signal).then((release) => {
      order.push(3);
      return release;
    });
    const fourth = permits.take(signal).then((release) => {
      order.push(4);
      return release;
    });
    await Promise.resolve();
    assert.deepEqual(order, []);
    first();
    first();
    const releaseThird = await third;
    assert.deepEqual(order, [3]);
    second();
    const releaseFourth = await fourth;
    releaseThird();
    releaseFourth();
    await permits.take(signal);
  });

  it("are not lost when a waiter is aborted", async () => {
    const permits = new Permits(1);
    const release = await permits.take(new AbortController().signal);
    const abort = new AbortController();
    const waiting = permits.take(abort.signal);
    const reason = new Error("off");
    abort.abort(reason);
    await assert.rejects(waiting, reason);
    release();
    await permits.take(new AbortController().signal);
  });
});
