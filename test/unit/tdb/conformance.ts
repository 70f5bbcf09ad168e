// What any TdbFile must do, whoever implements it. Each implementation's own test file calls this with its opener.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TdbFlag } from "../../../src/protocol/index.js";
import { TdbAlreadyOpenError, TdbClosedError, TdbError, TdbOpenError } from "../../../src/tdb/errors.js";
import { StoreFlag, type TdbFile, type TdbOpener, type TdbOpenOptions } from "../../../src/tdb/tdb-file.js";
import { describeShared } from "./conformance-shared.js";
import { describeTransactions } from "./conformance-transactions.js";
import type { Peer } from "./peer.js";

const VOLATILE = TdbFlag.CLEAR_IF_FIRST | TdbFlag.NOSYNC | TdbFlag.DISALLOW_NESTING | TdbFlag.INCOMPATIBLE_HASH;
const HASH_SIZE = 101;

const key = (text: string | number): Buffer => Buffer.from(`key-${text}`);
const text = (value: Buffer | undefined): string | undefined => value?.toString("latin1");

export interface ConformanceTarget {
  readonly opener: TdbOpener;
  /** A path that nothing has used yet. */
  newPath(): string;
  /** Files with MUTEX_LOCKING can be opened. */
  readonly hasMutexes: boolean;
  /** Another process that opens an existing file. Rejects with "error ERRNO" when it cannot. */
  openPeer(path: string, flags: number): Promise<Peer>;
  /** Lets time pass until the promise is settled. */
  until<T>(promise: Promise<T>): Promise<T>;
  /** Lets pass so much time that whoever can go on has gone on. */
  pass(): Promise<void>;
}

/** Declares the tests for all kinds of files. */
export function describeTdbFile(name: string, target: ConformanceTarget): void {
  for (const [kind, flags] of [
    ["volatile with fcntl locks", VOLATILE],
    ["volatile with mutexes", VOLATILE | TdbFlag.MUTEX_LOCKING],
    ["persistent", TdbFlag.DISALLOW_NESTING],
  ] as const) {
    if ((flags & TdbFlag.MUTEX_LOCKING) !== 0 && !target.hasMutexes) continue;
    describeKind(`${name}, ${kind}`, target, flags);
    describeTransactions(`${name}, ${kind}`, (use) => withFile(target, { flags }, use));
    describeShared(`${name}, ${kind}, shared by processes`, target, flags, HASH_SIZE);
  }
  describeOpening(name, target);
}

function withFile(target: ConformanceTarget, options: Partial<TdbOpenOptions>, use: (file: TdbFile) => void): void {
  const file = target.opener.open({ path: target.newPath(), flags: VOLATILE, hashSize: HASH_SIZE, ...options });
  try {
    use(file);
    assert.equal(file.check(), true, "the file is consistent at the end");
  } finally {
    file.close();
  }
}

const codeIs =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof TdbError && error.code === code;

function describeKind(name: string, target: ConformanceTarget, flags: number): void {
  const test = (title: string, body: (file: TdbFile) => void): void => {
    it(title, () => withFile(target, { flags }, body));
  };

  describe(name, () => {
    test("says what it was opened with", (file) => {
      assert.equal(file.flags(), flags);
      assert.equal(file.hashSize, HASH_SIZE);
      assert.equal(file.usesMutexes, (flags & TdbFlag.MUTEX_LOCKING) !== 0);
      assert.ok(file.path.endsWith(file.name));
    });

    test("gives back what was stored, of any length", (file) => {
      for (const length of [0, 1, 24, 100, 8191, 8192, 8193, 70_000, 300_000]) {
        const value = Buffer.alloc(length, length % 251);
        file.store(key(length), value);
        assert.deepEqual(file.fetch(key(length)), value);
        assert.equal(file.exists(key(length)), true);
      }
    });

    test("stores a header and data as one value, of any length", (file) => {
      const header = Buffer.from("header of 24 bytes ------".slice(0, 24));
      for (const length of [0, 1, 8167, 8168, 8169, 100_000]) {
        const data = Buffer.alloc(length, 7);
        file.storeWithHeader(key("h"), header, data);
        assert.deepEqual(file.fetch(key("h")), Buffer.concat([header, data]));
      }
    });

    test("stores the very view that a fetch returned", (file) => {
      file.store(key(1), Buffer.from("twenty bytes of data"));
      const view = file.fetch(key(1));
      assert.ok(view !== undefined);
      file.storeWithHeader(key(2), Buffer.from("<"), view.subarray(7));
      file.store(key(1), view.subarray(7));
      assert.equal(text(file.fetch(key(1))), "bytes of data");
      assert.equal(text(file.fetch(key(2))), "<bytes of data");
    });

    test("keeps keys apart that hold any bytes, and an empty key", (file) => {
      const keys = [
        Buffer.from([0]),
        Buffer.from([0, 0]),
        Buffer.from([255, 0, 255]),
        Buffer.alloc(0),
        Buffer.alloc(5000, 1),
      ];
      keys.forEach((one, i) => {
        file.store(one, Buffer.from([i]));
      });
      keys.forEach((one, i) => {
        assert.deepEqual(file.fetch(one), Buffer.from([i]));
      });
    });

    test("says undefined for a missing record, and deletes only once", (file) => {
      assert.equal(file.fetch(key(1)), undefined);
      assert.equal(file.exists(key(1)), false);
      assert.equal(file.delete(key(1)), false);
      file.store(key(1), Buffer.from("x"));
      assert.equal(file.delete(key(1)), true);
      assert.equal(file.delete(key(1)), false);
      assert.equal(file.fetch(key(1)), undefined);
    });

    test("inserts only new records and modifies only old ones", (file) => {
      assert.throws(() => file.store(key(1), Buffer.from("a"), StoreFlag.MODIFY), codeIs("NOEXIST"));
      file.store(key(1), Buffer.from("b"), StoreFlag.INSERT);
      assert.throws(() => file.store(key(1), Buffer.from("c"), StoreFlag.INSERT), codeIs("EXISTS"));
      file.store(key(1), Buffer.from("d"), StoreFlag.MODIFY);
      assert.equal(text(file.fetch(key(1))), "d");
    });

    test("nests chain locks, and marks", (file) => {
      assert.equal(file.chainLockNonblock(key(1)), true);
      assert.equal(file.chainLockNonblock(key(1)), true);
      file.store(key(1), Buffer.from("x"));
      file.chainUnlock(key(1));
      assert.equal(text(file.fetch(key(1))), "x");
      file.chainUnlock(key(1));
      assert.throws(() => file.chainUnlock(key(1)), TdbError);
      file.chainLockMark(key(2));
      assert.equal(file.chainLockNonblock(key(2)), true);
      file.store(key(2), Buffer.from("y"));
      file.chainUnlock(key(2));
      file.chainLockUnmark(key(2));
      assert.throws(() => file.chainLockUnmark(key(2)), TdbError);
    });

    test("locks all records, or marks them as locked", (file) => {
      assert.equal(file.lockAllNonblock(), true);
      file.store(key(1), Buffer.from("x"));
      assert.equal(file.chainLockNonblock(key(1)), true);
      file.chainUnlock(key(1));
      file.unlockAll();
      file.lockAllMark();
      file.store(key(2), Buffer.from("y"));
      file.wipeAll();
      assert.equal(file.exists(key(1)), false);
      file.lockAllUnmark();
      assert.throws(() => file.lockAllUnmark(), TdbError);
      file.lockAll();
      file.unlockAll();
    });

    test("counts how often all records are locked", (file) => {
      assert.equal(file.lockAllNonblock(), true);
      assert.equal(file.lockAllNonblock(), true);
      file.lockAllMark();
      file.lockAllUnmark();
      file.unlockAll();
      file.chainUnlock(key("no chain is counted meanwhile"));
      file.unlockAll();
      assert.throws(() => file.unlockAll(), codeIs("LOCK"));
    });

    test("refuses to lock or mark all records while a chain is locked here", (file) => {
      file.chainLockNonblock(key(1));
      assert.throws(() => file.lockAllNonblock(), codeIs("LOCK"));
      assert.throws(() => file.lockAllMark(), codeIs("LOCK"));
      assert.throws(() => file.lockAll(), codeIs("LOCK"));
      assert.equal(file.check(), false, "nor can the file be checked then");
      file.chainUnlock(key(1));
      file.transactionWriteLockMark();
      assert.throws(() => file.lockAllNonblock(), codeIs("LOCK"));
      file.transactionWriteLockUnmark();
      assert.throws(() => file.transactionWriteLockUnmark(), TdbError);
    });

    test("locks the list of free space by itself", (file) => {
      assert.equal(file.freelistLockNonblock(), true);
      assert.equal(file.freelistLockNonblock(), true);
      file.store(key(1), Buffer.from("x"));
      file.freelistUnlock();
      assert.throws(() => file.lockAllNonblock(), codeIs("LOCK"));
      file.freelistUnlock();
      assert.throws(() => file.freelistUnlock(), TdbError);
    });

    test("stores ranges of one buffer", (file) => {
      const bytes = Buffer.from("..key-1one....key-2");
      file.storeRange(bytes, 2, 5, 7, 3);
      file.storeRange(bytes, 14, 5, 10, 0);
      assert.equal(text(file.fetch(key(1))), "one");
      assert.equal(text(file.fetch(key(2))), "");
      file.storeRange(bytes, 14, 5, 0, 19);
      assert.equal(text(file.fetch(key(2))), bytes.toString());
      assert.throws(() => file.storeRange(bytes, 2, 5, 7, 13), RangeError);
    });

    test("traverses what is in the file by the time the traverse comes there, not what was there when it began", (file) => {
      const cursor = file.openCursor();
      file.store(key(1), Buffer.from("one"));
      const seen: string[] = [];
      assert.equal(
        cursor.slice(1, (found) => void seen.push(String(found))),
        "more",
      );
      file.wipeAll();
      const later = Array.from({ length: 50 }, (_, i) => key(i + 2)).filter(
        (k) => file.chainOf(k) > file.chainOf(key(1)),
      );
      for (const k of later) file.store(k, Buffer.from("new"));
      while (cursor.slice(1000, (found) => void seen.push(String(found))) !== "done");
      assert.deepEqual(seen.sort(), [key(1), ...later].map(String).sort());
    });

    test("traverses the locked file in slices, key and data behind each other", (file) => {
      for (let i = 0; i < 100; i++) file.store(key(i), Buffer.from(`data-${i}`));
      file.delete(key(7));
      file.store(key(8), Buffer.alloc(0));
      assert.equal(file.lockAllNonblock(), true);
      const cursor = file.openLockedCursor();
      assert.ok(cursor !== undefined);
      const seen = new Map<string, string>();
      const chains: number[] = [];
      const visit = (bytes: Buffer, start: number, keyLength: number, dataLength: number): void => {
        const end = start + keyLength;
        seen.set(bytes.toString("latin1", start, end), bytes.toString("latin1", end, end + dataLength));
        chains.push(file.chainOf(bytes.subarray(start, end)));
      };
      while (cursor.slice(13, visit) === "more");
      assert.equal(seen.size, 99);
      assert.equal(cursor.visited, 99);
      assert.equal(seen.get("key-99"), "data-99");
      assert.equal(seen.get("key-8"), "");
      assert.deepEqual(
        chains,
        [...chains].sort((a, b) => a - b),
      );
      assert.equal(
        cursor.slice(1, () => assert.fail("a record after the end")),
        "done",
      );
      cursor.close();
      cursor.close();
      file.unlockAll();
    });

    test("sees each record once that stays, whatever else changes between the slices", (file) => {
      const stays = (i: number): boolean => i % 3 === 0;
      for (let i = 0; i < 300; i++) file.store(key(i), Buffer.from("first"));
      const cursor = file.openCursor();
      const seen = new Map<string, number>();
      const visit = (one: Buffer): void => void seen.set(one.toString(), (seen.get(one.toString()) ?? 0) + 1);
      for (let round = 0; cursor.slice(4, visit) !== "done"; round++) {
        for (let i = round % 7; i < 300; i += 7) {
          if (stays(i)) file.store(key(i), Buffer.alloc((round * 37) % 400, i));
          else if ((i + round) % 2 === 0) file.delete(key(i));
          else file.store(key(i), Buffer.alloc((round * 11) % 200, i));
        }
      }
      for (let i = 0; i < 300; i++) {
        const times = seen.get(`key-${i}`) ?? 0;
        if (stays(i)) assert.equal(times, 1, `key-${i}`);
      }
    });

    test("computes the chain of a key as the file does", (file) => {
      const chains = new Map<number, number>();
      for (let i = 0; i < 500; i++) {
        file.store(key(i), Buffer.from("x"));
        const chain = file.chainOf(key(i));
        assert.ok(chain >= 0 && chain < HASH_SIZE);
        chains.set(chain, (chains.get(chain) ?? 0) + 1);
      }
      // A traverse goes chain by chain.
      const order: number[] = [];
      const cursor = file.openCursor();
      while (cursor.slice(7, (one) => void order.push(file.chainOf(one))) !== "done");
      assert.equal(order.length, 500);
      assert.deepEqual(
        order,
        [...order].sort((a, b) => a - b),
      );
    });

    test("traverses in slices each record once, with its data", (file) => {
      for (let i = 0; i < 1000; i++) file.store(key(i), Buffer.from(`data-${i}`));
      for (let i = 0; i < 1000; i += 10) file.delete(key(i));
      const seen = new Map<string, string>();
      const cursor = file.openCursor();
      let slices = 0;
      for (;;) {
        let inSlice = 0;
        const result = cursor.slice(13, (one, data) => {
          assert.equal(seen.has(one.toString()), false);
          seen.set(one.toString(), data.toString());
          inSlice++;
        });
        slices++;
        assert.ok(inSlice <= 13);
        if (result === "done") break;
      }
      assert.equal(seen.size, 900);
      assert.equal(cursor.visited, 900);
      assert.ok(slices >= 900 / 13);
      assert.equal(seen.get("key-7"), "data-7");
      assert.equal(
        cursor.slice(5, () => assert.fail("a record after the end")),
        "done",
      );
      cursor.close();
    });

    test("ends a slice when the visitor says so, and goes on behind that record", (file) => {
      for (let i = 0; i < 50; i++) file.store(key(i), Buffer.from("x"));
      const cursor = file.openCursor();
      const seen: string[] = [];
      while (
        cursor.slice(1000, (one) => {
          seen.push(one.toString());
          return false;
        }) !== "done"
      );
      assert.equal(seen.length, 50);
      assert.equal(new Set(seen).size, 50);
    });

    test("lets the visitor write, and others between the slices", (file) => {
      for (let i = 0; i < 300; i++) file.store(key(i), Buffer.from("old"));
      const cursor = file.openCursor();
      let kept = 0;
      let round = 0;
      while (
        cursor.slice(10, (one) => {
          if (one.toString().startsWith("key-")) kept++;
          if (kept % 2 === 0) file.delete(one);
          else file.store(one, Buffer.alloc(500, 1));
        }) !== "done"
      ) {
        file.store(Buffer.from(`new-${round++}`), Buffer.from("x"));
      }
      assert.equal(kept, 300);
    });

    test("traverses many records of one chain and large values", (file) => {
      for (let i = 0; i < 20; i++) file.store(key(i), Buffer.alloc(20_000 + i, i));
      let bytes = 0;
      const cursor = file.openCursor();
      const add = (_key: Buffer, data: Buffer): void => {
        bytes += data.length;
      };
      while (cursor.slice(3, add) !== "done");
      assert.equal(bytes, 20 * 20_000 + 190);
    });

    test("keeps a committed transaction, forgets a cancelled one", (file) => {
      file.store(key(1), Buffer.from("before"));
      file.transactionStart();
      assert.equal(file.inTransaction, true);
      file.store(key(1), Buffer.from("inside"));
      file.store(key(2), Buffer.from("inside"));
      assert.equal(text(file.fetch(key(1))), "inside");
      let seen = 0;
      const cursor = file.openCursor();
      while (cursor.slice(10, () => void seen++) !== "done");
      assert.equal(seen, 2);
      file.transactionCancel();
      assert.equal(file.inTransaction, false);
      assert.equal(text(file.fetch(key(1))), "before");
      assert.equal(file.fetch(key(2)), undefined);
      file.transactionStart();
      file.store(key(2), Buffer.from("kept"));
      file.delete(key(1));
      file.transactionPrepareCommit();
      file.transactionCommit();
      assert.equal(text(file.fetch(key(2))), "kept");
      assert.equal(file.fetch(key(1)), undefined);
    });

    test("wipes, repacks and counts its free space", (file) => {
      for (let i = 0; i < 200; i++) file.store(key(i), Buffer.alloc(50));
      for (let i = 0; i < 200; i += 2) file.delete(key(i));
      assert.ok(file.freelistSize() > 1);
      file.repack();
      assert.ok(file.freelistSize() >= 0);
      assert.equal(file.exists(key(1)), true);
      file.wipeAll();
      assert.equal(file.exists(key(1)), false);
      assert.ok(file.mapSize() > 0);
    });

    test("counts changes once sequence numbers are enabled", (file) => {
      assert.equal(file.seqnum(), 0);
      file.store(key(1), Buffer.from("x"));
      assert.equal(file.seqnum(), 0);
      file.enableSeqnum();
      assert.equal(file.flags(), flags | TdbFlag.SEQNUM);
      file.store(key(1), Buffer.from("y"));
      file.delete(key(1));
      assert.equal(file.seqnum(), 2);
      file.incrementSeqnum();
      assert.equal(file.seqnum(), 3);
      assert.equal(file.delete(key("not there")), false);
      assert.equal(file.exists(key(1)), false);
      assert.equal(file.seqnum(), 3);
      file.wipeAll();
      assert.equal(file.seqnum(), 4);
      file.removeFlags(TdbFlag.SEQNUM);
      file.store(key(1), Buffer.from("z"));
      file.wipeAll();
      assert.equal(file.seqnum(), 4);
    });

    test("works without locks while NOLOCK is set", (file) => {
      file.addFlags(TdbFlag.NOLOCK);
      file.store(key(1), Buffer.from("x"));
      file.transactionStart();
      file.store(key(1), Buffer.from("y"));
      file.transactionCommit();
      file.removeFlags(TdbFlag.NOLOCK);
      assert.equal(text(file.fetch(key(1))), "y");
      assert.equal(file.flags() & TdbFlag.NOLOCK, 0);
    });

    test("counts what is done with it", (file) => {
      file.chainLockNonblock(key(1));
      file.store(key(1), Buffer.from("x"));
      file.fetch(key(1));
      file.delete(key(1));
      file.chainUnlock(key(1));
      const { chainLocks, fetches, stores, deletes } = file.counters;
      assert.deepEqual({ chainLocks, fetches, stores, deletes }, { chainLocks: 1, fetches: 1, stores: 1, deletes: 1 });
    });
  });
}

function describeOpening(name: string, target: ConformanceTarget): void {
  describe(`${name}, opening`, () => {
    it("keeps a persistent file, clears a volatile one at its first open", () => {
      for (const [flags, expected] of [
        [VOLATILE, undefined],
        [TdbFlag.DISALLOW_NESTING, "x"],
      ] as const) {
        const path = target.newPath();
        const first = target.opener.open({ path, flags, hashSize: HASH_SIZE });
        first.store(key(1), Buffer.from("x"));
        first.close();
        const second = target.opener.open({ path, flags, hashSize: 7 });
        assert.equal(text(second.fetch(key(1))), expected);
        second.close();
      }
    });

    it("refuses a second open of the same file, also by another name, and harms nothing", () => {
      const path = target.newPath();
      const file = target.opener.open({ path, flags: VOLATILE, hashSize: HASH_SIZE });
      file.store(key(1), Buffer.from("x"));
      assert.throws(() => target.opener.open({ path, flags: VOLATILE }), TdbAlreadyOpenError);
      assert.throws(
        () => target.opener.open({ path: path.replace(/\/([^/]*)$/, "/./$1"), flags: VOLATILE }),
        TdbAlreadyOpenError,
      );
      assert.equal(text(file.fetch(key(1))), "x");
      file.close();
      target.opener.open({ path, flags: VOLATILE }).close();
    });

    it("opens a file for reading only, without locks", () => {
      for (const flags of [VOLATILE, ...(target.hasMutexes ? [VOLATILE | TdbFlag.MUTEX_LOCKING] : [])]) {
        const path = target.newPath();
        const file = target.opener.open({ path, flags, hashSize: HASH_SIZE });
        file.store(key(1), Buffer.from("x"));
        file.close();
        const reader = target.opener.open({ path, flags, readOnly: true });
        assert.equal(reader.hashSize, HASH_SIZE);
        assert.equal(reader.usesMutexes, false);
        assert.equal(reader.flags(), (VOLATILE & ~TdbFlag.CLEAR_IF_FIRST) | TdbFlag.NOLOCK);
        assert.equal(text(reader.fetch(key(1))), "x");
        assert.throws(() => reader.store(key(1), Buffer.from("y")), codeIs("RDONLY"));
        assert.throws(() => reader.delete(key(1)), codeIs("RDONLY"));
        assert.throws(() => reader.lockAllNonblock(), codeIs("LOCK"));
        assert.throws(() => reader.lockAllMark(), codeIs("LOCK"));
        assert.throws(() => reader.transactionStart(), codeIs("EINVAL"));
        assert.throws(() => reader.wipeAll(), codeIs("LOCK"));
        assert.equal(reader.chainLockNonblock(key(1)), true);
        reader.chainUnlock(key(1));
        reader.close();
      }
    });

    it("finds hash function and size in the file, whatever it is opened with", () => {
      const path = target.newPath();
      const file = target.opener.open({ path, flags: VOLATILE, hashSize: HASH_SIZE });
      file.store(key(1), Buffer.from("x"));
      const chain = file.chainOf(key(1));
      file.close();
      const again = target.opener.open({ path, flags: TdbFlag.DISALLOW_NESTING, hashSize: 7 });
      assert.equal(again.hashSize, HASH_SIZE);
      assert.equal(again.chainOf(key(1)), chain);
      assert.equal(text(again.fetch(key(1))), "x");
      again.close();
    });

    if (target.hasMutexes) {
      it("takes mutexes only where the file has them, and must where it has", () => {
        const path = target.newPath();
        target.opener.open({ path, flags: TdbFlag.DISALLOW_NESTING, hashSize: 7 }).close();
        const plain = target.opener.open({ path, flags: TdbFlag.DISALLOW_NESTING | TdbFlag.MUTEX_LOCKING });
        assert.equal(plain.usesMutexes, false);
        plain.close();
        const mutexPath = target.newPath();
        const file = target.opener.open({
          path: mutexPath,
          flags: TdbFlag.DISALLOW_NESTING | TdbFlag.MUTEX_LOCKING,
          hashSize: 7,
        });
        assert.equal(file.usesMutexes, true);
        file.close();
        assert.throws(() => target.opener.open({ path: mutexPath, flags: TdbFlag.DISALLOW_NESTING }), TdbOpenError);
        assert.throws(
          () => target.opener.open({ path: "in memory", flags: TdbFlag.INTERNAL | TdbFlag.MUTEX_LOCKING }),
          TdbOpenError,
        );
      });
    }

    it("says why a file cannot be opened", () => {
      assert.throws(
        () => target.opener.open({ path: target.newPath(), flags: VOLATILE, create: false }),
        (error) => error instanceof TdbOpenError && error.errno === "ENOENT",
      );
    });

    it("refuses everything after close, which may be called twice", () => {
      const file = target.opener.open({ path: target.newPath(), flags: VOLATILE, hashSize: HASH_SIZE });
      const cursor = file.openCursor();
      file.store(key(1), Buffer.from("x"));
      file.close();
      file.close();
      assert.throws(() => file.fetch(key(1)), TdbClosedError);
      assert.throws(() => file.chainLockNonblock(key(1)), TdbClosedError);
      assert.throws(() => file.seqnum(), TdbClosedError);
      assert.throws(() => cursor.slice(1, () => {}), TdbClosedError);
    });

    it("keeps a database in memory with INTERNAL", () => {
      const file = target.opener.open({ path: "in memory", flags: TdbFlag.INTERNAL, hashSize: HASH_SIZE });
      file.store(key(1), Buffer.from("x"));
      assert.equal(text(file.fetch(key(1))), "x");
      let seen = 0;
      const cursor = file.openCursor();
      while (cursor.slice(1, () => void seen++) !== "done");
      assert.equal(seen, 1);
      assert.equal(file.openLockedCursor(), undefined);
      assert.throws(() => file.transactionStart(), codeIs("EINVAL"));
      file.wipeAll();
      assert.equal(file.exists(key(1)), false);
      file.close();
    });
  });
}
