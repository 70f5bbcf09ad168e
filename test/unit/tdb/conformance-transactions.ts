// The rules of transactions of any TdbFile, within one process. Part of the conformance suite.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TdbFlag } from "../../../src/protocol/index.js";
import { TdbError } from "../../../src/tdb/errors.js";
import type { TdbFile } from "../../../src/tdb/tdb-file.js";

const KEY = Buffer.from("record");
const OTHER = Buffer.from("another record");
const value = (text: string): Buffer => Buffer.from(text);

const codeIs =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof TdbError && error.code === code;

/** `withFile` opens a fresh file, and checks and closes it afterwards. */
export function describeTransactions(name: string, withFile: (use: (file: TdbFile) => void) => void): void {
  const test = (title: string, body: (file: TdbFile) => void): void => {
    it(title, () => withFile(body));
  };
  const content = (file: TdbFile, key = KEY): string | undefined => file.fetch(key)?.toString("latin1");

  describe(`${name}, transactions`, () => {
    test("do not nest, and need one that is open", (file) => {
      for (const step of ["transactionPrepareCommit", "transactionCommit", "transactionCancel"] as const) {
        assert.throws(() => file[step](), TdbError, step);
      }
      file.transactionStart();
      assert.throws(() => file.transactionStart(), codeIs("NESTING"));
      assert.equal(file.inTransaction, true);
      file.transactionCancel();
      assert.equal(file.inTransaction, false);
    });

    test("are refused while chains or all records are locked or marked here", (file) => {
      file.chainLockNonblock(KEY);
      assert.throws(() => file.transactionStart(), codeIs("LOCK"));
      file.chainUnlock(KEY);
      file.lockAllNonblock();
      assert.throws(() => file.transactionStart(), codeIs("LOCK"));
      file.unlockAll();
      file.lockAllMark();
      assert.throws(() => file.transactionStart(), codeIs("LOCK"));
      file.lockAllUnmark();
      file.transactionWriteLockMark();
      assert.throws(() => file.transactionStart(), codeIs("LOCK"));
      file.transactionWriteLockUnmark();
      assert.equal(file.inTransaction, false);
    });

    test("count as the lock of all records: chains can be locked and unlocked at will", (file) => {
      file.transactionStart();
      assert.equal(file.chainLockNonblock(KEY), true);
      file.store(KEY, value("x"));
      file.chainUnlock(KEY);
      file.chainUnlock(KEY);
      assert.equal(file.lockAllNonblock(), true);
      file.unlockAll();
      file.transactionCommit();
      assert.throws(() => file.chainUnlock(KEY), TdbError);
      assert.equal(content(file), "x");
    });

    test("can be committed without a preparation, and without a change", (file) => {
      file.transactionStart();
      file.transactionPrepareCommit();
      file.transactionPrepareCommit();
      file.store(KEY, value("x"));
      file.transactionCommit();
      assert.equal(content(file), "x");
      file.transactionStart();
      file.transactionCommit();
      assert.equal(content(file), "x");
    });

    test("are undone by a second preparation", (file) => {
      file.store(KEY, value("before"));
      file.transactionStart();
      file.store(KEY, value("inside"));
      file.transactionPrepareCommit();
      assert.throws(() => file.transactionPrepareCommit(), codeIs("EINVAL"));
      assert.equal(file.inTransaction, false);
      assert.equal(content(file), "before");
      assert.equal(file.lockAllNonblock(), true);
      file.unlockAll();
    });

    test("take no change after the preparation, and then cannot be committed any more", (file) => {
      file.store(KEY, value("before"));
      file.transactionStart();
      file.store(KEY, value("inside"));
      file.transactionPrepareCommit();
      assert.equal(file.delete(Buffer.from("not there")), false);
      assert.throws(() => file.store(KEY, value("too late")), codeIs("EINVAL"));
      assert.throws(() => file.transactionCommit(), codeIs("IO"));
      assert.equal(file.inTransaction, false);
      assert.equal(content(file), "before");
    });

    test("can be cancelled after the preparation", (file) => {
      file.store(KEY, value("before"));
      file.transactionStart();
      file.store(KEY, value("inside"));
      file.store(OTHER, value("inside"));
      file.transactionPrepareCommit();
      file.transactionCancel();
      assert.equal(content(file), "before");
      assert.equal(content(file, OTHER), undefined);
    });

    test("wipe and store again, or do not", (file) => {
      for (let i = 0; i < 100; i++) file.store(Buffer.from(`key-${i}`), value("old"));
      for (const commits of [false, true]) {
        file.transactionStart();
        file.wipeAll();
        assert.equal(content(file, Buffer.from("key-1")), undefined);
        for (let i = 50; i < 60; i++) file.store(Buffer.from(`key-${i}`), value(`new ${"x".repeat(i)}`));
        if (commits) file.transactionCommit();
        else file.transactionCancel();
        const seen: string[] = [];
        const cursor = file.openCursor();
        while (cursor.slice(10, (_key, data) => void seen.push(data.toString().slice(0, 3))) !== "done");
        assert.equal(seen.length, commits ? 10 : 100);
        assert.ok(seen.every((one) => one === (commits ? "new" : "old")));
      }
    });

    test("count changes in the sequence number only when they are committed", (file) => {
      file.enableSeqnum();
      file.transactionStart();
      file.store(KEY, value("x"));
      assert.equal(file.seqnum(), 1);
      file.transactionCancel();
      assert.equal(file.seqnum(), 0);
      file.transactionStart();
      file.store(KEY, value("x"));
      file.delete(KEY);
      file.transactionCommit();
      assert.equal(file.seqnum(), 2);
    });

    test("run under a lock of all records when locking is switched off around start and end", (file) => {
      const withoutLocks = (action: () => void): void => {
        file.addFlags(TdbFlag.NOLOCK);
        action();
        file.removeFlags(TdbFlag.NOLOCK);
      };
      file.store(KEY, value("before"));
      assert.equal(file.lockAllNonblock(), true);
      for (const [end, expected] of [
        ["transactionCancel", "before"],
        ["transactionCommit", "inside"],
      ] as const) {
        file.lockAllUnmark();
        withoutLocks(() => file.transactionStart());
        file.wipeAll();
        file.store(KEY, value("inside"));
        withoutLocks(() => file[end]());
        file.lockAllMark();
        assert.equal(content(file), expected);
      }
      file.unlockAll();
      assert.equal(file.chainLockNonblock(KEY), true);
      file.chainUnlock(KEY);
    });

    test("are not seen by the traverse of the locked file", (file) => {
      file.store(KEY, value("before"));
      assert.equal(file.lockAllNonblock(), true);
      file.lockAllUnmark();
      file.addFlags(TdbFlag.NOLOCK);
      file.transactionStart();
      file.removeFlags(TdbFlag.NOLOCK);
      const cursor = file.openLockedCursor();
      assert.ok(cursor !== undefined);
      let seen = "";
      while (
        cursor.slice(10, (bytes, start, keyLength, dataLength) => {
          seen += bytes.toString("latin1", start, start + keyLength + dataLength);
        }) === "more"
      );
      assert.equal(seen, "recordbefore");
      cursor.close();
      file.addFlags(TdbFlag.NOLOCK);
      file.transactionCancel();
      file.removeFlags(TdbFlag.NOLOCK);
      file.lockAllMark();
      file.unlockAll();
    });
  });
}
