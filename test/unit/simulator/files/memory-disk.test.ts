// What only simulated files do: they show misuse that would pass on a real node, and answer to faults of the world.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TdbFlag } from "../../../../src/protocol/index.js";
import { MisusedFileError, UnlockedMarkError, WouldBlockError } from "../../../../src/simulator/files/errors.js";
import { POISON } from "../../../../src/simulator/files/fetched-view.js";
import { MemoryDisk } from "../../../../src/simulator/files/memory-disk.js";
import type { MemoryTdb } from "../../../../src/simulator/files/memory-tdb.js";
import { SeededRandom } from "../../../../src/simulator/seeded-random.js";
import { TdbClosedError } from "../../../../src/tdb/errors.js";
import { FakeTime } from "../../fake-time.js";

const FLAGS = TdbFlag.DISALLOW_NESTING;
const VOLATILE = TdbFlag.CLEAR_IF_FIRST | TdbFlag.NOSYNC | TdbFlag.INCOMPATIBLE_HASH;
const KEY = Buffer.from("record");
const OTHER = Buffer.from("another");

class Bench {
  readonly time = new FakeTime();
  readonly disk: MemoryDisk;
  private lastPid = 0;

  constructor(seed = 1) {
    this.disk = new MemoryDisk({ timers: this.time, random: new SeededRandom(seed, "disk") });
  }

  process(name = "ctdbd") {
    return this.disk.startProcess(++this.lastPid, name, this.time);
  }

  /** The same file, in a process of its own. */
  file(flags: number = FLAGS): MemoryTdb {
    return this.process().open({ path: "/disk/a.tdb", flags, hashSize: 101 });
  }
}

test("a view that is used after the next fetch, of whatever file, shows a pattern", () => {
  const bench = new Bench();
  const file = bench.file();
  const other = bench.process().open({ path: "/disk/b.tdb", flags: FLAGS });
  file.store(KEY, Buffer.from("value"));
  other.store(KEY, Buffer.from("value"));
  for (const next of [() => other.fetch(KEY), () => other.fetch(OTHER), () => file.fetch(KEY)]) {
    const view = file.fetch(KEY);
    assert.equal(view?.toString(), "value");
    next();
    assert.deepEqual(view, Buffer.alloc(5, POISON));
  }
});

test("views of a traverse that are kept show a pattern", () => {
  const file = new Bench().file();
  file.store(KEY, Buffer.from("value"));
  const kept: Buffer[] = [];
  file.openCursor().slice(10, (key, data) => void kept.push(key, data));
  assert.deepEqual(kept, [Buffer.alloc(6, POISON), Buffer.alloc(5, POISON)]);
  assert.equal(file.fetch(KEY)?.toString(), "value", "what is stored is not touched");
  file.lockAll();
  let bytes: Buffer | undefined;
  file.openLockedCursor()?.slice(10, (all) => {
    bytes = all.subarray(0, 11);
  });
  assert.deepEqual(bytes, Buffer.alloc(11, POISON));
  assert.equal(file.fetch(KEY)?.toString(), "value");
});

test("a process that would block says so, and who holds the lock", () => {
  const bench = new Bench();
  const file = bench.file();
  const other = bench.file();
  assert.equal(other.chainLockNonblock(KEY), true);
  for (const use of [
    () => file.fetch(KEY),
    () => file.exists(KEY),
    () => file.store(KEY, OTHER),
    () => file.delete(KEY),
    () => file.chainLock(KEY),
    () => file.lockAll(),
    () => file.transactionStart(),
    () => file.wipeAll(),
    () => file.check(),
  ]) {
    assert.throws(use, (error) => error instanceof WouldBlockError && /pid 2 holds the WRITE lock/.test(error.message));
  }
  file.store(OTHER, Buffer.from("another chain is free"));
  other.chainUnlock(KEY);
  assert.equal(other.freelistLockNonblock(), true);
  file.store(OTHER, Buffer.from("no room is needed"));
  assert.throws(() => file.store(KEY, Buffer.from("x")), WouldBlockError);
  assert.throws(() => file.delete(OTHER), WouldBlockError);
  assert.equal(file.inTransaction, false);
});

test("a file cannot be opened while another process commits", () => {
  const bench = new Bench();
  const file = bench.file();
  file.transactionStart();
  file.store(KEY, Buffer.from("x"));
  bench.file().close();
  file.transactionPrepareCommit();
  assert.throws(() => bench.file(), WouldBlockError);
  file.transactionCommit();
  bench.file().close();
});

test("a mark of a lock that nobody holds is refused", () => {
  const bench = new Bench();
  const file = bench.file();
  const helper = bench.file();
  assert.throws(() => file.chainLockMark(KEY), UnlockedMarkError);
  assert.throws(() => file.lockAllMark(), UnlockedMarkError);
  helper.chainLock(KEY);
  file.chainLockMark(KEY);
  file.chainLockUnmark(KEY);
  helper.chainUnlock(KEY);
  helper.lockAll();
  file.lockAllMark();
  file.lockAllUnmark();
  helper.unlockAll();
  assert.throws(() => file.lockAllMark(), UnlockedMarkError);
});

test("a mark of all records is not refused where the holder died and nobody has been told", () => {
  const bench = new Bench();
  const file = bench.file();
  const helper = bench.process("ctdb-lockd hold");
  helper.open({ path: "/disk/a.tdb", flags: FLAGS }).lockAll();
  helper.exit();
  file.lockAllMark();
  file.lockAllUnmark();
  const next = bench.file();
  next.lockAll();
  next.unlockAll();
  assert.throws(() => file.lockAllMark(), UnlockedMarkError);
});

test("a traverse of the locked file is refused once the lock is given up, or a transaction has changed it", () => {
  const file = new Bench().file();
  file.store(KEY, Buffer.from("x"));
  file.lockAll();
  const cursor = file.openLockedCursor();
  file.unlockAll();
  assert.throws(() => cursor?.slice(1, () => {}), /given up/);
  file.lockAll();
  const second = file.openLockedCursor();
  file.lockAllUnmark();
  file.addFlags(TdbFlag.NOLOCK);
  file.transactionStart();
  file.wipeAll();
  assert.throws(() => second?.slice(1, () => {}), /changed/);
});

test("a process that has ended has no files any more", () => {
  const bench = new Bench();
  const process = bench.process();
  const file = process.open({ path: "/disk/a.tdb", flags: FLAGS });
  let told = 0;
  file.whenChainLocked(KEY, () => told++);
  process.exit();
  process.exit();
  bench.time.advance(1000);
  assert.equal(told, 0);
  assert.throws(() => file.fetch(KEY), TdbClosedError);
  assert.throws(() => process.open({ path: "/disk/a.tdb", flags: FLAGS }), MisusedFileError);
  assert.equal(bench.file().chainLockNonblock(KEY), true);
});

/** In which order four processes get a chain that they wait for, where each gives it up at once. */
function orderOfGrants(seed: number): string {
  const bench = new Bench(seed);
  const holder = bench.file(VOLATILE);
  holder.chainLock(KEY);
  let order = "";
  for (const name of ["a", "b", "c", "d"]) {
    const file = bench.file(VOLATILE);
    file.whenChainLocked(KEY, () => {
      assert.equal(holder.chainLockNonblock(KEY), false);
      order += name;
      file.chainUnlock(KEY);
    });
  }
  holder.chainUnlock(KEY);
  bench.time.advance(1000);
  return order;
}

test("who waits for a chain gets it in an order that only the seed decides", () => {
  const orders = new Set<string>();
  for (let seed = 1; seed <= 50; seed++) {
    const order = orderOfGrants(seed);
    assert.equal([...order].sort().join(""), "abcd");
    assert.equal(orderOfGrants(seed), order);
    orders.add(order);
  }
  assert.ok(orders.size > 3, [...orders].join(" "));
});

test("one who does not wait may be faster than those who do", () => {
  const bench = new Bench();
  const holder = bench.file();
  const waiting = bench.file();
  holder.chainLock(KEY);
  let told = 0;
  waiting.whenChainLocked(KEY, () => told++);
  holder.chainUnlock(KEY);
  assert.equal(holder.chainLockNonblock(KEY), true);
  bench.time.advance(1000);
  assert.equal(told, 0);
  holder.chainUnlock(KEY);
  bench.time.advance(1000);
  assert.equal(told, 1);
});

test("a wait can be cancelled before its grant and before it is told, and leaves no lock", () => {
  const bench = new Bench();
  const holder = bench.file();
  const loop = new FakeTime();
  const file = bench.disk.startProcess(99, "smbd", loop).open({ path: "/disk/a.tdb", flags: FLAGS });
  for (const { begin, giveUp } of [
    { begin: (done: () => void) => file.whenChainLocked(KEY, done), giveUp: () => file.chainUnlock(KEY) },
    { begin: (done: () => void) => file.whenAllLocked(done), giveUp: () => file.unlockAll() },
    { begin: (done: () => void) => file.whenTransactionStarted(done), giveUp: () => file.transactionCancel() },
  ]) {
    for (const turnsBefore of [0, 1]) {
      for (const grantFirst of [false, true]) {
        holder.chainLock(KEY);
        let told = 0;
        const pending = begin(() => told++);
        // A transaction gets its locks one after the other, each in a turn of its process.
        for (let i = 0; i < turnsBefore; i++) loop.turn();
        if (!grantFirst) pending.cancel();
        holder.chainUnlock(KEY);
        bench.time.advance(100);
        if (grantFirst) pending.cancel();
        loop.turn();
        assert.equal(told, 0);
        pending.cancel();
        assert.equal(holder.lockAllNonblock(), true);
        holder.unlockAll();
        holder.transactionStart();
        holder.transactionCancel();
      }
    }
    let told = 0;
    const pending = begin(() => told++);
    loop.turn();
    loop.turn();
    assert.equal(told, 1);
    pending.cancel();
    assert.equal(holder.chainLockNonblock(KEY), false, "what was told is not taken back");
    giveUp();
  }
});

test("a disk lists, removes, damages and wipes files; who has one open keeps it", () => {
  const bench = new Bench();
  const { disk } = bench;
  const process = bench.process();
  const file = process.open({ path: "/disk/a.tdb", flags: FLAGS });
  file.store(KEY, Buffer.from("x"));
  process.open({ path: "/disk/sub/b.tdb", flags: FLAGS });
  process.open({ path: "/other/c.tdb", flags: FLAGS });
  assert.deepEqual(disk.list("/disk"), ["a.tdb"]);
  assert.deepEqual(disk.list("/disk/sub/"), ["b.tdb"]);
  disk.damage("/disk/a.tdb");
  assert.equal(file.check(), false);
  assert.equal(disk.remove("/disk/a.tdb"), true);
  assert.equal(disk.remove("/disk/a.tdb"), false);
  assert.equal(file.fetch(KEY)?.toString(), "x");
  const anew = process.open({ path: "/disk/a.tdb", flags: FLAGS });
  assert.equal(anew.check(), true);
  assert.equal(anew.exists(KEY), false);
  disk.wipe("/disk/");
  assert.deepEqual(disk.list("/disk"), []);
  assert.deepEqual(disk.list("/other"), ["c.tdb"]);
});
