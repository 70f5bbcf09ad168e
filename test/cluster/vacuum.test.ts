// Deleted records vanish from the files of all nodes, whatever happens meanwhile; what was created again stays.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ControlFailedError } from "../../src/client/index.js";
import { databaseId, lmasterOf, RecoveryMode } from "../../src/protocol/index.js";
import { checkOwners } from "../interop/record-dump.js";
import { awaitCondition, pauseMs } from "./await-condition.js";
import { DeletingUsers } from "./deleting-users.js";
import { withCluster } from "./local-cluster.js";
import { keyNames, killVacuumd, VACUUM_INTERVAL_S, VacuumedDatabase, vacuumdPid } from "./vacuumed-database.js";

const DB = "vacuumed.tdb";
const OPTIONS = {
  kinds: ["ts", "ts", "ts"],
  clusterLock: false,
  logLevel: "INFO",
  tunables: { VacuumInterval: VACUUM_INTERVAL_S, RerecoveryTimeout: 1 },
} as const;
const NODES = [0, 1, 2];
const LIMIT_MS = 120_000;

for (const mutexes of [true, false]) {
  const mode = mutexes ? "mutexes" : "fcntl locks";
  test(`records that wandered over all nodes and were deleted vanish from all files without a full run (${mode})`, async (context) => {
    const options = {
      ...OPTIONS,
      tunables: { ...OPTIONS.tunables, VacuumFastPathCount: 0 },
      configLines: { database: [`tdb mutexes = ${mutexes}`] },
    };
    await withCluster(options, async (cluster) => {
      await using db = await VacuumedDatabase.attach(cluster, DB);
      const keys = keyNames(300);
      for (const pnn of NODES) await db.store(pnn, keys, `from ${pnn}`);
      await db.store(1, ["live"], "stays");
      for (const pnn of NODES)
        await db.remove(
          pnn,
          keys.filter((_, i) => i % 3 === pnn),
        );
      const before = await db.runs(0);
      await db.onlyLeft(["live"]);
      context.diagnostic(`gone after ${(await db.runs(0)) - before} runs`);
      for (const pnn of NODES) assert.equal(await db.read(pnn, "live"), "stays");
      await db.onlyLeft(["live"]);
      checkOwners(cluster, DB, NODES, (await cluster.view(0)).map);
      await db.runsEnded(2);
      const { vacuum } = await db.client(0).control("GET_DB_STATISTICS", databaseId(DB));
      assert.ok(vacuum.latency.max > 0, JSON.stringify(vacuum));
    });
  });
}

test("a deletion that no client announced is found by a full run, on request or every VacuumFastPathCount runs", async () => {
  await withCluster({ ...OPTIONS, tunables: { ...OPTIONS.tunables, VacuumInterval: 1000 } }, async (cluster) => {
    await using db = await VacuumedDatabase.attach(cluster, DB);
    const keys = keyNames(50);
    await db.store(0, keys, "x");
    await db.store(1, keys, "x");
    // Empties them behind the daemon's back.
    for (const key of keys) await db.on(2).withRecord(key, (record) => record.store(Buffer.alloc(0)));
    // A run leaves what another one has in its hands at that moment.
    await awaitCondition("gone by runs on request", { timeoutMs: LIMIT_MS }, async () => {
      for (const pnn of NODES) await db.vacuumAll(pnn);
      return db.contents().length === 0;
    });
    await db.store(0, keys, "x");
    await db.store(1, keys, "x");
    for (const key of keys) await db.on(2).withRecord(key, (record) => record.store(Buffer.alloc(0)));
    for (const pnn of NODES) {
      await cluster.node(pnn).ctdbOk(["setvar", "VacuumInterval", "1"]);
      await cluster.node(pnn).ctdbOk(["setvar", "VacuumFastPathCount", "2"]);
      // Its next run by the clock is far away, but one on request sets the clock anew.
      await db.client(pnn).control("DB_VACUUM", { dbId: databaseId(DB), fullVacuumRun: false });
    }
    await db.onlyLeft();
  });
});

test("the vacuuming process may be killed at any time: no deleted record is forgotten", async () => {
  await withCluster(OPTIONS, async (cluster) => {
    await using db = await VacuumedDatabase.attach(cluster, DB);
    const keys = keyNames(3000);
    await db.store(0, keys, "from 0");
    await db.store(1, keys, "from 1");
    await db.remove(2, keys);
    const killed = new Set<number>();
    const before = await Promise.all(NODES.map((pnn) => db.runs(pnn)));
    await awaitCondition("10 killed amid 4 runs of each node", { timeoutMs: LIMIT_MS, intervalMs: 150 }, async () => {
      for (const pnn of NODES) {
        const pid = killVacuumd(cluster, pnn);
        if (pid !== undefined) killed.add(pid);
      }
      const runs = await Promise.all(NODES.map(async (pnn) => (await db.runs(pnn)) - (before[pnn] ?? 0)));
      return killed.size > 10 && Math.min(...runs) >= 4;
    });
    await db.onlyLeft();
    for (const pnn of NODES) assert.match(cluster.node(pnn).log, /ctdb-vacuumd \(pid \d+\) ended with SIGKILL/);
    await cluster.node(0).stop();
    assert.deepEqual(cluster.node(0).pids(), []);
  });
});

test("records that were deleted while a node was stopped do not come back with it", async () => {
  await withCluster(OPTIONS, async (cluster) => {
    await using db = await VacuumedDatabase.attach(cluster, DB);
    const keys = keyNames(100);
    for (const pnn of [2, 0, 1]) await db.store(pnn, keys, `from ${pnn}`);
    await cluster.node(2).ctdbOk(["stop"]);
    await awaitCondition("recovery without node 2", { timeoutMs: LIMIT_MS }, async () => {
      const view = await cluster.view(0);
      return view.recoveryMode === 0 && !view.map.includes(2) && view.map.length === 2;
    });
    await db.remove(0, keys);
    await awaitCondition("deleted on the others", { timeoutMs: LIMIT_MS, intervalMs: 100 }, () =>
      db.contents().every((line) => line.startsWith("node 2")),
    );
    assert.equal(db.contents().length, 100, "the stopped node keeps its old copies for now");
    await cluster.node(2).ctdbOk(["continue"]);
    await cluster.healthy();
    await db.onlyLeft();
    for (const pnn of NODES) assert.equal(await db.read(pnn, "key-0"), undefined);
  });
});

for (const [disturbance, count] of [
  ["nothing", 0],
  ["recoveries", 3],
  ["kills of the vacuuming processes", 8],
] as const) {
  test(`records that are deleted and created again all the time keep their last value, disturbed by ${disturbance}`, async () => {
    const tunables = { ...OPTIONS.tunables, VacuumFastPathCount: 2 };
    await withCluster({ ...OPTIONS, tunables }, async (cluster) => {
      await using db = await VacuumedDatabase.attach(cluster, DB);
      const users = new DeletingUsers(db, { keys: 40, concurrency: 12 });
      let disturbed = false;
      const disturb = async (): Promise<void> => {
        const runs = await Promise.all(NODES.map((pnn) => db.runs(pnn)));
        for (let i = 0; i < count; i++) {
          await pauseMs(500);
          if (disturbance === "recoveries") {
            await cluster.node(i % 3).ctdbOk(["recover"]);
            await cluster.healthy();
          } else {
            await awaitCondition("a vacuuming process", { timeoutMs: LIMIT_MS }, () => killVacuumd(cluster, i % 3));
          }
        }
        await db.runsEnded(4 + Math.max(...runs));
        disturbed = true;
      };
      const isEnough = (): boolean => disturbed && users.deletions > 200 && users.creations > 200;
      await Promise.all([users.runUntil(isEnough), disturb()]);
      await users.check();
      await db.onlyLeft(users.liveKeys());
      await users.check();
      // A read of a record that is not there makes an empty one, which the next run takes away: while that goes on, files differ.
      await db.onlyLeft(users.liveKeys());
      checkOwners(cluster, DB, NODES, (await cluster.view(0)).map);
    });
  });
}

test("a recovery in the middle of a run stops it at once, and what was deleted is gone afterwards", async () => {
  await withCluster(OPTIONS, async (cluster) => {
    await using db = await VacuumedDatabase.attach(cluster, DB);
    const keys = keyNames(5000);
    await db.store(0, keys, "from 0");
    await db.store(1, keys, "from 1");
    await db.store(1, ["live"], "stays");
    await db.remove(2, keys);
    const dbId = databaseId(DB);
    const { generation } = await cluster.view(0);
    const runs = NODES.map((pnn) =>
      db
        .client(pnn)
        .control("DB_VACUUM", { dbId, fullVacuumRun: true })
        .then(
          () => "finished",
          () => "stopped",
        ),
    );
    // Right behind the order: however long this process then waits for the CPU, that run is not over.
    await db.client(0).control("SET_RECMODE", RecoveryMode.ACTIVE);
    await awaitCondition("the recovery", { timeoutMs: LIMIT_MS }, async () => {
      const view = await cluster.view(0);
      return view.recoveryMode === RecoveryMode.NORMAL && view.generation !== generation;
    });
    assert.ok((await Promise.all(runs)).includes("stopped"));
    await cluster.healthy();
    await db.onlyLeft(["live"]);
    for (const pnn of NODES) assert.equal(await db.read(pnn, "live"), "stays");
  });
});

test("a vacuuming process that does not react is ended before a database is used again after its freeze", async () => {
  await withCluster(OPTIONS, async (cluster) => {
    await using db = await VacuumedDatabase.attach(cluster, DB);
    const keys = keyNames(200);
    await db.store(0, keys, "x");
    await db.store(1, keys, "x");
    const pid = vacuumdPid(cluster, 1);
    assert.ok(pid !== undefined);
    const recover = async (): Promise<void> => {
      await db.client(1).control("PING", undefined);
      await cluster.node(0).ctdbOk(["recover"]);
      await cluster.healthy();
    };
    process.kill(pid, "SIGSTOP");
    await db.remove(1, keys);
    // Begins a run, unless one has begun by the clock; it is under way when the daemon answers what comes after it.
    const order = { dbId: databaseId(DB), fullVacuumRun: false };
    const run = db.client(1).control("DB_VACUUM", order, { timeoutMs: LIMIT_MS });
    await Promise.all([assert.rejects(run, ControlFailedError), recover()]);
    await awaitCondition("another vacuuming process", { timeoutMs: LIMIT_MS }, () => {
      const now = vacuumdPid(cluster, 1);
      return now !== undefined && now !== pid;
    });
    await db.store(2, keys, "again");
    await db.remove(2, keys);
    await db.onlyLeft();
  });
});

test("deleted records with read-only copies vanish, and no copy of an old value is left", async () => {
  const tunables = { ...OPTIONS.tunables, VacuumFastPathCount: 2 };
  await withCluster({ ...OPTIONS, tunables }, async (cluster) => {
    await using db = await VacuumedDatabase.attach(cluster, DB, { readOnlyCopies: true });
    const { map } = await cluster.view(0);
    const keys = keyNames(30).filter((key) => lmasterOf(map, Buffer.from(key)) === 0);
    // Written, read elsewhere, written, deleted at the lmaster: the reader's old copy must go with it.
    await db.store(0, keys, "first");
    for (const key of keys) assert.equal(await db.readCopy(1, key), "first");
    await db.store(0, keys, "second");
    await db.remove(0, keys);
    await db.onlyLeft();
    await cluster.node(0).ctdbOk(["recover"]);
    await cluster.healthy();
    for (const pnn of NODES) for (const key of keys) assert.equal(await db.read(pnn, key), undefined);
    await db.onlyLeft();
    // A copy of nothing must not outlive the record that is created after it.
    for (const key of keys) assert.equal(await db.readCopy(1, key), undefined);
    for (const pnn of NODES) await db.vacuumAll(pnn);
    await db.store(0, keys, "third");
    for (const pnn of NODES) for (const key of keys) assert.equal(await db.read(pnn, key), "third");
    await db.remove(2, keys);
    await db.onlyLeft();
  });
});
