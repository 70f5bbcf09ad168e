import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { DeleteQueue } from "../../../src/databases/delete-queue.js";
import { RecBufferReader, RecBufferWriter } from "../../../src/protocol/index.js";
import { Latency } from "../../../src/statistics/statistics.js";
import { BATCH_RECORDS_MAX, STOP_PATIENCE_MS } from "../../../src/vacuum/limits.js";
import { type VacuumedDatabase, VacuumService } from "../../../src/vacuum/vacuum-service.js";
import type { RunEvents, RunOrder, RunOutcome, VacuumWorker, WorkerRun } from "../../../src/vacuum/vacuum-worker.js";
import { answered } from "../databases/answered-call.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";
import { header } from "./fake-file.js";

class FakeRun implements WorkerRun {
  aborted = 0;
  enforced = 0;
  constructor(
    readonly order: RunOrder,
    readonly events: RunEvents,
  ) {}
  abort(): void {
    this.aborted++;
  }
  enforceAbort(): void {
    this.enforced++;
  }
  /** Keys of the next batch. */
  next(): string[] {
    const batch = this.events.nextBatch();
    const keys: string[] = [];
    if (batch === undefined) return keys;
    const reader = new RecBufferReader(batch);
    while (reader.next()) keys.push(reader.key.toString());
    return keys;
  }
  end(status: RunOutcome["status"] = "finished"): void {
    this.events.ended({ status, reason: "because", deleted: 1, handedOver: 0, kept: 0 });
  }
}

class FakeWorker implements VacuumWorker {
  readonly runs: FakeRun[] = [];
  begin(order: RunOrder, events: RunEvents): WorkerRun {
    const run = new FakeRun(order, events);
    this.runs.push(run);
    return run;
  }
  get last(): FakeRun {
    const run = this.runs.at(-1);
    assert.ok(run, "a run");
    return run;
  }
}

class FakeDatabase implements VacuumedDatabase {
  readonly path: string;
  readonly isVolatile = true;
  readonly openFlags = 0x41;
  readonly vacuums = new Latency();
  freeze: "none" | "pending" | "frozen" = "none";
  constructor(
    readonly id: number,
    readonly deletions = new DeleteQueue(),
  ) {
    this.path = `/db/${this.name}.0`;
  }
  get name(): string {
    return `db${this.id}.tdb`;
  }
  deleted(...keys: string[]): void {
    for (const key of keys) this.deletions.schedule(Buffer.from(key), 3, 0, 0);
  }
  get keys(): string[] {
    return [...new Set([...this.deletions.takeAll()].map((record) => record.key))].sort();
  }
}

describe("vacuum service", () => {
  let time: FakeTime;
  let worker: FakeWorker;
  let service: VacuumService;
  let databases: FakeDatabase[];
  let recovering: boolean;
  let tunables: {
    intervalSeconds: number;
    maxRunSeconds: number;
    fastPathCount: number;
    repackLimit: number;
    maxDead: number;
  };

  beforeEach(() => {
    time = new FakeTime();
    worker = new FakeWorker();
    databases = [];
    recovering = false;
    tunables = { intervalSeconds: 10, maxRunSeconds: 120, fastPathCount: 60, repackLimit: 10_000, maxDead: 5 };
    service = new VacuumService({
      clock: time,
      timers: time,
      logger: new RecordingLogger(),
      noteLatency: () => {},
      worker,
      databases: { get: (id) => databases.find((database) => database.id === id) },
      isRecovering: () => recovering,
      vnnMap: () => [0, 1],
      tunables: () => tunables,
    });
  });

  function attach(deletions?: DeleteQueue): FakeDatabase {
    const database = new FakeDatabase(databases.length + 1, deletions);
    databases.push(database);
    service.databaseAttached(database);
    return database;
  }

  it("runs on a database each VacuumInterval, counted from the attach and from the end of the run before", () => {
    const database = attach();
    database.deleted("a");
    time.advance(9_999);
    assert.equal(worker.runs.length, 0);
    time.advance(1);
    assert.equal(worker.runs.length, 1);
    assert.deepEqual(worker.last.order, {
      dbId: 1,
      name: "db1.tdb",
      path: "/db/db1.tdb.0",
      tdbFlags: 0x41,
      maxDead: 5,
      full: false,
      repackLimit: 10_000,
      lmasters: [0, 1],
    });
    time.advance(4_000);
    worker.last.end();
    database.deleted("b");
    time.advance(9_999);
    assert.equal(worker.runs.length, 1);
    time.advance(1);
    assert.equal(worker.runs.length, 2);
    assert.deepEqual(database.vacuums.toWire(), { num: 1, min: 4, max: 4, total: 4 });
  });

  it("waits longer when the interval has grown since the timer was set", () => {
    attach().deleted("a");
    tunables.intervalSeconds = 25;
    time.advance(24_999);
    assert.equal(worker.runs.length, 0);
    time.advance(1);
    assert.equal(worker.runs.length, 1);
  });

  it("asks nothing of the process when nothing was deleted, and counts the run", () => {
    const database = attach();
    time.advance(30_000);
    assert.equal(worker.runs.length, 0);
    assert.equal(database.vacuums.num, 3);
  });

  it("makes every run after VacuumFastPathCount others a full one, and none with 0", () => {
    tunables.fastPathCount = 2;
    attach();
    time.advance(20_000);
    assert.equal(worker.runs.length, 0);
    time.advance(10_000);
    assert.equal(worker.last.order.full, true);
    worker.last.end();
    time.advance(20_000);
    assert.equal(worker.runs.length, 1);
    tunables.fastPathCount = 0;
    time.advance(100_000);
    assert.equal(worker.runs.length, 1);
  });

  it("does not lose a full run that cannot start or is cut short", () => {
    tunables.fastPathCount = 1;
    const database = attach();
    time.advance(10_000);
    recovering = true;
    time.advance(10_000);
    assert.equal(worker.runs.length, 0);
    recovering = false;
    time.advance(10_000);
    assert.equal(worker.last.order.full, true);
    service.databaseFreezes(database);
    worker.last.end("aborted");
    time.advance(10_000);
    assert.equal(worker.runs.length, 2);
    assert.equal(worker.last.order.full, true);
  });

  it("looks at all records when the queue could not hold what was deleted", () => {
    const database = attach(new DeleteQueue(1));
    tunables.fastPathCount = 0;
    database.deleted("a", "b");
    time.advance(10_000);
    assert.equal(worker.last.order.full, true);
    worker.last.next();
    worker.last.events.batchDone([]);
    worker.last.end();
    database.deleted("c");
    time.advance(10_000);
    assert.equal(worker.last.order.full, false);
  });

  it("runs on one database at a time, first come first served", () => {
    for (let i = 0; i < 3; i++) attach().deleted("a");
    time.advance(10_000);
    const order: number[] = [];
    for (let i = 0; i < 3; i++) {
      assert.equal(worker.runs.length, i + 1);
      order.push(worker.last.order.dbId);
      worker.last.end();
      time.turn();
    }
    assert.deepEqual(order, [1, 2, 3]);
  });

  for (const freeze of ["pending", "frozen"] as const) {
    it(`does not run while the freeze of the database is ${freeze}`, () => {
      const database = attach();
      database.deleted("a");
      database.freeze = freeze;
      time.advance(10_000);
      assert.equal(worker.runs.length, 0);
      database.freeze = "none";
      time.advance(10_000);
      assert.equal(worker.runs.length, 1);
    });
  }

  it("hands records over in bounded batches", () => {
    const database = attach();
    database.deleted(...Array.from({ length: 2 * BATCH_RECORDS_MAX + 1 }, (_, i) => `key-${i}`));
    time.advance(10_000);
    const sizes: number[] = [];
    for (let batch = worker.last.next(); batch.length > 0; batch = worker.last.next()) {
      sizes.push(batch.length);
      worker.last.events.batchDone([]);
    }
    assert.deepEqual(sizes, [BATCH_RECORDS_MAX, BATCH_RECORDS_MAX, 1]);
  });

  it("remembers what a run could not remove, for the next run and not for this one", () => {
    const database = attach();
    database.deleted("a", "b", "c");
    time.advance(10_000);
    assert.deepEqual(worker.last.next(), ["a", "b", "c"]);
    worker.last.events.batchDone([0, 2]);
    assert.deepEqual(worker.last.next(), []);
    worker.last.end();
    time.advance(10_000);
    assert.deepEqual(worker.last.next(), ["a", "c"]);
  });

  it("remembers what a full run found and could not remove", () => {
    const database = attach();
    tunables.fastPathCount = 1;
    time.advance(20_000);
    const found = new RecBufferWriter(1);
    found.add(0, Buffer.from("found"), header(5, 0));
    worker.last.events.remember(found.bytes());
    worker.last.end();
    assert.deepEqual(database.keys, ["found"]);
  });

  for (const end of ["freeze", "recovery", "death of the process"] as const) {
    it(`loses no record of a run that is cut short by a ${end}`, () => {
      const database = attach();
      database.deleted("a", "b");
      time.advance(10_000);
      assert.deepEqual(worker.last.next(), ["a", "b"]);
      database.deleted("c");
      if (end === "freeze") service.databaseFreezes(database);
      if (end === "recovery") service.recoveryBegan();
      assert.equal(worker.last.aborted, end === "death of the process" ? 0 : 1);
      worker.last.end(end === "death of the process" ? "failed" : "aborted");
      assert.deepEqual(database.keys, ["a", "b", "c"]);
    });
  }

  it("does not listen to a run any more that was told to stop: what it speaks of may have been wiped", () => {
    const database = attach();
    database.deleted("a");
    time.advance(10_000);
    worker.last.next();
    service.databaseFreezes(database);
    database.deletions.clear();
    worker.last.events.batchDone([0]);
    const found = new RecBufferWriter(1);
    found.add(0, Buffer.from("found"), header(5, 0));
    worker.last.events.remember(found.bytes());
    assert.deepEqual(worker.last.next(), []);
    assert.deepEqual(database.keys, []);
    worker.last.end();
    assert.deepEqual(database.keys, []);
  });

  it("ends a run by force that has not stopped when the database is thawed, but not one that was never stopped", () => {
    const database = attach();
    database.deleted("a");
    time.advance(10_000);
    service.databaseThawed(database);
    assert.equal(worker.last.enforced, 0);
    service.databaseFreezes(database);
    service.databaseThawed(database);
    assert.equal(worker.last.enforced, 1);
  });

  it("stops a run that takes longer than VacuumMaxRunTime, by force if need be", () => {
    attach().deleted("a");
    time.advance(10_000);
    time.advance(119_999);
    assert.equal(worker.last.aborted, 0);
    time.advance(1);
    assert.equal(worker.last.aborted, 1);
    time.advance(STOP_PATIENCE_MS);
    assert.equal(worker.last.enforced, 1);
    worker.last.end("failed");
    time.advance(10_000);
    assert.equal(worker.runs.length, 2);
  });

  it("forgets a database that is detached in the middle of a run", () => {
    const database = attach();
    database.deleted("a");
    time.advance(10_000);
    service.databaseDetached(database);
    assert.equal(worker.last.aborted, 1);
    worker.last.end("aborted");
    time.advance(100_000);
    assert.equal(worker.runs.length, 1);
  });

  describe("DB_VACUUM", () => {
    function vacuum(dbId: number, fullVacuumRun = false) {
      const answer = answered("DB_VACUUM");
      service.handlers.DB_VACUUM?.({ dbId, fullVacuumRun }, answer.call);
      return answer;
    }

    it("runs at once and answers at the end", () => {
      const database = attach();
      database.deleted("a");
      const answer = vacuum(1);
      assert.equal(worker.runs.length, 1);
      assert.equal(answer.text, "pending");
      worker.last.end();
      assert.equal(answer.text, "0");
      database.deleted("b");
      time.advance(9_999);
      assert.equal(worker.runs.length, 1);
    });

    it("makes a full run if asked to", () => {
      attach();
      const answer = vacuum(1, true);
      assert.equal(worker.last.order.full, true);
      worker.last.end();
      assert.equal(answer.text, "0");
    });

    it("answers at once where there is nothing to do", () => {
      attach();
      assert.equal(vacuum(1).text, "0");
    });

    it("fails for an unknown database, during a run, a recovery or a freeze", () => {
      const database = attach();
      assert.equal(vacuum(99).text, "-1");
      recovering = true;
      assert.equal(vacuum(1).text, "-1");
      recovering = false;
      database.freeze = "frozen";
      assert.equal(vacuum(1).text, "-1");
      database.freeze = "none";
      database.deleted("a");
      const first = vacuum(1);
      assert.equal(vacuum(1).text, "-1");
      assert.equal(first.text, "pending");
    });

    it("fails when the run is stopped", () => {
      const database = attach();
      database.deleted("a");
      const answer = vacuum(1);
      service.databaseFreezes(database);
      worker.last.end("aborted");
      assert.equal(answer.text, "-1");
    });

    it("waits for the run on another database", () => {
      attach().deleted("a");
      time.advance(10_000);
      attach().deleted("b");
      const answer = vacuum(2);
      assert.equal(worker.runs.length, 1);
      worker.last.end();
      time.turn();
      worker.last.end();
      assert.equal(answer.text, "0");
    });
  });
});
