// The lock scheduler against a file, a helper and a clock in memory: order, bounds, freezes, and what happens when the helper dies.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  REQUESTS_PER_GRANT_MAX,
  TRIES_AT_ONCE,
  WAITS_REPORTED_MAX,
  WARNING_INTERVAL_MS,
} from "../../../src/locks/limits.js";
import { type DatabaseLock, type LockRequest, LockScheduler } from "../../../src/locks/lock-scheduler.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";
import { FakeFile, FakeHelper } from "./fake-locks.js";

const key = (n: number): Buffer => Buffer.from(String(n));

class World {
  readonly time = new FakeTime();
  readonly logger = new RecordingLogger();
  readonly file: FakeFile;
  readonly database: { name: string; file: FakeFile };
  readonly helper: FakeHelper;
  readonly locks: LockScheduler;
  readonly granted: string[] = [];
  readonly longWaits: string[] = [];
  waitsMax = 200;

  constructor(hashSize = 10) {
    this.file = new FakeFile("test.tdb", false, hashSize);
    this.database = { name: "test.tdb", file: this.file };
    this.helper = new FakeHelper(() => this.file);
    this.locks = new LockScheduler(
      { clock: this.time, timers: this.time, logger: this.logger, helper: this.helper },
      {
        waitsPerDatabase: () => this.waitsMax,
        waitIsLong: (scope, { path }) => this.longWaits.push(`${scope} ${path}`),
      },
    );
  }

  /** Asks for a record; its name is noted when it is granted. */
  request(n: number, name = String(n), inside: () => void = () => {}): LockRequest {
    return this.locks.requestRecordLock(this.database, key(n), () => {
      assert.equal(this.locks.tryRecordLock(this.database, key(n)), true, "the granted chain can be locked again");
      this.file.chainUnlock(key(n));
      this.granted.push(name);
      inside();
    });
  }

  freeze(results: string[] = []): DatabaseLock {
    return this.locks.requestDatabaseLock(this.database, {
      onResult: (ok) => results.push(ok ? "frozen" : "failed"),
      onLost: () => results.push("lost"),
    });
  }

  assertQuiet(): void {
    const { numPending, numCurrent } = this.locks.statistics;
    assert.deepEqual({ numPending, numCurrent }, { numPending: 0, numCurrent: 0 });
    const own = this.locks.statisticsOf(this.database);
    assert.deepEqual([own.numPending, own.numCurrent], [0, 0]);
    assert.equal(this.file.own.size, 0);
    assert.equal(this.helper.waits.size, 0);
  }
}

describe("record locks", () => {
  it("takes a lock that comes free within a few attempts, and gives up after a bounded number", () => {
    const world = new World();
    let attempts = 0;
    const busyFor = (count: number): void => {
      attempts = 0;
      world.file.chainLockNonblock = () => ++attempts > count;
    };
    busyFor(TRIES_AT_ONCE - 1);
    assert.equal(world.locks.tryRecordLock(world.database, key(1)), true);
    busyFor(Number.POSITIVE_INFINITY);
    assert.equal(world.locks.tryRecordLock(world.database, key(1)), false);
    assert.equal(attempts, TRIES_AT_ONCE);
  });

  it("serves the requests of a chain in their order, with one kernel wait", () => {
    const w = new World();
    w.file.foreign.add(1);
    for (const n of [1, 11, 1, 21]) w.request(n, `${n}/${w.helper.waitsStarted}`);
    assert.equal(w.helper.waits.size, 1);
    assert.deepEqual(w.granted, []);
    w.helper.grant(1);
    assert.deepEqual(w.granted, ["1/0", "11/1", "1/1", "21/1"]);
    assert.deepEqual(w.helper.log, ["release 1"]);
    w.assertQuiet();
  });

  it("does not let a newcomer pass those who wait for the chain", () => {
    const w = new World();
    w.file.foreign.add(1);
    w.request(1);
    w.file.foreign.delete(1);
    assert.equal(w.locks.tryRecordLock(w.database, key(11)), false);
    assert.equal(w.locks.tryRecordLock(w.database, key(2)), true);
    w.file.chainUnlock(key(2));
    w.helper.grant(1);
    assert.equal(w.locks.tryRecordLock(w.database, key(11)), true);
    w.file.chainUnlock(key(11));
  });

  it("gives the lock up after a bounded number of requests, and asks for it again", () => {
    const w = new World();
    w.file.foreign.add(3);
    for (let i = 0; i < REQUESTS_PER_GRANT_MAX + 5; i++) w.request(3);
    w.helper.grant(3);
    assert.equal(w.granted.length, REQUESTS_PER_GRANT_MAX);
    w.time.turn();
    assert.equal(w.helper.waits.size, 1);
    w.helper.grant(3);
    assert.equal(w.granted.length, REQUESTS_PER_GRANT_MAX + 5);
    w.assertQuiet();
  });

  it("does not serve within one grant what is asked for during it", () => {
    const w = new World();
    w.file.foreign.add(3);
    w.request(3, "first", () => w.request(3, "second"));
    w.helper.grant(3);
    assert.deepEqual(w.granted, ["first"]);
    w.time.turn();
    w.helper.grant(3);
    assert.deepEqual(w.granted, ["first", "second"]);
    w.assertQuiet();
  });

  it("ends the wait when its last request is cancelled", () => {
    const w = new World();
    w.file.foreign.add(3);
    const first = w.request(3, "first");
    const second = w.request(3, "second");
    const third = w.request(3, "third");
    second.cancel();
    second.cancel();
    w.helper.grant(3);
    assert.deepEqual(w.granted, ["first", "third"]);
    first.cancel();
    third.cancel();
    const fourth = w.request(4, "fourth");
    fourth.cancel();
    assert.equal(w.helper.log.at(-1), "release 4");
    w.assertQuiet();
  });

  it("lets a request be cancelled from inside another one's grant", () => {
    const w = new World();
    const other: LockRequest[] = [];
    w.request(3, "first", () => other[0]?.cancel());
    other.push(w.request(3, "second"));
    w.helper.grant(3);
    assert.deepEqual(w.granted, ["first"]);
    w.assertQuiet();
  });

  it("goes on when serving a request throws", () => {
    const w = new World();
    w.request(3, "first", () => {
      throw new Error("broken packet");
    });
    w.request(3, "second");
    w.helper.grant(3);
    assert.deepEqual(w.granted, ["first", "second"]);
    assert.ok(w.logger.lines.some((line) => line.includes("broken packet")));
    w.assertQuiet();
  });

  it("keeps to the limit of kernel waits, read anew each time, and starts the next when one ends", () => {
    const w = new World();
    w.waitsMax = 2;
    for (let n = 0; n < 5; n++) {
      w.file.foreign.add(n);
      w.request(n);
    }
    assert.deepEqual(
      [...w.helper.waits.values()].map((wait) => wait.chain),
      [0, 1],
    );
    const { numCurrent, numPending } = w.locks.statistics;
    assert.deepEqual([numCurrent, numPending], [2, 3]);
    w.helper.grant(1);
    w.time.turn();
    assert.deepEqual(
      [...w.helper.waits.values()].map((wait) => wait.chain),
      [0, 2],
    );
    w.waitsMax = 1;
    w.helper.grant(0);
    w.time.turn();
    assert.equal(w.helper.waits.size, 1);
    w.waitsMax = 200;
    w.helper.grant(2);
    w.time.turn();
    assert.equal(w.helper.waits.size, 2);
  });

  it("loses no request when the helper dies", () => {
    const w = new World();
    for (const n of [1, 2, 3]) w.file.foreign.add(n);
    for (const n of [1, 2, 3, 11]) w.request(n);
    w.file.foreign.delete(2);
    w.helper.die();
    w.time.turn();
    assert.deepEqual(w.granted, ["2"]);
    assert.equal(w.helper.waits.size, 2);
    w.helper.grant(1);
    w.helper.grant(3);
    assert.deepEqual(w.granted, ["2", "1", "11", "3"]);
    w.assertQuiet();
  });

  it("serves requests also when the helper keeps silent", () => {
    const w = new World();
    w.file.foreign.add(1);
    w.request(1);
    w.file.foreign.delete(1);
    w.time.advance(1000);
    assert.deepEqual(w.granted, ["1"]);
    w.assertQuiet();
  });

  it("tries again later when the helper cannot wait", () => {
    const w = new World();
    w.file.foreign.add(1);
    w.request(1);
    const [id] = [...w.helper.waits.keys()];
    w.helper.waits.clear();
    w.helper.events.failed(id ?? 0, "no locks available");
    assert.equal(w.locks.statistics.numFailed, 1);
    w.time.advance(1000);
    w.time.turn();
    w.helper.grant(1);
    assert.deepEqual(w.granted, ["1"]);
    w.assertQuiet();
  });

  it("ignores a grant that comes after the wait was given up", () => {
    const w = new World();
    const request = w.request(1);
    const [id] = [...w.helper.waits.keys()];
    request.cancel();
    w.helper.events.granted(id ?? 0, 0);
    assert.deepEqual(w.granted, []);
    w.assertQuiet();
  });

  it("costs the same per request whether ten or a hundred thousand wait", () => {
    const w = new World();
    for (let n = 0; n < 10; n++) w.file.foreign.add(n);
    const requests: LockRequest[] = [];
    for (let i = 0; i < 100_000; i++) requests.push(w.locks.requestRecordLock(w.database, key(i), () => {}));
    assert.equal(w.helper.waitsStarted, 10);
    assert.equal(w.locks.statistics.numPending, 100_000 - 10);
    // From the middle, then the ends: a list that is searched would take minutes.
    for (let i = 50_000; i < 100_000; i++) requests[i]?.cancel();
    for (let i = 49_999; i >= 0; i--) requests[i]?.cancel();
    w.assertQuiet();
  });

  it("logs a long wait with its key and the holders, and not again for a shorter one", () => {
    const w = new World();
    w.helper.found = [{ pid: 4711, commandLine: "smbd -D", chain: 1, lock: "mutex of chain 1", keys: ["31"] }];
    w.file.foreign.add(1);
    w.request(1);
    w.time.advance(WARNING_INTERVAL_MS + 1000);
    assert.deepEqual(w.logger.lines, [
      "Unable to get RECORD lock on database test.tdb for 10 seconds (key 31)",
      "RECORD lock on database test.tdb (key 31) is held by pid 4711 (smbd -D): mutex of chain 1, keys there: 31",
    ]);
    w.helper.grant(1);
    w.file.foreign.add(1);
    w.request(1);
    w.time.advance(WARNING_INTERVAL_MS + 1000);
    assert.equal(w.logger.lines.length, 2);
    w.time.advance(WARNING_INTERVAL_MS);
    assert.equal(w.logger.lines.filter((line) => line.startsWith("Unable")).length, 2);
    assert.deepEqual(w.longWaits, [`RECORD ${w.file.path}`, `RECORD ${w.file.path}`], "told as often as logged");
  });

  it("counts calls, times and failures as CTDB does", () => {
    const w = new World();
    for (const n of [1, 2]) w.file.foreign.add(n);
    w.request(1);
    w.time.advance(5);
    w.helper.grant(1);
    w.request(2);
    w.time.advance(500);
    w.helper.grant(2);
    const { numCalls, latency, buckets } = w.locks.statisticsOf(w.database);
    assert.equal(numCalls, 2);
    assert.deepEqual(latency, { num: 2, minSeconds: 0.005, maxSeconds: 0.5, totalSeconds: 0.505 });
    assert.deepEqual(buckets.slice(0, 4), [0, 1, 0, 1]);
  });

  it("drops the requests of a database that is closed, also from inside a grant", () => {
    const w = new World();
    w.request(1, "first", () => w.locks.databaseClosed(w.database));
    w.request(1, "second");
    w.request(2, "third");
    w.helper.grant(1);
    assert.deepEqual(w.granted, ["first"]);
    assert.equal(w.locks.statistics.numPending, 0);
    assert.equal(w.locks.statistics.numCurrent, 0);
    assert.equal(w.helper.waits.size, 0);
  });
});

describe("record locks, helpers that are gone", () => {
  it("does not trust the word of a helper that has lost its lock meanwhile", () => {
    const w = new World();
    w.file.foreign.add(1);
    w.request(1);
    const [id] = [...w.helper.waits.keys()];
    w.helper.events.granted(id ?? 0, 0);
    assert.deepEqual(w.granted, []);
    w.helper.die();
    w.time.turn();
    w.helper.grant(1);
    assert.deepEqual(w.granted, ["1"]);
    w.assertQuiet();
  });
});

describe("database locks", () => {
  it("takes a free database at once and gives it back", () => {
    const w = new World();
    const results: string[] = [];
    const lock = w.freeze(results);
    assert.deepEqual(results, [], "the result comes in a later turn");
    w.time.turn();
    assert.deepEqual(results, ["frozen"]);
    assert.equal(w.file.all, "kernel");
    assert.equal(w.locks.statistics.numCurrent, 1);
    assert.equal(w.locks.tryRecordLock(w.database, key(1)), false);
    lock.release();
    lock.release();
    assert.equal(w.file.all, "none");
    assert.equal(w.locks.tryRecordLock(w.database, key(1)), true);
    w.file.chainUnlock(key(1));
    w.assertQuiet();
  });

  it("goes before waiting records, which go on after it in their order", () => {
    const w = new World();
    w.file.foreign.add(1);
    w.request(1, "first");
    w.request(2, "second");
    const lock = w.freeze();
    assert.equal(w.helper.waits.size, 0, "the kernel waits of the database end");
    w.request(1, "third");
    w.file.foreign.delete(1);
    w.time.advance(3000);
    assert.equal(lock.state, "own");
    assert.deepEqual(w.granted, []);
    lock.release();
    w.time.turn();
    assert.deepEqual(w.granted, ["first", "third", "second"]);
    w.assertQuiet();
  });

  it("lets free records through while the freeze waits for a busy one", () => {
    const w = new World();
    w.file.foreign.add(1);
    w.request(2, "second");
    const lock = w.freeze();
    w.time.advance(2000);
    assert.equal(lock.state, "waiting");
    assert.deepEqual(w.granted, ["second"]);
    lock.release();
    w.assertQuiet();
  });

  it("asks a helper when the database stays busy, marks what that holds, and releases it", () => {
    const w = new World();
    const results: string[] = [];
    w.file.foreign.add(1);
    const lock = w.freeze(results);
    w.time.advance(50);
    const [holder] = w.helper.holders;
    assert.equal(holder?.path, "/fake/test.tdb");
    assert.deepEqual(results, []);
    holder?.events.onHeld();
    assert.deepEqual(results, ["frozen"]);
    assert.equal(w.file.all, "mark");
    assert.equal(w.locks.tryRecordLock(w.database, key(2)), false);
    lock.release();
    assert.equal(holder?.released, true);
    assert.equal(w.file.all, "none");
    w.assertQuiet();
  });

  it("names the holders of a busy database after a second", () => {
    const w = new World();
    w.helper.found = [{ pid: 4711, commandLine: "smbd -D", chain: 1, lock: "WRITE lock of chain 1", keys: [] }];
    w.file.foreign.add(1);
    w.freeze();
    w.time.advance(1500);
    assert.deepEqual(w.logger.lines, [
      "Freeze of database test.tdb waits for pid 4711 (smbd -D): WRITE lock of chain 1",
    ]);
    w.time.advance(9500);
    assert.equal(w.logger.lines[1], "Unable to get DB lock on database test.tdb for 10 seconds");
    assert.deepEqual(w.longWaits, [`DB ${w.file.path}`]);
  });

  it("says so when a helper cannot lock the database, and lets the records go on", () => {
    const w = new World();
    const results: string[] = [];
    w.file.foreign.add(1);
    w.request(1);
    w.freeze(results);
    w.time.advance(50);
    w.helper.holders[0]?.events.onFailed("no such file");
    assert.deepEqual(results, ["failed"]);
    w.time.turn();
    w.helper.grant(1);
    assert.deepEqual(w.granted, ["1"]);
    w.assertQuiet();
  });

  it("reports a lost lock, also in the middle of a transaction", () => {
    const w = new World();
    const results: string[] = [];
    w.file.foreign.add(1);
    const lock = w.freeze(results);
    w.time.advance(50);
    w.helper.holders[0]?.events.onHeld();
    lock.transactionStart();
    w.helper.holders[0]?.events.onLost("killed");
    assert.deepEqual(results, ["frozen", "lost"]);
    assert.equal(w.locks.tryRecordLock(w.database, key(2)), false, "not before the release");
    lock.transactionCancel();
    lock.release();
    assert.equal(w.file.all, "none");
    assert.equal(w.file.flags(), 0);
    assert.equal(w.locks.tryRecordLock(w.database, key(2)), true);
    w.file.chainUnlock(key(2));
    w.assertQuiet();
  });

  it("runs transactions under the lock and keeps it", () => {
    const w = new World();
    const lock = w.freeze();
    w.time.turn();
    lock.transactionStart();
    lock.transactionCommit();
    assert.equal(w.file.all, "mark");
    lock.transactionStart();
    lock.release();
    assert.equal(w.file.inTransaction, false, "an open transaction is cancelled");
    assert.equal(w.file.flags(), 0);
    w.assertQuiet();
  });

  it("refuses a second request, and transactions without the lock", () => {
    const w = new World();
    w.file.foreign.add(1);
    const lock = w.freeze();
    assert.throws(() => w.freeze(), { name: "DatabaseLockPendingError" });
    assert.throws(() => lock.transactionStart(), { name: "DatabaseNotLockedError" });
    lock.release();
    w.freeze().release();
    w.assertQuiet();
  });

  it("does not hold a database whose freeze was released before it came", () => {
    const w = new World();
    const results: string[] = [];
    w.file.foreign.add(1);
    const lock = w.freeze(results);
    w.time.advance(50);
    lock.release();
    w.helper.holders[0]?.events.onHeld();
    assert.equal(w.file.all, "none");
    assert.deepEqual(results, []);
    w.assertQuiet();
  });
});

describe("a look at the waits", () => {
  const look = (w: World, wanted = true) => {
    const answers: unknown[][] = [];
    w.locks.lookAtWaits(
      () => wanted,
      (waits, total) => {
        answers.push([
          total,
          ...waits.map(({ chain, key, waitedMs, requests, holders }) => [
            chain,
            key,
            waitedMs,
            requests,
            holders.map((one) => one.pid).join(),
          ]),
        ]);
      },
    );
    w.time.advance(0);
    assert.equal(answers.length, 1);
    return answers[0];
  };
  const hex = (n: number): string => key(n).toString("hex");

  it("names chains and freezes with their holders, the longest wait first, and nothing that is not waited for", () => {
    const w = new World();
    const foundPid = 4711;
    w.helper.found = [{ pid: foundPid, commandLine: "smbd", chain: 1, lock: "mutex of chain 1", keys: [] }];
    assert.deepEqual(look(w), [0]);
    for (const chain of [1, 2]) w.file.foreign.add(chain);
    w.request(2);
    w.time.advance(100);
    w.request(1);
    w.request(11);
    w.time.advance(50);
    assert.deepEqual(look(w, false), [0]);
    assert.deepEqual(look(w), [2, [2, hex(2), 150, 1, String(foundPid)], [1, hex(1), 50, 2, String(foundPid)]]);
    const lock = w.freeze();
    assert.deepEqual(look(w)?.at(-1), [undefined, "", 0, 1, String(foundPid)]);
    lock.release();
  });

  it("shows a bounded number and counts the others", () => {
    const chains = WAITS_REPORTED_MAX + 5;
    const w = new World(chains);
    for (let n = 0; n < chains; n++) w.file.foreign.add(n);
    for (let n = 0; n < chains; n++) w.request(n);
    const [total, ...waits] = look(w) ?? [];
    assert.deepEqual([total, waits.length], [chains, WAITS_REPORTED_MAX]);
  });
});

it("tells of each record request before it is served", () => {
  const w = new World();
  let begun = 0;
  const locks = new LockScheduler({
    clock: w.time,
    timers: w.time,
    logger: w.logger,
    helper: w.helper,
    grantBegins: () => begun++,
  });
  const seen: number[] = [];
  w.file.foreign.add(1);
  for (const n of [1, 11]) locks.requestRecordLock(w.database, key(n), () => seen.push(begun));
  w.helper.grant(1);
  assert.deepEqual(seen, [1, 2]);
});
