// The twin of ctdb-commitd behind the real pool: whole transactions, waits for the locks of others, deaths at any moment.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CommitPool } from "../../../../src/commitd/commit-pool.js";
import type { UpdateOutcome } from "../../../../src/databases/update-helper-port.js";
import { RecBufferWriter, recordHeaderRsn, TdbFlag } from "../../../../src/protocol/index.js";
import { commitProgram } from "../../../../src/simulator/files/commit-program.js";
import type { MemoryTdb } from "../../../../src/simulator/files/memory-tdb.js";
import { SimulatedProcessRunner } from "../../../../src/simulator/process-runner.js";
import { SmallWorld } from "./small-world.js";

const RECORDS = 5;
const COMMIT_MS = 10;

interface Bench {
  readonly world: SmallWorld;
  readonly pool: CommitPool;
  readonly file: MemoryTdb;
  run(rsn: number, text: string): UpdateOutcome[];
}

function newBench(seed = 1): Bench {
  const world = new SmallWorld(seed);
  const { machine, disk, daemon } = world;
  const programs = new Map([["ctdb-commitd", commitProgram(disk, () => COMMIT_MS)]]);
  const processes = new SimulatedProcessRunner(daemon, machine, programs);
  const pool = new CommitPool(
    { ...daemon.modules, processes },
    { program: "ctdb-commitd", args: [], ownPid: daemon.pid },
  );
  const { timers } = daemon.modules;
  const flags = TdbFlag.DISALLOW_NESTING;
  const file = disk.startProcess(daemon.pid, "ctdbd", timers).open({ path: "/disk/a.tdb.0", flags, hashSize: 101 });
  return {
    world,
    pool,
    file,
    run: (rsn, text) => {
      const outcomes: UpdateOutcome[] = [];
      pool.run({ path: file.path, tdbFlags: file.flags(), records: transaction(rsn, text) }, (one) =>
        outcomes.push(one),
      );
      return outcomes;
    },
  };
}

function transaction(rsn: number, text: string): Buffer {
  const writer = new RecBufferWriter(1);
  for (let i = 0; i < RECORDS; i++) {
    writer.addWithHeader(0, Buffer.from(`record ${i}`), rsn, 0, 0, Buffer.from(`${text} ${i}`));
  }
  return Buffer.from(writer.bytes());
}

/** The rsn that all records have; 0: none is there. */
function contentOf(file: MemoryTdb): number {
  const numbers = new Set<number>();
  for (let i = 0; i < RECORDS; i++) {
    const value = file.fetch(Buffer.from(`record ${i}`));
    numbers.add(value === undefined ? 0 : recordHeaderRsn(value, 0));
  }
  assert.equal(numbers.size, 1, `records of the transactions ${[...numbers].join(", ")} side by side`);
  return [...numbers][0] ?? 0;
}

test("a commit helper stores all records of an update, or none when one of them is stale", async () => {
  const { world, file, run } = newBench();
  const first = run(3, "one");
  await world.pass();
  assert.deepEqual(first, [{ ok: true }]);
  assert.equal(contentOf(file), 3);
  const same = run(3, "one");
  await world.pass();
  assert.deepEqual(same, [{ ok: true }]);
  const stale = run(3, "two");
  await world.pass();
  assert.equal(stale[0]?.ok, false);
  assert.match(JSON.stringify(stale), /StaleUpdateError/);
  assert.equal(contentOf(file), 3);
  assert.equal(file.lockAllNonblock(), true, "no lock is left");
});

test("a commit helper waits for the record that another process holds, and locks the others out meanwhile", async () => {
  const { world, file, run } = newBench();
  const foreign = world.disk.startProcess(1, "smbd", world.daemon.modules.timers).open({
    path: file.path,
    flags: TdbFlag.DISALLOW_NESTING,
  });
  const key = Buffer.from("record 3");
  assert.equal(foreign.chainLockNonblock(key), true);
  const outcomes = run(1, "x");
  await world.pass(5000);
  assert.deepEqual(outcomes, []);
  foreign.chainUnlock(key);
  await world.pass();
  assert.deepEqual(outcomes, [{ ok: true }]);
  assert.equal(contentOf(file), 1);
});

test("a commit helper that is aborted or killed at any moment leaves whole transactions and no lock", async () => {
  const seen = { old: 0, new: 0, ok: 0 };
  for (let afterMs = 0; afterMs < 100; afterMs += 0.7) {
    for (const how of ["abort", "kill"] as const) {
      const { world, pool, file, run } = newBench(1 + afterMs);
      const before = run(1, "before");
      await world.pass(200);
      assert.deepEqual(before, [{ ok: true }]);
      const outcomes: UpdateOutcome[] = [];
      const job = pool.run(
        { path: file.path, tdbFlags: file.flags(), records: transaction(2, "after") },
        (outcome) => void outcomes.push(outcome),
      );
      await world.pass(afterMs);
      if (how === "abort") job.abort();
      else for (const pid of pool.pids) world.machine.processes.get(pid)?.end({ code: null, signal: "SIGKILL" });
      const told = outcomes.length;
      await world.pass(500);
      const content = contentOf(file);
      if (how === "kill") assert.equal(outcomes.length, 1);
      else assert.equal(outcomes.length, told, "nothing is told after an abort");
      if (outcomes[0]?.ok === true) {
        assert.equal(content, 2);
        seen.ok++;
      } else if (content === 1) seen.old++;
      else seen.new++;
      assert.equal(file.lockAllNonblock(), true);
      file.unlockAll();
    }
  }
  assert.ok(seen.old > 0 && seen.new > 0 && seen.ok > 0, JSON.stringify(seen));
});
