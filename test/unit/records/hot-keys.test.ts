import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { HOT_KEYS_MAX, HotKeys } from "../../../src/records/hot-keys.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";

describe("Hot keys", () => {
  let time: FakeTime;
  let logger: RecordingLogger;
  let keys: HotKeys;

  const migrated = (key: string, times: number): void => {
    for (let i = 0; i < times; i++) keys.count(key);
  };
  const top = (): string[] => keys.top.map(({ key, count }) => `${key} ${count}`);

  beforeEach(() => {
    time = new FakeTime();
    logger = new RecordingLogger();
    keys = new HotKeys({ clock: time, logger }, "test.tdb");
  });

  it("are those that migrated most often within a second, the least hot first", () => {
    migrated("a", 3);
    migrated("b", 5);
    migrated("c", 1);
    assert.deepEqual(top(), ["c 1", "a 3", "b 5"]);
  });

  it("keep their highest count: each second begins anew", () => {
    migrated("a", 3);
    time.advance(1000);
    migrated("a", 2);
    assert.deepEqual(top(), ["a 3"]);
    migrated("a", 2);
    assert.deepEqual(top(), ["a 4"]);
  });

  it("are ten: a hotter key takes the place of the least hot one", () => {
    for (let i = 0; i < HOT_KEYS_MAX; i++) migrated(`key${i}`, i + 2);
    migrated("cold", 2);
    assert.equal(keys.top.length, HOT_KEYS_MAX);
    assert.equal(top()[0], "key0 2");
    migrated("cold", 1);
    assert.deepEqual([top().includes("cold 3"), top().includes("key0 2")], [true, false]);
    assert.deepEqual(
      keys.top.map(({ count }) => count),
      [3, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    );
  });

  it("are logged when they are new, and each time they are twice as hot", () => {
    migrated("a", 5);
    const line = (what: string, count: number) => `${what} hot key database=test.tdb key=61 count=${count}`;
    assert.deepEqual(logger.lines, [line("Added", 1), line("Updated", 2), line("Updated", 4)]);
  });

  it("are forgotten by a reset", () => {
    migrated("a", 5);
    keys.reset();
    assert.deepEqual(top(), []);
    time.advance(1000);
    migrated("b", 1);
    assert.deepEqual(top(), ["b 1"]);
  });
});
