// TDB files between this project and the C world: python3-tdb, tdbdump and tdbtool read what we write, and we read what they
// write; a lock held by one is seen by the other, and dies with its holder. Both lock modes.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { after, describe, it } from "node:test";
import { TdbFlag } from "../../src/protocol/index.js";
import { libtdbOpener } from "../../src/tdb/libtdb.js";
import type { TdbFile } from "../../src/tdb/tdb-file.js";
import { killLeftovers, scratchFolder, TdbPeer } from "./tdb-peer.js";

const folder = scratchFolder();
let files = 0;
after(async () => {
  await killLeftovers();
  folder.remove();
});

const VOLATILE = TdbFlag.CLEAR_IF_FIRST | TdbFlag.NOSYNC | TdbFlag.DISALLOW_NESTING | TdbFlag.INCOMPATIBLE_HASH;
const RECORD = Buffer.from("record");

function newFile(flags: number): TdbFile {
  return libtdbOpener.open({ path: `${folder.path}/${++files}.tdb`, flags, hashSize: 1009 });
}

function run(program: string, args: string[], input = ""): string {
  const result = spawnSync(program, args, { encoding: "utf8", input });
  assert.equal(result.status, 0, `${program}: ${result.stderr}`);
  return result.stdout;
}

/** Runs lines of python with the file open as `db`. */
function python(path: string, flags: number, lines: string[]): string {
  const script = ["import tdb, os, sys", "db = tdb.Tdb(sys.argv[1], 0, int(sys.argv[2]), os.O_RDWR)", ...lines].join(
    "\n",
  );
  return run("/usr/bin/python3", ["-c", script, path, String(flags)]);
}

for (const [mode, flags] of [
  ["volatile, fcntl locks", VOLATILE],
  ["volatile, mutexes", VOLATILE | TdbFlag.MUTEX_LOCKING],
  ["persistent", TdbFlag.DISALLOW_NESTING],
] as const) {
  describe(`a TDB file shared with C programs: ${mode}`, { timeout: 300_000 }, () => {
    it("python3-tdb reads our records, and we read its", () => {
      const file = newFile(flags);
      for (let i = 0; i < 1000; i++) file.store(Buffer.from(`ours-${i}`), Buffer.from(`value ${i}`));
      const sum = python(file.path, flags, [
        "print(len(list(db.keys())), db.get(b'ours-999').decode(), db.hash_size, db.flags)",
        "for i in range(1000): db.store(b'theirs-%d' % i, b'python %d' % i)",
        "for i in range(0, 1000, 2): db.delete(b'ours-%d' % i)",
      ]).trim();
      assert.equal(sum, `1000 value 999 1009 ${flags}`);
      assert.equal(file.fetch(Buffer.from("theirs-999"))?.toString(), "python 999");
      assert.equal(file.fetch(Buffer.from("ours-0")), undefined);
      let seen = 0;
      const cursor = file.openCursor();
      while (cursor.slice(100, () => void seen++) !== "done");
      assert.equal(seen, 1500);
      assert.equal(file.check(), true);
      file.close();
    });

    it("tdbdump lists our records, and tdbtool finds the file in order", () => {
      const file = newFile(flags);
      file.store(Buffer.from("a key"), Buffer.from("a value"));
      // The tools open without the flags of the file, so they get a copy without its locks.
      const copy = `${file.path}.copy`;
      copyFileSync(file.path, copy);
      const dump = run("tdbdump", [copy]);
      assert.match(dump, /key\(5\) = "a key"\ndata\(7\) = "a value"/);
      if ((flags & TdbFlag.MUTEX_LOCKING) === 0) {
        assert.match(run("tdbtool", [copy, "check"]), /Database integrity is OK and has 1 records\./);
        run("tdbtool", [copy, "store", "from tdbtool", "text"]);
        const second = libtdbOpener.open({ path: copy, flags: TdbFlag.DISALLOW_NESTING });
        assert.equal(second.fetch(Buffer.from("from tdbtool"))?.toString(), "text");
        second.close();
      }
      file.close();
    });

    it("a lock of one is seen by the other", async () => {
      const file = newFile(flags);
      const peer = await TdbPeer.open(file.path, flags);
      assert.equal(file.chainLockNonblock(RECORD), true);
      assert.equal(await peer.ask("chainlock_nonblock record"), "-1");
      assert.equal(await peer.ask("lockall_nonblock"), "-1");
      file.chainUnlock(RECORD);
      assert.equal(await peer.ask("chainlock_nonblock record"), "0");
      assert.equal(file.chainLockNonblock(RECORD), false);
      assert.equal(file.lockAllNonblock(), false);
      assert.equal(await peer.ask("chainunlock record"), "0");
      assert.equal(file.lockAllNonblock(), true);
      assert.equal(await peer.ask("chainlock_nonblock another"), "-1");
      file.unlockAll();
      assert.equal(await peer.ask("lockall_nonblock"), "0");
      assert.equal(file.chainLockNonblock(RECORD), false);
      assert.equal(await peer.ask("unlockall"), "0");
      assert.equal(file.chainLockNonblock(RECORD), true);
      file.chainUnlock(RECORD);
      await peer.kill();
      file.close();
    });

    it("a traverse leaves out a chain that a peer holds, and comes back to it", async () => {
      const file = newFile(flags);
      for (let i = 0; i < 100; i++) file.store(Buffer.from(`key-${i}`), Buffer.from("x"));
      file.store(RECORD, Buffer.from("x"));
      const peer = await TdbPeer.open(file.path, flags);
      assert.equal(await peer.ask("chainlock record"), "0");
      const seen = new Set<string>();
      const cursor = file.openCursor();
      const visit = (key: Buffer): void => void seen.add(key.toString());
      let result = cursor.slice(1000, visit);
      while (result === "more") result = cursor.slice(1000, visit);
      assert.equal(result, "busy");
      assert.equal(seen.has("record"), false);
      assert.equal(await peer.ask("chainunlock record"), "0");
      assert.equal(cursor.slice(1000, visit), "done");
      assert.equal(seen.size, 101);
      await peer.kill();
      file.close();
    });

    it("a holder that is killed with SIGKILL does not wedge the other", async () => {
      const file = newFile(flags);
      file.store(RECORD, Buffer.from("x"));
      for (const lock of ["chainlock record", "lockall"]) {
        const peer = await TdbPeer.open(file.path, flags);
        assert.equal(await peer.ask(lock), "0");
        assert.equal(file.chainLockNonblock(RECORD), false);
        await peer.kill();
        assert.equal(file.chainLockNonblock(RECORD), true, lock);
        assert.equal(file.fetch(RECORD)?.toString(), "x");
        file.chainUnlock(RECORD);
        assert.equal(file.lockAllNonblock(), true, lock);
        file.unlockAll();
      }
      assert.equal(file.check(), true);
      file.close();
    });

    it("a marked chain is not locked for others, and stores under a mark do no harm to the lock of the marker", async () => {
      const file = newFile(flags);
      const peer = await TdbPeer.open(file.path, flags);
      assert.equal(await peer.ask("chainlock record"), "0");
      file.chainLockMark(RECORD);
      file.store(RECORD, Buffer.from("under the mark"));
      file.chainLockUnmark(RECORD);
      assert.equal(file.chainLockNonblock(RECORD), false, "the peer's lock is still there");
      assert.equal(await peer.ask("fetch record"), "under the mark");
      assert.equal(await peer.ask("chainunlock record"), "0");
      await peer.kill();
      file.close();
    });
  });
}

describe("two processes raise a counter", { timeout: 300_000 }, () => {
  for (const [mode, flags] of [
    ["fcntl", VOLATILE],
    ["mutex", VOLATILE | TdbFlag.MUTEX_LOCKING],
  ] as const) {
    it(`exactly, with the locks of ${mode} mode`, async () => {
      const file = newFile(flags);
      const peer = await TdbPeer.open(file.path, flags);
      const times = 2000;
      const done = peer.ask(`increment record ${times} 0`);
      let answer = "";
      void done.then((line) => {
        answer = line;
      });
      for (let i = 0; i < times; i++) {
        while (!file.chainLockNonblock(RECORD)) await new Promise((resolve) => setImmediate(resolve));
        file.store(RECORD, Buffer.from(String(Number(file.fetch(RECORD)?.toString() ?? "0") + 1)));
        file.chainUnlock(RECORD);
        if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await done;
      assert.equal(answer, "0");
      assert.equal(file.fetch(RECORD)?.toString(), String(2 * times));
      await peer.kill();
      file.close();
    });
  }
});
