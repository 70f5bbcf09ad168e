// Waiting for records and databases that other processes hold: the lock scheduler with the real helper processes, in both lock
// modes of TDB files, against a peer on the C library.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { LockdClient } from "../../src/lockd/lockd-client.js";
import type { DatabaseLock } from "../../src/locks/database-lock.js";
import { LockScheduler, type LockWaitReport } from "../../src/locks/lock-scheduler.js";
import { nodeTimers } from "../../src/platform/node-timers.js";
import { systemClock } from "../../src/platform/system-clock.js";
import { libtdbOpener } from "../../src/tdb/libtdb.js";
import type { TdbFile } from "../../src/tdb/tdb-file.js";
import { awaitCondition } from "../cluster/await-condition.js";
import { RecordingLogger } from "../unit/fake-time.js";
import { bundleLockd, FreezerProcess, HolderProcesses, killLeftovers, scratchFolder, TdbPeer } from "./tdb-peer.js";

const FCNTL_FLAGS = 0xc41;
const MUTEX_FLAGS = 0x1c41;
const KEY = Buffer.from("record");

for (const [mode, flags] of [
  ["fcntl", FCNTL_FLAGS],
  ["mutex", MUTEX_FLAGS],
] as const) {
  describe(`lock waits, ${mode} mode`, { timeout: 300_000 }, () => {
    const folder = scratchFolder();
    const logger = new RecordingLogger();
    let lockd: Awaited<ReturnType<typeof bundleLockd>>;
    let client: LockdClient;
    let scheduler: LockScheduler;
    let database: { name: string; file: TdbFile };
    let peer: TdbPeer;
    const processes = new HolderProcesses();

    before(async () => {
      lockd = await bundleLockd();
      client = new LockdClient({ processes, clock: systemClock, timers: nodeTimers, logger }, lockd);
      scheduler = new LockScheduler({ clock: systemClock, timers: nodeTimers, logger, helper: client });
      const file = libtdbOpener.open({ path: `${folder.path}/test.tdb`, flags, hashSize: 1009, logger });
      database = { name: "test.tdb", file };
      peer = await TdbPeer.open(file.path, flags);
    });

    after(async () => {
      await killLeftovers();
      database.file.close();
      client.stop();
      lockd.remove();
      folder.remove();
    });

    const grant = (key = KEY): Promise<void> =>
      new Promise((resolve) => {
        scheduler.requestRecordLock(database, key, resolve);
      });
    let freezing: DatabaseLock | undefined;
    const freeze = (): Promise<DatabaseLock> =>
      new Promise((resolve, reject) => {
        const lock = scheduler.requestDatabaseLock(database, {
          onResult: (ok) => (ok ? resolve(lock) : reject(new Error("freeze failed"))),
          onLost: () => reject(new Error("lock lost")),
        });
        freezing = lock;
      });

    it("gets a record that a peer holds for 3 s when the peer gives it up, and the loop runs on", async () => {
      assert.equal(await peer.ask(`locked record 3`), "locked");
      assert.equal(scheduler.tryRecordLock(database, KEY), false);
      let beats = 0;
      const beat = setInterval(() => beats++, 5);
      let nested = false;
      await new Promise<void>((resolve) => {
        scheduler.requestRecordLock(database, KEY, () => {
          nested = scheduler.tryRecordLock(database, KEY);
          if (nested) database.file.chainUnlock(KEY);
          resolve();
        });
      });
      clearInterval(beat);
      const grantedAt = Date.now();
      const releasedAt = 1000 * Number(await peer.line());
      assert.equal(nested, true);
      assert.ok(grantedAt >= Math.floor(releasedAt), "granted while the peer held it");
      assert.ok(beats > 10, `the loop made only ${beats} turns while it waited`);
      assert.equal(await peer.ask("chainlock record"), "0", "our lock is given up after the grant");
      assert.equal(await peer.ask("chainunlock record"), "0");
    });

    it("loses no wake-up and keeps no lock when a wait is cancelled", async () => {
      assert.equal(await peer.ask("chainlock record"), "0");
      const other = await TdbPeer.open(database.file.path, flags);
      const request = scheduler.requestRecordLock(database, KEY, () => assert.fail("granted after cancel"));
      await grant(Buffer.from("another record"));
      const otherHasIt = other.ask("chainlock record");
      request.cancel();
      assert.equal(await peer.ask("chainunlock record"), "0");
      assert.equal(await otherHasIt, "0");
      const second = grant();
      assert.equal(await other.ask("chainunlock record"), "0");
      await second;
      assert.equal(await peer.ask("chainlock record"), "0");
      assert.equal(await peer.ask("chainunlock record"), "0");
      await other.kill();
      assert.equal(scheduler.statistics.numPending, 0);
      assert.equal(scheduler.statistics.numCurrent, 0);
    });

    it("gets the record of a peer that is killed", async () => {
      const victim = await TdbPeer.open(database.file.path, flags);
      assert.equal(await victim.ask("chainlock record"), "0");
      const granted = grant();
      await victim.kill();
      await granted;
    });

    it("gets a record when the peer that had locked all of them is killed", async () => {
      const victim = await TdbPeer.open(database.file.path, flags);
      assert.equal(await victim.ask("lockall"), "0");
      const granted = grant();
      const otherGranted = grant(Buffer.from("another record"));
      await new Promise((resolve) => setTimeout(resolve, 50));
      await victim.kill();
      await granted;
      await otherGranted;
      assert.equal(await peer.ask("chainlock record"), "0");
      assert.equal(await peer.ask("chainunlock record"), "0");
    });

    for (const freezer of ["itself", "a helper"]) {
      it(`a daemon that is killed leaves no lock behind; its database was frozen by ${freezer}`, async () => {
        const [frozen, waited] = ["frozen", "waited"].map((name) => {
          const path = `${folder.path}/${name} ${freezer}.tdb`;
          libtdbOpener.open({ path, flags, hashSize: 1009 }).close();
          return path;
        });
        assert.ok(frozen !== undefined && waited !== undefined);
        const first = await TdbPeer.open(frozen, flags);
        const second = await TdbPeer.open(waited, flags);
        if (freezer === "a helper") assert.equal(await first.ask("chainlock record"), "0");
        assert.equal(await second.ask("chainlock record"), "0");
        const daemon = await FreezerProcess.start([frozen, waited, String(flags), ...lockd.args]);
        if (freezer === "a helper") {
          assert.equal(await daemon.line(), "waiting");
          assert.equal(await first.ask("chainunlock record"), "0");
        }
        assert.equal(await daemon.line(), `frozen by ${freezer}`);
        assert.equal(await first.ask("chainlock_nonblock record"), "-1");
        // The daemon gets the record and dies while it has that lock and the other file's.
        assert.equal(await second.ask("chainunlock record"), "0");
        assert.equal(await daemon.line(), "granted");
        await daemon.exited;
        assert.equal(await first.ask("lockall"), "0");
        assert.equal(await second.ask("lockall"), "0");
        await first.kill();
        await second.kill();
      });
    }

    it("loses no request when the helper is killed", async () => {
      assert.equal(await peer.ask("chainlock record"), "0");
      const granted = grant();
      const pid = client.pid;
      process.kill(pid, "SIGKILL");
      assert.equal(await peer.ask("chainunlock record"), "0");
      await granted;
      // Another one is started; no later test may find none.
      while (client.pid === pid || client.pid === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    });

    it("counts exactly when three peers and the scheduler fight for one record", async () => {
      const times = 300;
      const counter = Buffer.from("counter");
      const peers = await Promise.all([1, 2, 3].map(() => TdbPeer.open(database.file.path, flags)));
      // Nobody gets it before the scheduler waits for it, too.
      assert.equal(await peer.ask("chainlock counter"), "0");
      const done = peers.map((one) => one.ask(`increment counter ${times} 0.0002`));
      const bump = (): void => {
        const value = Number(database.file.fetch(counter)?.toString() ?? "0") + 1;
        database.file.store(counter, Buffer.from(String(value)));
      };
      let waits = 0;
      for (let i = 0; i < times; i++) {
        if (scheduler.tryRecordLock(database, counter)) {
          bump();
          database.file.chainUnlock(counter);
        } else {
          waits++;
          await new Promise<void>((resolve) => {
            scheduler.requestRecordLock(database, counter, () => {
              bump();
              resolve();
            });
            if (waits === 1) void peer.ask("chainunlock counter");
          });
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.deepEqual(await Promise.all(done), ["0", "0", "0"]);
      assert.equal(database.file.fetch(counter)?.toString(), String(4 * times));
      assert.ok(waits > 0);
      for (const one of peers) await one.kill();
    });

    it("freezes at once when nobody holds a lock, runs a transaction, and thaws", async () => {
      const lock = await freeze();
      assert.equal(lock.state, "own");
      assert.equal(await peer.ask("chainlock_nonblock record"), "-1");
      assert.equal(scheduler.tryRecordLock(database, KEY), false);
      let granted = false;
      const later = grant().then(() => {
        granted = true;
      });
      lock.transactionStart();
      database.file.wipeAll();
      database.file.store(KEY, Buffer.from("new"));
      lock.transactionCommit();
      assert.equal(await peer.ask("chainlock_nonblock other"), "-1");
      lock.transactionStart();
      database.file.store(KEY, Buffer.from("never"));
      lock.transactionCancel();
      assert.equal(database.file.fetch(KEY)?.toString(), "new");
      assert.equal(await peer.ask("chainlock_nonblock other"), "-1");
      assert.equal(granted, false);
      lock.release();
      assert.equal(await peer.ask("chainlock_nonblock other"), "0");
      assert.equal(await peer.ask("chainunlock other"), "0");
      await later;
      assert.equal(await peer.ask("fetch record"), "new");
      assert.equal(database.file.check(), true);
    });

    it("freezes through a helper when a peer holds a record, names that peer, and thaws", async () => {
      assert.equal(await peer.ask("chainlock record"), "0");
      const frozen = freeze();
      // It has left off trying by itself, so it gets the lock through the helper.
      const holders = await awaitCondition("the freeze waits for somebody", { timeoutMs: 60_000 }, async () => {
        const [wait] = await new Promise<readonly LockWaitReport[]>((resolve) =>
          scheduler.lookAtWaits(
            () => true,
            (waits) => resolve(waits),
          ),
        );
        return freezing?.state === "waiting" && wait?.holders;
      });
      assert.ok(
        holders.some((holder) => holder.pid === peer.pid && holder.commandLine.includes("tdb_peer.py")),
        JSON.stringify(holders),
      );
      assert.equal(await peer.ask("chainunlock record"), "0");
      const lock = await frozen;
      assert.equal(lock.state, "helper");
      assert.equal(await peer.ask("chainlock_nonblock record"), "-1");
      lock.transactionStart();
      database.file.store(KEY, Buffer.from("frozen"));
      lock.transactionCommit();
      assert.equal(database.file.fetch(KEY)?.toString(), "frozen");
      lock.release();
      assert.equal(await peer.ask("chainlock record"), "0");
      assert.equal(await peer.ask("chainunlock record"), "0");
    });

    it("reports the loss of a freeze when its helper is killed", async () => {
      assert.equal(await peer.ask("chainlock record"), "0");
      let waiting: DatabaseLock | undefined;
      const lost = new Promise<void>((resolve, reject) => {
        const lock = scheduler.requestDatabaseLock(database, {
          onResult: (ok) => {
            if (!ok) reject(new Error("freeze failed"));
            processes.killHolders();
          },
          onLost: () => {
            lock.release();
            resolve();
          },
        });
        waiting = lock;
      });
      // It has left off trying by itself.
      await awaitCondition("the freeze waits", { timeoutMs: 60_000 }, () => waiting?.state === "waiting");
      assert.equal(await peer.ask("chainunlock record"), "0");
      await lost;
      assert.equal(await peer.ask("chainlock record"), "0");
      assert.equal(await peer.ask("chainunlock record"), "0");
      assert.equal(scheduler.tryRecordLock(database, KEY), true);
      database.file.chainUnlock(KEY);
    });

    it("serves 200 waits at a time", async () => {
      const keys = Array.from({ length: 250 }, (_, i) => Buffer.from(`many-${i}`));
      assert.equal(await peer.ask("lockall"), "0");
      let granted = 0;
      const all = keys.map((key) => grant(key).then(() => granted++));
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.equal(granted, 0);
      assert.equal(await peer.ask("unlockall"), "0");
      await Promise.all(all);
      assert.equal(scheduler.statistics.numPending, 0);
      assert.equal(scheduler.statistics.numCurrent, 0);
      for (const key of keys) assert.equal(await peer.ask(`chainlock ${key}`), "0");
      for (const key of keys) await peer.ask(`chainunlock ${key}`);
    });
  });
}
