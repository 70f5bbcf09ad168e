// What holds between two processes that have a TDB file open: conflicts of locks, waits, transactions, deaths. Part of the
// conformance suite.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TdbFlag } from "../../../src/protocol/index.js";
import type { TdbFile } from "../../../src/tdb/tdb-file.js";
import type { ConformanceTarget } from "./conformance.js";
import type { Peer } from "./peer.js";

const KEY = Buffer.from("record");
/** Generous: processes are started meanwhile. */
const TEST_MS = 60_000;

export function describeShared(name: string, target: ConformanceTarget, flags: number, hashSize: number): void {
  const mutexes = (flags & TdbFlag.MUTEX_LOCKING) !== 0;

  /** A fresh file that is open here and in as many other processes as `body` takes. */
  const test = (title: string, body: (file: TdbFile, peer: Peer, second: Peer) => Promise<void>): void => {
    it(title, { timeout: TEST_MS }, async () => {
      const file = target.opener.open({ path: target.newPath(), flags, hashSize });
      const peers: Peer[] = [];
      try {
        for (let i = 1; i < body.length; i++) peers.push(await target.openPeer(file.path, flags));
        const [peer, second = peer] = peers;
        assert.ok(peer !== undefined && second !== undefined);
        await body(file, peer, second);
      } finally {
        for (const peer of peers) await peer.kill();
      }
      assert.equal(file.check(), true, "the file is consistent at the end");
      file.close();
    });
  };

  /** A key of the chain. */
  const keyIn = (file: TdbFile, chain: number): string => {
    for (let i = 0; ; i++) if (file.chainOf(Buffer.from(`k${i}`)) === chain) return `k${i}`;
  };
  /** Until another process has locked the chain. */
  const untilBusy = async (file: TdbFile, peer: Peer, chain: number): Promise<void> => {
    const key = keyIn(file, chain);
    while ((await peer.ask("chainLockNonblock", key)) === "true") {
      await peer.ask("chainUnlock", key);
      await target.pass();
    }
  };
  const lockChain = (file: TdbFile, chain: number): boolean => file.chainLockNonblock(Buffer.from(keyIn(file, chain)));
  const unlockChain = (file: TdbFile, chain: number): void => file.chainUnlock(Buffer.from(keyIn(file, chain)));
  const content = (file: TdbFile): string | undefined => file.fetch(KEY)?.toString("latin1");

  describe(name, () => {
    test("a chain is locked by one of them, until the last of its nested locks is given up", async (file, peer) => {
      assert.equal(file.chainLockNonblock(KEY), true);
      assert.equal(file.chainLockNonblock(KEY), true);
      assert.equal(await peer.ask("chainLockNonblock", "record"), "false");
      assert.equal(await peer.ask("lockAllNonblock"), "false");
      assert.equal(await peer.ask("chainLockNonblock", keyIn(file, (file.chainOf(KEY) + 1) % hashSize)), "true");
      file.chainUnlock(KEY);
      assert.equal(await peer.ask("chainLockNonblock", "record"), "false");
      file.chainUnlock(KEY);
      assert.equal(await peer.ask("chainLockNonblock", "record"), "true");
      assert.equal(file.chainLockNonblock(KEY), false);
      assert.deepEqual([file.counters.chainLocks, file.counters.chainLocksBusy], [3, 1]);
      assert.equal(file.lockAllNonblock(), false);
      assert.equal(file.isChainHeldByHelper(KEY, 0), false, "a process is no lock helper");
    });

    test("all records are locked by one of them, the list of free space apart from them", async (file, peer) => {
      assert.equal(file.lockAllNonblock(), true);
      assert.equal(await peer.ask("chainLockNonblock", "record"), "false");
      assert.equal(await peer.ask("lockAllNonblock"), "false");
      assert.equal(await peer.ask("freelistLockNonblock"), "true");
      file.unlockAll();
      assert.equal(file.freelistLockNonblock(), false);
      assert.equal(await peer.ask("freelistUnlock"), "undefined");
      assert.equal(file.freelistLockNonblock(), true);
      assert.equal(await peer.ask("freelistLockNonblock"), "false");
      file.freelistUnlock();
      assert.equal(await peer.ask("lockAllNonblock"), "true");
      assert.equal(file.chainLockNonblock(KEY), false);
      assert.equal(file.lockAllNonblock(), false);
      assert.equal(await peer.ask("unlockAll"), "undefined");
      assert.equal(file.lockAllNonblock(), true);
      file.unlockAll();
    });

    test("marks add to the lock of another one and do not touch it", async (file, peer) => {
      assert.equal(await peer.ask("chainLockNonblock", "record"), "true");
      file.chainLockMark(KEY);
      assert.equal(file.chainLockNonblock(KEY), true);
      file.store(KEY, Buffer.from("marked"));
      file.chainUnlock(KEY);
      file.chainLockUnmark(KEY);
      assert.equal(file.chainLockNonblock(KEY), false);
      assert.equal(await peer.ask("fetch", "record"), "marked");
      assert.equal(await peer.ask("chainUnlock", "record"), "undefined");
      assert.equal(await peer.ask("lockAllNonblock"), "true");
      file.lockAllMark();
      file.wipeAll();
      file.store(KEY, Buffer.from("all marked"));
      assert.equal(file.chainLockNonblock(KEY), true);
      file.chainUnlock(KEY);
      file.lockAllUnmark();
      assert.equal(file.chainLockNonblock(KEY), false);
      assert.equal(file.lockAllNonblock(), false);
      assert.equal(await peer.ask("fetch", "record"), "all marked");
      assert.equal(await peer.ask("unlockAll"), "undefined");
      assert.equal(file.chainLockNonblock(KEY), true);
      file.chainUnlock(KEY);
    });

    for (const holder of ["another one", "its own process"]) {
      test(`a transaction runs in a file that ${holder} keeps locked, which stays so`, async (file, peer, third) => {
        const withoutLocks = (action: () => void): void => {
          file.addFlags(TdbFlag.NOLOCK);
          action();
          file.removeFlags(TdbFlag.NOLOCK);
        };
        if (holder === "another one") {
          assert.equal(await peer.ask("lockAllNonblock"), "true");
          file.lockAllMark();
        } else {
          assert.equal(file.lockAllNonblock(), true);
        }
        for (const end of ["transactionCancel", "transactionCommit"] as const) {
          file.lockAllUnmark();
          withoutLocks(() => file.transactionStart());
          file.wipeAll();
          file.store(KEY, Buffer.from("new"));
          assert.equal(await third.ask("chainLockNonblock", "record"), "false");
          withoutLocks(() => file[end]());
          file.lockAllMark();
          assert.equal(await third.ask("chainLockNonblock", "record"), "false");
          assert.equal(content(file), end === "transactionCommit" ? "new" : undefined);
        }
        if (holder === "another one") {
          assert.equal(await peer.ask("fetch", "record"), "new");
          file.lockAllUnmark();
          assert.equal(await peer.ask("unlockAll"), "undefined");
        } else {
          file.unlockAll();
        }
        assert.equal(await third.ask("chainLockNonblock", "record"), "true");
        assert.equal(await third.ask("fetch", "record"), "new");
      });
    }

    test("a transaction lets others read what was before, and write nothing", async (file, peer) => {
      file.store(KEY, Buffer.from("before"));
      assert.equal(await peer.ask("transactionStart"), "undefined");
      assert.equal(await peer.ask("store", "record", "inside"), "undefined");
      assert.equal(await peer.ask("store", "new", "inside"), "undefined");
      assert.equal(await peer.ask("traverse"), "2 done");
      assert.equal(file.chainLockNonblock(KEY), false);
      assert.equal(file.lockAllNonblock(), false);
      assert.equal(content(file), "before");
      const seen: string[] = [];
      const visit = (_key: Buffer, data: Buffer): void => void seen.push(data.toString());
      assert.equal(file.openCursor().slice(100, visit), "done");
      assert.deepEqual(seen, ["before"]);
      assert.equal(await peer.ask("transactionPrepareCommit"), "undefined");
      const later = file.openCursor();
      assert.equal(later.slice(100, visit), "busy");
      assert.equal(await peer.ask("transactionCommit"), "undefined");
      assert.equal(later.slice(100, visit), "done");
      assert.deepEqual(seen.sort(), ["before", "inside", "inside"].slice(0, seen.length));
      assert.equal(content(file), "inside");
      assert.equal(file.chainLockNonblock(KEY), true);
      file.chainUnlock(KEY);
    });

    test("a traverse leaves out the chain that another one has locked, and comes back to it", async (file, peer) => {
      for (let i = 0; i < 100; i++) file.store(Buffer.from(`key-${i}`), Buffer.from("x"));
      file.store(KEY, Buffer.from("x"));
      assert.equal(await peer.ask("chainLockNonblock", "record"), "true");
      const seen = new Set<string>();
      const cursor = file.openCursor();
      const visit = (key: Buffer): void => void seen.add(key.toString());
      let result = cursor.slice(9, visit);
      while (result === "more") result = cursor.slice(9, visit);
      assert.equal(result, "busy");
      assert.equal(cursor.slice(9, visit), "busy");
      assert.equal(seen.has("record"), false);
      assert.equal(await peer.ask("store", "record", "changed"), "undefined");
      assert.equal(await peer.ask("chainUnlock", "record"), "undefined");
      assert.equal(cursor.slice(1000, visit), "done");
      assert.equal(seen.size, 101);
    });

    test("who waits for a chain gets it when it is given up", async (file, peer) => {
      assert.equal(file.chainLockNonblock(KEY), true);
      let got = false;
      const waits = peer.block("chainLock", "record").then(() => {
        got = true;
      });
      await target.pass();
      assert.equal(got, false);
      file.store(KEY, Buffer.from("mine"));
      file.chainUnlock(KEY);
      await target.until(waits);
      assert.equal(file.chainLockNonblock(KEY), false);
      assert.equal(await peer.ask("fetch", "record"), "mine");
      assert.equal(await peer.ask("chainUnlock", "record"), "undefined");
    });

    test("who waits for all records has locked part of them already", async (file, peer, other) => {
      assert.equal(lockChain(file, 50), true);
      const waits = peer.block("lockAll");
      await untilBusy(file, other, 10);
      const lock = (chain: number): Promise<string> => other.ask("chainLockNonblock", keyIn(file, chain));
      // Mutexes: no new lock is given to who has none yet. Byte ranges: the chains behind the busy one are free.
      assert.equal(await lock(80), String(!mutexes));
      assert.equal(lockChain(file, 10), mutexes);
      if (mutexes) unlockChain(file, 10);
      assert.equal(await other.ask("freelistLockNonblock"), "true");
      assert.equal(await other.ask("freelistUnlock"), "undefined");
      unlockChain(file, 50);
      if (!mutexes) assert.equal(await other.ask("chainUnlock", keyIn(file, 80)), "undefined");
      await target.until(waits);
      for (const chain of [0, 10, 50, 80, hashSize - 1]) assert.equal(await lock(chain), "false");
      assert.equal(await peer.ask("unlockAll"), "undefined");
      assert.equal(await lock(10), "true");
    });

    test("who starts a transaction waits for the writers, and lets the readers read meanwhile", async (file, peer, other) => {
      file.store(KEY, Buffer.from("before"));
      const chain = file.chainOf(KEY) === 50 ? 51 : 50;
      assert.equal(lockChain(file, chain), true);
      const waits = peer.block("transactionStart");
      await untilBusy(file, other, 10);
      assert.equal(await other.ask("traverse"), "1 done");
      unlockChain(file, chain);
      await target.until(waits);
      assert.equal(await peer.ask("store", "record", "inside"), "undefined");
      assert.equal(await other.ask("fetch", "record"), "before");
      const second = other.block("transactionStart");
      await target.pass();
      assert.equal(await peer.ask("transactionCommit"), "undefined");
      await target.until(second);
      assert.equal(await other.ask("fetch", "record"), "inside");
      assert.equal(await other.ask("transactionCancel"), "undefined");
      assert.equal(file.lockAllNonblock(), true);
      file.unlockAll();
    });

    for (const [state, steps, expected] of [
      ["with a chain locked", ["chainLockNonblock"], "before"],
      ["with all records locked", ["lockAllNonblock"], "before"],
      ["with the list of free space locked", ["freelistLockNonblock"], "before"],
      ["in a transaction", ["transactionStart", "store"], "before"],
      ["with its transaction prepared", ["transactionStart", "store", "transactionPrepareCommit"], "before"],
      ["after a commit", ["transactionStart", "store", "transactionCommit"], "inside"],
    ] as const) {
      test(`the death of one ${state} frees its locks and leaves whole transactions`, async (file, peer) => {
        // The first transaction of a file makes room for its recovery; libtdb's check stumbles over the room that one which died
        // had made (a false alarm, until the file is wiped or repacked).
        file.transactionStart();
        file.store(KEY, Buffer.from("before"));
        file.transactionCommit();
        for (const step of steps) await peer.ask(step, "record", "inside");
        await peer.kill();
        assert.equal(file.chainLockNonblock(KEY), true);
        assert.equal(content(file), expected);
        file.chainUnlock(KEY);
        assert.equal(file.freelistLockNonblock(), true);
        file.freelistUnlock();
        assert.equal(file.lockAllNonblock(), true);
        file.unlockAll();
        file.transactionStart();
        file.store(KEY, Buffer.from("after"));
        file.transactionCommit();
        assert.equal(content(file), "after");
      });
    }

    test("the death of one who waits frees what it had got on its way", async (file, peer, other) => {
      assert.equal(lockChain(file, 50), true);
      const waits = peer.block("lockAll");
      waits.catch(() => {});
      await untilBusy(file, other, 10);
      await peer.kill();
      assert.equal(await other.ask("chainLockNonblock", keyIn(file, 10)), "true");
      assert.equal(await other.ask("chainUnlock", keyIn(file, 10)), "undefined");
      unlockChain(file, 50);
      assert.equal(await other.ask("lockAllNonblock"), "true");
    });

    test("the death of a holder lets those go on who wait", async (file, peer, other) => {
      assert.equal(await peer.ask("lockAllNonblock"), "true");
      const waits = other.block("chainLock", "record");
      await target.pass();
      await peer.kill();
      await target.until(waits);
      assert.equal(file.chainLockNonblock(KEY), false);
    });

    for (const [locked, lock] of [
      [
        "chains and the list of free space",
        (file) => {
          for (const chain of [3, 9, 9]) assert.equal(lockChain(file, chain), true);
          assert.equal(file.freelistLockNonblock(), true);
        },
      ],
      ["all records", (file) => file.lockAll()],
      ["a transaction", (file) => file.transactionStart()],
    ] as const satisfies readonly (readonly [string, (file: TdbFile) => void])[]) {
      it(`closing it with ${locked} locked frees them and harms no other file`, { timeout: TEST_MS }, async () => {
        const other = target.opener.open({ path: target.newPath(), flags, hashSize: 1009 });
        const file = target.opener.open({ path: target.newPath(), flags, hashSize });
        const peer = await target.openPeer(file.path, flags);
        lock(file);
        file.close();
        // Robust mutexes of one thread form a list through all its files.
        assert.equal(other.chainLockNonblock(KEY), true);
        other.chainUnlock(KEY);
        other.close();
        assert.equal(await peer.ask("freelistLockNonblock"), "true");
        assert.equal(await peer.ask("freelistUnlock"), "undefined");
        assert.equal(await peer.ask("lockAllNonblock"), "true");
        await peer.kill();
      });
    }

    it(`${(flags & TdbFlag.CLEAR_IF_FIRST) === 0 ? "keeps" : "is cleared for"} who opens it after all others are gone`, async () => {
      const path = target.newPath();
      const file = target.opener.open({ path, flags, hashSize });
      file.store(KEY, Buffer.from("x"));
      const peer = await target.openPeer(path, flags);
      file.close();
      const second = target.opener.open({ path, flags, hashSize: 7 });
      assert.equal(content(second), "x", "the peer has it open");
      assert.equal(second.hashSize, hashSize);
      second.close();
      await peer.kill();
      const third = target.opener.open({ path, flags, hashSize: 7 });
      const kept = (flags & TdbFlag.CLEAR_IF_FIRST) === 0;
      assert.equal(content(third), kept ? "x" : undefined);
      assert.equal(third.hashSize, kept ? hashSize : 7);
      third.close();
    });
  });
}
