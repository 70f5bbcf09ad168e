import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DeleteQueue } from "../../../src/databases/delete-queue.js";
import { FetchQueue } from "../../../src/databases/fetch-queue.js";

const key = (text: string): Buffer => Buffer.from(text);
const record = (text: string, rsn: number) => ({ key: text, rsn, dmaster: 0, flags: 0 });

describe("delete queue", () => {
  it("keeps the newest header of a key, and forgets a key that got data", () => {
    const queue = new DeleteQueue();
    queue.schedule(key("a"), 1, 0, 0);
    queue.schedule(key("b"), 1, 0, 0);
    queue.schedule(key("a"), 2, 0, 0x10000);
    queue.cancel(key("b"));
    queue.cancel(key("c"));
    assert.deepEqual([...queue.takeAll()], [{ key: "a", rsn: 2, dmaster: 0, flags: 0x10000 }]);
    assert.ok(queue.isEmpty);
  });

  it("gives a run what is there when it starts; what comes meanwhile is for the next one", () => {
    const queue = new DeleteQueue();
    for (const name of ["a", "b"]) queue.schedule(key(name), 1, 0, 0);
    const taken: string[] = [];
    for (const entry of queue.takeAll()) {
      taken.push(entry.key);
      queue.giveBack(entry);
      queue.schedule(key(`new ${entry.key}`), 1, 0, 0);
    }
    assert.deepEqual(taken, ["a", "b"]);
    assert.equal(queue.size, 4);
  });

  it("loses nothing when a run gives up half-way", () => {
    const queue = new DeleteQueue();
    for (const name of ["a", "b", "c"]) queue.schedule(key(name), 1, 0, 0);
    const first = queue.takeAll().next();
    assert.ok(first.done !== true);
    queue.giveBack(first.value);
    assert.deepEqual([...queue.takeAll()].map((entry) => entry.key).sort(), ["a", "b", "c"]);
  });

  it("does not replace a newer entry by one that a run gives back", () => {
    const queue = new DeleteQueue();
    queue.schedule(key("a"), 5, 0, 0);
    queue.giveBack(record("a", 3));
    assert.deepEqual(
      [...queue.takeAll()].map((entry) => entry.rsn),
      [5],
    );
  });

  it("is bounded, and says when something did not fit", () => {
    const queue = new DeleteQueue(2);
    for (const name of ["a", "b"]) queue.schedule(key(name), 1, 0, 0);
    queue.schedule(key("a"), 2, 0, 0);
    assert.equal(queue.overflowed, false);
    queue.schedule(key("c"), 1, 0, 0);
    assert.equal(queue.overflowed, true);
    assert.equal(queue.size, 2);
  });
});

describe("fetch queue", () => {
  it("gives each key once, in order, however they come and go", () => {
    const queue = new FetchQueue();
    const taken: Array<string | undefined> = [];
    for (const name of ["a", "b", "a"]) assert.ok(queue.add(name));
    taken.push(queue.take());
    queue.add("c");
    taken.push(queue.take(), queue.take(), queue.take());
    queue.add("a");
    taken.push(queue.take(), queue.take());
    assert.deepEqual(taken, ["a", "b", "c", undefined, "a", undefined]);
  });

  it("holds back what was postponed until it may be tried again", () => {
    const queue = new FetchQueue();
    queue.add("a");
    queue.postpone(queue.take() ?? "");
    assert.deepEqual([queue.size, queue.readyCount, queue.take()], [1, 0, undefined]);
    queue.retryPostponed();
    assert.equal(queue.take(), "a");
    queue.postpone("b");
    queue.add("c");
    queue.retryPostponed();
    assert.deepEqual([queue.take(), queue.take(), queue.size], ["c", "b", 0]);
  });

  it("refuses what does not fit, but not what it has", () => {
    const queue = new FetchQueue(1);
    assert.deepEqual([queue.add("a"), queue.add("b"), queue.add("a")], [true, false, true]);
    queue.clear();
    assert.ok(queue.add("b"));
  });
});
