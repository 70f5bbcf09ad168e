import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { readMarshalledRecords } from "../../../src/databases/marshalled-records.js";
import { ProtocolError, RecBuffer, type RecData, RecordFlag } from "../../../src/protocol/index.js";
import { CopyRemoval } from "../../../src/vacuum/copy-removal.js";
import { SLICED_CONTROLS_MAX } from "../../../src/vacuum/limits.js";
import { SlicedWork } from "../../../src/vacuum/sliced-work.js";
import { answered } from "../databases/answered-call.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";
import { FakeFile, header } from "./fake-file.js";

const SELF = 1;
const DB = 0x77;
const { MIGRATED_WITH_DATA, RO_HAVE_READONLY } = RecordFlag;

describe("TRY_DELETE_RECORDS", () => {
  let time: FakeTime;
  let file: FakeFile;
  let database: { name: string; isVolatile: boolean; detached: boolean; lmaster: number };
  let copies: CopyRemoval;

  beforeEach(() => {
    time = new FakeTime();
    file = new FakeFile();
    const state = { name: "test.tdb", isVolatile: true, detached: false, lmaster: 0 };
    database = state;
    const logger = new RecordingLogger();
    copies = new CopyRemoval({
      logger,
      ownPnn: SELF,
      work: new SlicedWork({ clock: time, timers: time }),
      databases: {
        get: (id) =>
          id !== DB
            ? undefined
            : {
                name: state.name,
                isVolatile: state.isVolatile,
                get detached() {
                  return state.detached;
                },
                file,
                lmasterOf: () => state.lmaster,
                tryLock: (key) => file.chainLockNonblock(key),
                unlock: (key) => file.chainUnlock(key),
              },
      },
    });
  });

  function ask(records: readonly RecData[], dbId = DB) {
    const answer = answered("TRY_DELETE_RECORDS");
    copies.tryDeleteRecords(
      readMarshalledRecords(Buffer.from(RecBuffer.encode({ dbId, records: [...records] }))),
      answer.call,
    );
    return answer;
  }

  function given(key: string, rsn: number, flags: number = MIGRATED_WITH_DATA, data = ""): RecData {
    return { reqid: 0, key: Buffer.from(key), data: Buffer.concat([header(rsn, 0, flags), Buffer.from(data)]) };
  }

  /** Keys of the reply: what was not removed. */
  function refused(answer: { readonly text: string; readonly data: Buffer }): string[] {
    assert.equal(answer.text, "0");
    return RecBuffer.decode(answer.data).records.map(({ key }) => Buffer.from(key).toString());
  }

  it("removes an old copy, with data or without, and what is shorter than a header", () => {
    file.put("old", 8, 0, MIGRATED_WITH_DATA, "data");
    file.put("same", 10, 0);
    file.content.set("short", Buffer.alloc(8));
    assert.deepEqual(refused(ask([given("old", 10), given("same", 10), given("short", 10)])), []);
    assert.equal(file.content.size, 0);
    assert.equal(file.lockCount, 0);
  });

  it("counts a record that is not here as removed", () => {
    assert.deepEqual(refused(ask([given("absent", 10)])), []);
  });

  const refusals: Array<[string, () => void, RecData?]> = [
    ["this node is the lmaster", () => Object.assign(database, { lmaster: SELF })],
    ["the given record has data", () => {}, given("key", 10, 0, "data")],
    ["the chain lock is busy", () => file.foreign.add("key")],
    ["the own copy is newer", () => file.put("key", 11, 0)],
    ["the given record has read-only flags", () => {}, given("key", 10, RO_HAVE_READONLY)],
    ["the own copy is a read-only one", () => file.put("key", 8, 0, RO_HAVE_READONLY)],
    ["this node owns the record", () => file.put("key", 8, SELF)],
    ["the lock of the free list is busy", () => Object.assign(file, { freelistHeldElsewhere: true })],
    ["the database is being detached", () => Object.assign(database, { detached: true })],
  ];
  for (const [why, change, record] of refusals) {
    it(`leaves a record where it is, and says so, when ${why}`, () => {
      file.put("key", 8, 0, MIGRATED_WITH_DATA, "data");
      file.put("other", 8, 0);
      change();
      const answer = ask([record ?? given("key", 10)]);
      assert.deepEqual(refused(answer), ["key"]);
      assert.ok(file.content.has("key"));
      assert.equal(file.lockCount, 0);
    });
  }

  it("leaves a record where it is when the file fails, and goes on with the others", () => {
    file.put("bad", 8, 0);
    file.put("good", 8, 0);
    const remove = file.delete.bind(file);
    file.delete = (key) => {
      if (Buffer.from(key).toString() === "bad") throw new Error("disk full");
      return remove(key);
    };
    assert.deepEqual(refused(ask([given("bad", 10), given("good", 10)])), ["bad"]);
    assert.equal(file.lockCount, 0);
  });

  it("deals with every record of the list, the last one too", () => {
    const records = Array.from({ length: 100 }, (_, i) => given(`key-${i}`, 10));
    for (let i = 0; i < 100; i++) file.put(`key-${i}`, 9, 0);
    assert.deepEqual(refused(ask(records)), []);
    assert.equal(file.content.size, 0);
  });

  it("fails for an unknown and for a persistent database", () => {
    assert.equal(ask([given("key", 10)], 1).text, "-1");
    database.isVolatile = false;
    Object.assign(database, { isVolatile: false });
    assert.equal(ask([given("key", 10)]).text, "-1");
  });

  it("refuses a list with a record that has no header", () => {
    assert.throws(() => ask([{ reqid: 0, key: Buffer.from("key"), data: Buffer.alloc(23) }]), ProtocolError);
  });
});

describe("sliced work", () => {
  it("keeps the loop for a short while only, and goes on later in the order in which the work came", () => {
    const time = new FakeTime();
    let nowMs = 0;
    // Each record costs a tenth of a millisecond.
    const work = new SlicedWork({
      clock: { now: () => nowMs, wall: () => 0 },
      timers: time,
    });
    const ended: string[] = [];
    let longest = 0;
    const begin = (name: string, records: number): void => {
      let left = records;
      const startMs = nowMs;
      assert.ok(
        work.add({
          step: () => {
            if (left-- <= 0) return false;
            nowMs += 0.1;
            return true;
          },
          end: () => void ended.push(name),
        }),
      );
      longest = Math.max(longest, nowMs - startMs);
    };
    begin("long", 1000);
    begin("short", 1);
    assert.deepEqual(ended, []);
    for (let i = 0; i < 200; i++) {
      const startMs = nowMs;
      time.advance(2);
      longest = Math.max(longest, nowMs - startMs);
    }
    assert.deepEqual(ended, ["long", "short"]);
    assert.ok(longest <= 3, `${longest} ms in one go`);
  });

  it("takes a bounded amount", () => {
    const time = new FakeTime();
    const clock = { now: () => Number.POSITIVE_INFINITY, wall: () => 0 };
    const work = new SlicedWork({ clock, timers: time });
    const endless = { step: () => true, end: () => {} };
    for (let i = 0; i < SLICED_CONTROLS_MAX; i++) assert.ok(work.add(endless));
    assert.equal(work.add(endless), false);
  });
});
