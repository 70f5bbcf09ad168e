import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { readMarshalledRecords } from "../../../src/databases/marshalled-records.js";
import { RecordUpdates, UPDATES_PER_DATABASE_MAX, type UpdateDatabase } from "../../../src/databases/record-updates.js";
import type { UpdateJob, UpdateOutcome } from "../../../src/databases/update-helper-port.js";
import { ProtocolError, RecBuffer, type RecData, writeRecordHeader } from "../../../src/protocol/index.js";
import { RecordStore } from "../../../src/records/record-store.js";
import { Latency } from "../../../src/statistics/statistics.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";
import { answered, SENDER_GENERATION } from "./answered-call.js";

const OWN = 0;

class FakeDatabase implements UpdateDatabase {
  readonly content = new Map<string, Buffer>();
  readonly foreign = new Set<string>();
  readonly depth = new Map<string, number>();
  diskIsFull = false;
  readonly waiters: Array<{ key: Buffer; granted: () => void }> = [];
  readonly records: RecordStore;
  readonly path: string;
  freeze: "none" | "pending" | "frozen" = "none";
  rewrittenWhileFrozen = false;
  unhealthyReason: string | undefined;
  readonly file = {
    flags: () => 0x400,
    fetch: (key: Buffer): Buffer | undefined => {
      assert.ok(this.depth.has(key.toString()), `${key} is read without its lock`);
      return this.content.get(key.toString());
    },
  };

  constructor(
    readonly name: string,
    readonly isVolatile: boolean,
  ) {
    this.path = `/db/${name}`;
    this.records = new RecordStore(
      {
        file: {
          fetch: (key) => this.content.get(key.toString()),
          storeRecord: (key, rsn, dmaster, flags, data) => {
            assert.ok(this.depth.has(key.toString()), `${key} is stored without its lock`);
            if (this.diskIsFull) throw new Error("the disk is full");
            const { data: value } = record(key.toString(), rsn, dmaster, data.toString(), flags);
            this.content.set(key.toString(), Buffer.from(value));
          },
          storeRange: () => assert.fail("a push does this, not an update"),
          delete: (key) => void this.content.delete(key.toString()),
        },
        deletions: { isEmpty: true, schedule() {}, cancel() {} },
        ownPnn: OWN,
        lmasterOf: () => 1,
      },
      isVolatile,
    );
  }
  tryLock(key: Buffer): boolean {
    if (this.foreign.has(key.toString())) return false;
    this.depth.set(key.toString(), (this.depth.get(key.toString()) ?? 0) + 1);
    return true;
  }
  unlock(key: Buffer): void {
    const depth = this.depth.get(key.toString()) ?? 0;
    assert.ok(depth > 0);
    if (depth === 1) this.depth.delete(key.toString());
    else this.depth.set(key.toString(), depth - 1);
  }
  whenLocked(key: Buffer, granted: () => void): void {
    this.waiters.push({ key, granted });
  }
  release(key: string): void {
    this.foreign.delete(key);
    for (const waiter of this.waiters.splice(0)) {
      assert.ok(this.tryLock(waiter.key));
      waiter.granted();
      this.unlock(waiter.key);
    }
  }
  has(key: string): string {
    const value = this.content.get(key);
    return value === undefined
      ? "-"
      : `${value.readBigUInt64LE(0)}/${value.readUInt32LE(8)} ${value.toString("utf8", 24)}`;
  }
  put(key: string, rsn: number, dmaster: number, text: string): void {
    this.content.set(key, Buffer.from(record(key, rsn, dmaster, text).data));
  }
}

function record(key: string, rsn: number, dmaster: number, text: string, flags = 0): RecData {
  const data = Buffer.alloc(24 + Buffer.byteLength(text));
  writeRecordHeader(data, 0, rsn, dmaster, flags);
  data.write(text, 24);
  return { reqid: 0, key: Buffer.from(key), data };
}

describe("UPDATE_RECORD", () => {
  let time: FakeTime;
  let state: { isRecovering: boolean; generation: number };
  let persistent: FakeDatabase;
  let other: FakeDatabase;
  let cache: FakeDatabase;
  let jobs: Array<{ job: UpdateJob; done: (outcome: UpdateOutcome) => void; aborted: boolean }>;
  let counters: { childwriteCalls: number; pendingChildwriteCalls: number; readonly childwrites: Latency };
  let updates: RecordUpdates;

  function update(dbId: number, list: RecData[] = [record("a", 1, 0, "x")]) {
    const answer = answered("UPDATE_RECORD", 1);
    updates.update(readMarshalledRecords(Buffer.from(RecBuffer.encode({ dbId, records: list }))), answer.call);
    return answer;
  }
  function job(index: number) {
    const found = jobs[index];
    assert.ok(found, `job ${index}`);
    return found;
  }

  beforeEach(() => {
    time = new FakeTime();
    state = { isRecovering: false, generation: SENDER_GENERATION };
    persistent = new FakeDatabase("p.tdb", false);
    other = new FakeDatabase("q.tdb", false);
    cache = new FakeDatabase("v.tdb", true);
    jobs = [];
    counters = { childwriteCalls: 0, pendingChildwriteCalls: 0, childwrites: new Latency() };
    const databases = new Map([
      [1, persistent],
      [2, other],
      [3, cache],
    ]);
    updates = new RecordUpdates({
      clock: time,
      timers: time,
      logger: new RecordingLogger(),
      databases,
      helper: {
        run(given, done) {
          const entry = { job: given, done, aborted: false };
          jobs.push(entry);
          return {
            abort() {
              entry.aborted = true;
            },
          };
        },
      },
      state,
      counters,
      noteLatency: () => {},
      controlTimeoutSeconds: () => 60,
    });
  });

  it("is given to a helper, and answered and counted when that is done", () => {
    const answer = update(1);
    assert.equal(job(0).job.path, "/db/p.tdb");
    assert.equal(job(0).job.tdbFlags, 0x400);
    assert.equal(RecBuffer.decode(job(0).job.records).records.length, 1);
    assert.equal(counters.pendingChildwriteCalls, 1);
    time.advance(250);
    job(0).done({ ok: true });
    assert.equal(answer.text, "0");
    assert.deepEqual([counters.childwriteCalls, counters.pendingChildwriteCalls], [1, 0]);
    assert.equal(counters.childwrites.total, 0.25);
  });

  it("fails as its helper does", () => {
    const answer = update(1);
    job(0).done({ ok: false, reason: "ctdb-commitd ended with SIGKILL" });
    assert.equal(answer.text, "1 ctdb-commitd ended with SIGKILL");
    assert.equal(counters.pendingChildwriteCalls, 0);
  });

  it("is refused during recovery, for unknown and for unhealthy databases", () => {
    assert.equal(update(9).text, "-1");
    persistent.unhealthyReason = "broken";
    assert.equal(update(1).text, "-1");
    state.isRecovering = true;
    assert.equal(update(2).text, "-1");
    assert.equal(jobs.length, 0);
    assert.equal(counters.childwriteCalls, 0);
  });

  it("is refused when it was sent before the last recovery", () => {
    state.generation++;
    assert.deepEqual([update(1).text, update(3).text], ["-1", "-1"]);
    assert.equal(jobs.length, 0);
  });

  it("runs one at a time for a database, at the same time for different ones, and not without limit", () => {
    const first = update(1);
    const second = update(1);
    update(2);
    assert.deepEqual(
      jobs.map((one) => one.job.path),
      ["/db/p.tdb", "/db/q.tdb"],
    );
    job(0).done({ ok: true });
    assert.deepEqual([first.text, second.text], ["0", "pending"]);
    job(2).done({ ok: true });
    assert.equal(second.text, "0");
    for (let i = 0; i < UPDATES_PER_DATABASE_MAX; i++) assert.equal(update(1).text, "pending");
    assert.equal(update(1).text, "-1");
  });

  it("is aborted after ControlTimeout, and the next one begins", () => {
    const first = update(1);
    time.advance(30_000);
    const second = update(1);
    time.advance(30_000);
    assert.equal(first.text, "-1 timeout in ctdb_persistent_lock");
    assert.equal(job(0).aborted, true);
    job(1).done({ ok: true });
    assert.equal(second.text, "0");
  });

  it("that waits when a recovery begins fails; one that runs may end until the database is frozen, not later", () => {
    const first = update(1);
    const second = update(1);
    const done = update(2);
    state.isRecovering = true;
    updates.recoveryBegan();
    assert.deepEqual([first.text, second.text], ["pending", "-1 recovery is active"]);
    job(1).done({ ok: true });
    assert.equal(done.text, "0");
    persistent.freeze = "frozen";
    updates.databaseFrozen(persistent);
    assert.equal(first.text, "-1 recovery is active");
    assert.equal(job(0).aborted, true);
  });

  it("that a freeze without recovery interrupts waits for the thaw, or fails when a recovery begins before", () => {
    const first = update(1);
    persistent.freeze = "frozen";
    updates.databaseFrozen(persistent);
    assert.deepEqual([first.text, job(0).aborted], ["pending", true]);
    persistent.freeze = "none";
    updates.databaseThawed(persistent);
    assert.equal(job(1).aborted, false);
    persistent.freeze = "frozen";
    updates.databaseFrozen(persistent);
    state.isRecovering = true;
    updates.recoveryBegan();
    assert.equal(first.text, "-1 recovery is active");
  });

  it("that waited while the content was replaced is refused: other nodes may have lost what they had stored of it", () => {
    const first = update(1);
    const second = update(1);
    persistent.freeze = "frozen";
    updates.databaseFrozen(persistent);
    persistent.freeze = "none";
    persistent.rewrittenWhileFrozen = true;
    updates.databaseThawed(persistent);
    assert.deepEqual([first.text, second.text], ["-1 the database was rewritten", "-1 the database was rewritten"]);
    persistent.rewrittenWhileFrozen = false;
    update(1);
    job(1).done({ ok: true });
  });

  it("waits while the database is frozen without a recovery", () => {
    persistent.freeze = "frozen";
    const answer = update(1);
    assert.equal(jobs.length, 0);
    persistent.freeze = "none";
    updates.databaseThawed(persistent);
    job(0).done({ ok: true });
    assert.equal(answer.text, "0");
  });

  describe("on a volatile database", () => {
    it("stores what is here already and skips what is not", () => {
      cache.put("a", 3, 2, "old");
      assert.equal(update(3, [record("a", 5, 2, "new"), record("b", 5, 2, "new")]).text, "0");
      assert.equal(cache.has("a"), "5/2 new");
      assert.equal(cache.has("b"), "-");
      assert.equal(jobs.length, 0);
      assert.equal(cache.depth.size, 0);
    });

    it("fails as a whole where a record is as new and has other data, not where it has the same", () => {
      cache.put("a", 3, 2, "old");
      cache.put("b", 5, 2, "mine");
      assert.match(update(3, [record("a", 5, 2, "new"), record("b", 5, 2, "new")]).text, /^1 .*rsn 5/);
      assert.equal(cache.has("a"), "3/2 old");
      assert.equal(update(3, [record("b", 4, 2, "mine")]).text, "0");
      assert.equal(cache.has("b"), "4/2 mine");
      assert.equal(cache.depth.size, 0);
    });

    it("waits for records that others hold, keeps no other lock meanwhile, and then looks at all again", () => {
      cache.put("a", 3, 2, "old");
      cache.put("b", 3, 2, "old");
      cache.foreign.add("b");
      const answer = update(3, [record("a", 5, 2, "new"), record("b", 5, 2, "new")]);
      assert.equal(answer.text, "pending");
      assert.equal(cache.depth.size, 0);
      cache.put("a", 9, 2, "newer");
      cache.release("b");
      assert.match(answer.text, /^1 .*rsn 9/);
      assert.equal(cache.has("b"), "3/2 old");
    });

    it("fails when it cannot be stored, at once or after a wait, and gives its locks back", () => {
      cache.put("a", 3, 2, "old");
      cache.diskIsFull = true;
      assert.equal(update(3, [record("a", 5, 2, "new")]).text, "1 Error: the disk is full");
      cache.foreign.add("a");
      const answer = update(3, [record("a", 5, 2, "new")]);
      cache.release("a");
      assert.equal(answer.text, "1 Error: the disk is full");
      assert.deepEqual([cache.depth.size, counters.pendingChildwriteCalls], [0, 0]);
    });

    it("forgets what it waits for when a recovery begins", () => {
      cache.put("a", 3, 2, "old");
      cache.foreign.add("a");
      const answer = update(3, [record("a", 5, 2, "new")]);
      state.isRecovering = true;
      updates.recoveryBegan();
      assert.equal(answer.text, "-1 recovery is active");
      cache.release("a");
      assert.equal(cache.has("a"), "3/2 old");
    });
  });

  it("is no update when a record has no header or an rsn that nobody can count with, or the buffer is cut short", () => {
    const cut = (list: RecData[], by: number) => {
      const bytes = Buffer.from(RecBuffer.encode({ dbId: 1, records: list }));
      return () => readMarshalledRecords(bytes.subarray(0, bytes.length - by));
    };
    assert.throws(cut([{ reqid: 0, key: Buffer.from("a"), data: Buffer.alloc(23) }], 0), ProtocolError);
    assert.throws(cut([record("a", 1, 0, "x")], 1), ProtocolError);
    assert.equal(cut([record("a", 1, 0, "x")], 0)().count, 1);
    const huge = record("a", 1, 0, "x");
    huge.data.fill(0xff, 0, 8);
    assert.throws(cut([huge], 0), ProtocolError);
  });
});
