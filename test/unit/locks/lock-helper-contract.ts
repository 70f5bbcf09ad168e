// What the lock scheduler expects of a LockHelperPort, whoever implements it: ctdb-lockd, or its twin in the simulator. Each
// implementation's own test file calls this.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LockHelperPort, LockHolder } from "../../../src/locks/lock-helper-port.js";
import { TdbFlag } from "../../../src/protocol/index.js";
import type { TdbFile } from "../../../src/tdb/tdb-file.js";
import type { Peer } from "../tdb/peer.js";

const VOLATILE = TdbFlag.CLEAR_IF_FIRST | TdbFlag.NOSYNC | TdbFlag.DISALLOW_NESTING | TdbFlag.INCOMPATIBLE_HASH;
const KEY = Buffer.from("record");
const OTHER = Buffer.from("another record");
/** Generous: processes are started meanwhile. */
const TEST_MS = 60_000;
/** The caller's number of the database. */
const DB = 7;

/** A daemon with its helper, and one file that is open in it. */
export interface LockHelperTarget {
  readonly helper: LockHelperPort;
  readonly file: TdbFile;
  openPeer(): Promise<Peer & { readonly pid: number }>;
  /** SIGKILL for the process that waits for chains. */
  killWaiting(): void;
  /** SIGKILL for those that hold databases, or wait for them. */
  killHolding(): void;
  /** Lets a little time pass. */
  pass(): Promise<void>;
  until<T>(promise: Promise<T>): Promise<T>;
  end(): Promise<void>;
}

class Events {
  readonly granted: number[] = [];
  readonly owners = new Map<number, number>();
  readonly failed: number[] = [];
  deaths = 0;
}

export function describeLockHelper(name: string, start: (flags: number) => Promise<LockHelperTarget>): void {
  for (const [mode, flags] of [
    ["fcntl locks", VOLATILE],
    ["mutexes", VOLATILE | TdbFlag.MUTEX_LOCKING],
  ] as const) {
    describe(`${name}, ${mode}`, () => {
      const test = (title: string, body: (target: LockHelperTarget, events: Events) => Promise<void>): void => {
        it(title, { timeout: TEST_MS }, async () => {
          const target = await start(flags);
          const events = new Events();
          target.helper.start({
            granted: (id, owner) => {
              events.granted.push(id);
              events.owners.set(id, owner);
            },
            failed: (id) => void events.failed.push(id),
            died: () => events.deaths++,
          });
          open(target);
          try {
            await body(target, events);
          } finally {
            await target.end();
          }
        });
      };
      declareChainTests(test);
      declareDatabaseTests(test);
    });
  }
}

type Declare = (title: string, body: (target: LockHelperTarget, events: Events) => Promise<void>) => void;

function open({ helper, file }: LockHelperTarget): void {
  helper.openDatabase(DB, file.path, file.hashSize, file.usesMutexes);
}

/** The test's own limit ends it when the condition never holds. */
async function until(target: LockHelperTarget, condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await target.pass();
}

/** Until a lock could be had, which is given back at once. */
async function untilFree(target: LockHelperTarget, key = KEY): Promise<void> {
  await until(target, () => target.file.chainLockNonblock(key));
  target.file.chainUnlock(key);
}

function declareChainTests(test: Declare): void {
  test("grants a free chain, holds it until its release, and lets the daemon see that", async (target, events) => {
    const { helper, file } = target;
    helper.wait(1, DB, file.chainOf(KEY));
    await until(target, () => events.granted.includes(1));
    assert.equal(file.isChainHeldByHelper(KEY, events.owners.get(1) ?? -1), true);
    assert.equal(file.isChainHeldByHelper(OTHER, events.owners.get(1) ?? -1), false);
    assert.equal(file.chainLockNonblock(KEY), false);
    file.chainLockMark(KEY);
    file.store(KEY, Buffer.from("marked"));
    file.chainLockUnmark(KEY);
    assert.equal(file.chainLockNonblock(KEY), false);
    helper.release(1);
    await untilFree(target);
    assert.equal(file.isChainHeldByHelper(KEY, events.owners.get(1) ?? -1), false);
    assert.deepEqual(events.granted, [1]);
  });

  test("grants a chain when another process gives it up, and only then", async (target, events) => {
    const { helper, file } = target;
    const peer = await target.openPeer();
    assert.equal(await peer.ask("chainLockNonblock", "record"), "true");
    helper.wait(1, DB, file.chainOf(KEY));
    helper.wait(2, DB, file.chainOf(OTHER));
    await until(target, () => events.granted.includes(2));
    assert.deepEqual(events.granted, [2]);
    await peer.ask("chainUnlock", "record");
    await until(target, () => events.granted.includes(1));
    assert.equal(await peer.ask("chainLockNonblock", "record"), "false");
    helper.release(1);
    helper.release(2);
    await untilFree(target);
  });

  test("gives back what it gets for a wait that was released before", async (target, events) => {
    const { helper, file } = target;
    const peer = await target.openPeer();
    assert.equal(await peer.ask("chainLockNonblock", "record"), "true");
    helper.wait(1, DB, file.chainOf(KEY));
    helper.wait(2, DB, file.chainOf(OTHER));
    await until(target, () => events.granted.includes(2));
    helper.release(1);
    helper.release(2);
    await untilFree(target, OTHER);
    await peer.ask("chainUnlock", "record");
    // The helper gets the lock by then.
    await target.pass();
    await untilFree(target);
    helper.wait(3, DB, file.chainOf(KEY));
    await until(target, () => events.granted.includes(3));
    assert.deepEqual(events.granted, [2, 3]);
    helper.release(3);
    await untilFree(target);
  });

  test("lets a new wait take the place of a released one", async (target, events) => {
    const { helper, file } = target;
    const peer = await target.openPeer();
    assert.equal(await peer.ask("chainLockNonblock", "record"), "true");
    helper.wait(1, DB, file.chainOf(KEY));
    helper.release(1);
    helper.wait(2, DB, file.chainOf(KEY));
    helper.release(2);
    helper.wait(3, DB, file.chainOf(KEY));
    helper.wait(4, DB, file.chainOf(OTHER));
    await until(target, () => events.granted.includes(4));
    await peer.ask("chainUnlock", "record");
    await until(target, () => events.granted.includes(3));
    assert.deepEqual(events.granted, [4, 3]);
    helper.release(3);
    await untilFree(target);
  });

  test("fails a wait for a database that it does not know, and a second one for the same chain", async (target, events) => {
    const { helper, file } = target;
    helper.wait(1, DB + 1, 0);
    await until(target, () => events.failed.includes(1));
    helper.wait(2, DB, file.chainOf(KEY));
    helper.wait(3, DB, file.chainOf(KEY));
    await until(target, () => events.failed.includes(3));
    await until(target, () => events.granted.includes(2));
    helper.openDatabase(DB + 1, `${file.path}.missing`, 7, false);
    helper.wait(4, DB + 1, 0);
    await until(target, () => events.failed.includes(4));
    assert.deepEqual([events.granted, events.failed], [[2], [1, 3, 4]]);
  });

  test("gives everything back of a database that is closed", async (target, events) => {
    const { helper, file } = target;
    helper.wait(1, DB, file.chainOf(KEY));
    await until(target, () => events.granted.includes(1));
    helper.closeDatabase(DB);
    await untilFree(target);
    helper.wait(2, DB, file.chainOf(KEY));
    await until(target, () => events.failed.includes(2));
  });

  test("gets the chain of a process that is killed, and of one that had locked all records", async (target, events) => {
    const { helper, file } = target;
    for (const [i, lock] of (["chainLockNonblock", "lockAllNonblock"] as const).entries()) {
      const peer = await target.openPeer();
      assert.equal(await peer.ask(lock, "record"), "true");
      helper.wait(10 + i, DB, file.chainOf(KEY));
      await target.pass();
      assert.equal(events.granted.includes(10 + i), false);
      await peer.kill();
      await until(target, () => events.granted.includes(10 + i));
      helper.release(10 + i);
      await untilFree(target);
    }
  });

  test("is missed with all its locks when it is killed, and comes again", async (target, events) => {
    const { helper, file } = target;
    const peer = await target.openPeer();
    assert.equal(await peer.ask("chainLockNonblock", "record"), "true");
    helper.wait(1, DB, file.chainOf(OTHER));
    helper.wait(2, DB, file.chainOf(KEY));
    await until(target, () => events.granted.includes(1));
    target.killWaiting();
    await until(target, () => events.deaths > 0);
    await untilFree(target, OTHER);
    assert.equal(file.isChainHeldByHelper(OTHER, events.owners.get(1) ?? -1), false);
    open(target);
    helper.wait(3, DB, file.chainOf(KEY));
    await peer.ask("chainUnlock", "record");
    await until(target, () => events.granted.includes(3));
    assert.deepEqual([events.granted, events.deaths], [[1, 3], 1]);
    helper.release(3);
    await untilFree(target);
  });

  test("names who holds a chain, or all records", async (target) => {
    const { helper, file } = target;
    const find = (chain?: number, db = DB): Promise<readonly LockHolder[]> =>
      target.until(new Promise((resolve) => helper.findHolders(db, chain, resolve)));
    file.store(KEY, Buffer.from("x"));
    assert.deepEqual(await find(file.chainOf(KEY)), []);
    const peer = await target.openPeer();
    await peer.ask("chainLockNonblock", "record");
    for (const chain of [file.chainOf(KEY), undefined]) {
      const [holder, ...more] = await find(chain);
      assert.deepEqual(more, []);
      assert.equal(holder?.pid, peer.pid);
      assert.equal(holder.chain, file.chainOf(KEY));
      assert.match(
        holder.lock,
        new RegExp(`${file.usesMutexes ? "mutex" : "WRITE lock"} of chain ${file.chainOf(KEY)}$`),
      );
      assert.deepEqual(holder.keys, [KEY.toString("hex")]);
      assert.match(holder.commandLine, /peer/);
    }
    assert.deepEqual(await find(file.chainOf(OTHER)), []);
    await peer.ask("chainUnlock", "record");
    await peer.ask("lockAllNonblock");
    const holders = await find(file.chainOf(OTHER));
    assert.ok(holders.length > 0 && holders.every((one) => one.pid === peer.pid && one.chain === undefined));
    assert.match(
      holders[0]?.lock ?? "",
      file.usesMutexes ? /^mutex of all records$/ : /^WRITE lock of bytes 168\.\.EOF$/,
    );
    assert.deepEqual(await find(undefined, DB + 1), []);
  });
}

function declareDatabaseTests(test: Declare): void {
  const hold = ({ helper, file }: LockHelperTarget, path = file.path) => {
    const told: string[] = [];
    const held = helper.holdDatabase(path, file.flags(), {
      onHeld: () => told.push("held"),
      onFailed: () => told.push("failed"),
      onLost: () => told.push("lost"),
    });
    return { told, held };
  };

  test("holds a database until its release, and again", async (target) => {
    const { file } = target;
    for (let round = 0; round < 3; round++) {
      const { told, held } = hold(target);
      await until(target, () => told.length > 0);
      assert.equal(file.chainLockNonblock(KEY), false);
      assert.equal(file.lockAllNonblock(), false);
      file.lockAllMark();
      file.store(KEY, Buffer.from(`round ${round}`));
      file.lockAllUnmark();
      held.release();
      held.release();
      await untilFree(target);
      assert.deepEqual(told, ["held"]);
    }
  });

  test("waits for a database until all who hold a record have given it up", async (target) => {
    const peer = await target.openPeer();
    await peer.ask("chainLockNonblock", "record");
    const { told, held } = hold(target);
    await target.pass();
    await target.pass();
    assert.deepEqual(told, []);
    await peer.ask("chainUnlock", "record");
    await until(target, () => told.length > 0);
    assert.deepEqual(told, ["held"]);
    held.release();
    await untilFree(target);
  });

  test("ends the wait for a database without a word, and keeps no lock", async (target) => {
    const peer = await target.openPeer();
    await peer.ask("chainLockNonblock", "record");
    const { told, held } = hold(target);
    const below = target.file.chainOf(KEY) === 0 ? 1 : 0;
    let other = "";
    for (let i = 0; other === ""; i++) if (target.file.chainOf(Buffer.from(`k${i}`)) === below) other = `k${i}`;
    await target.pass();
    held.release();
    await untilFree(target, Buffer.from(other));
    await peer.ask("chainUnlock", "record");
    await untilFree(target);
    // A process that ends gives its locks back one after the other.
    await until(target, async () => (await peer.ask("lockAllNonblock")) === "true");
    assert.deepEqual(told, []);
  });

  test("holds two databases in two processes, and fails for a file that is not there", async (target) => {
    const { told, held } = hold(target, `${target.file.path}.missing`);
    const second = hold(target);
    await until(target, () => told.length > 0 && second.told.length > 0);
    assert.deepEqual([told, second.told], [["failed"], ["held"]]);
    held.release();
    second.held.release();
    await untilFree(target);
  });

  test("says that a database is lost when its holder is killed", async (target) => {
    const { told, held } = hold(target);
    await until(target, () => told.length > 0);
    target.killHolding();
    await untilFree(target);
    await until(target, () => told.length > 1);
    assert.deepEqual(told, ["held", "lost"]);
    held.release();
  });

  test("waits on in a new process when one is killed that has not got the database yet", async (target) => {
    const peer = await target.openPeer();
    await peer.ask("chainLockNonblock", "record");
    const { told, held } = hold(target);
    await target.pass();
    target.killHolding();
    await peer.ask("chainUnlock", "record");
    await until(target, () => told.length > 0);
    assert.deepEqual(told, ["held"]);
    assert.equal(target.file.chainLockNonblock(KEY), false);
    held.release();
    await untilFree(target);
  });
}
