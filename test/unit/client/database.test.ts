// Databases of the client library: real TDB files, a daemon in memory that plays the other nodes.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import {
  CallFailedError,
  type Client,
  ConnectionLostError,
  connect,
  type Database,
  DatabaseClosedError,
  DatabaseFileError,
  DatabaseTypeError,
  RecordReleasedError,
  RecordTimeoutError,
} from "../../../src/client/index.js";
import {
  CallFlag,
  CallId,
  databaseId,
  decodeControlRequest,
  encodePacket,
  ProtocolError,
  RecordFlag,
  type ReqCallPacket,
  TdbFlag,
  writeRecordHeader,
} from "../../../src/protocol/index.js";
import { libtdbOpener } from "../../../src/tdb/libtdb.js";
import type { TdbFile, TdbOpener } from "../../../src/tdb/tdb-file.js";
import { FakeTime } from "../fake-time.js";
import { ScriptedDaemon, settle } from "./scripted-daemon.js";

const NAME = "test.tdb";
const HASH_SIZE = 7;
const OTHER_NODE = 1;

describe("databases", () => {
  let directory: string;
  let counter = 0;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "ctdb-client-"));
  });
  after(() => rmSync(directory, { recursive: true }));

  let daemon: ScriptedDaemon;
  let time: FakeTime;
  let client: Client;
  let db: Database;
  let path: string;
  let file: TdbFile;
  /** True: another process holds every chain lock. */
  let lockedElsewhere: boolean;
  let lockTries: number;
  let opens: number;
  /** Gives the handle that the library got, and lets a test lock chains "elsewhere". */
  let files: TdbOpener;

  beforeEach(async () => {
    counter += 1;
    path = join(directory, `${counter}.tdb.0`);
    lockedElsewhere = false;
    lockTries = 0;
    opens = 0;
    libtdbOpener.open({ path, flags: TdbFlag.INCOMPATIBLE_HASH | TdbFlag.NOSYNC, hashSize: HASH_SIZE }).close();
    files = {
      open(options) {
        opens += 1;
        assert.equal(options.create, false);
        file = libtdbOpener.open(options);
        const real = file.chainLockNonblock.bind(file);
        file.chainLockNonblock = (key) => {
          lockTries += 1;
          return !lockedElsewhere && real(key);
        };
        return file;
      },
      robustMutexesWork: () => libtdbOpener.robustMutexesWork(),
    };
    daemon = new ScriptedDaemon();
    daemon.offerDatabase(NAME, databaseId(NAME), path, 0, TdbFlag.INCOMPATIBLE_HASH | TdbFlag.NOSYNC);
    time = new FakeTime();
    const modules = { clock: time, timers: time, random: { uint32: () => 0x40000000 } };
    client = await connect({ transport: daemon, modules, files, reconnect: { initialDelayMs: 10 } });
    db = await client.attach(NAME);
    return () => client.close();
  });

  function put(key: string, dmaster: number, value: string, flags = 0, rsn = 5): void {
    const stored = Buffer.alloc(24 + Buffer.byteLength(value));
    writeRecordHeader(stored, 0, rsn, dmaster, flags);
    stored.write(value, 24);
    file.store(Buffer.from(key), stored);
  }
  function valueInFile(key: string): string | undefined {
    return file.fetch(Buffer.from(key))?.subarray(24).toString();
  }
  /** The daemon brings each record that is called for. */
  function migrateOnCall(value = "migrated"): void {
    daemon.onCall = (connection, request) => {
      put(Buffer.from(request.key).toString(), 0, value, RecordFlag.MIGRATED_WITH_DATA, 9);
      connection.replyCall(request);
    };
  }
  /** Two keys of one chain. */
  function collidingKeys(): [string, string] {
    const first = "a0";
    for (let i = 1; ; i += 1) {
      const other = `a${i}`;
      if (file.chainOf(Buffer.from(other)) === file.chainOf(Buffer.from(first))) return [first, other];
    }
  }

  test("a record of this node is locked, changed and released without the daemon", async () => {
    put("key", 0, "old", RecordFlag.MIGRATED_WITH_DATA);
    const record = await db.fetchLock("key");
    assert.equal(String(record.value), "old");
    assert.equal(record.rsn, 5);
    assert.equal(record.flags, RecordFlag.MIGRATED_WITH_DATA);
    record.store(Buffer.from("new"));
    assert.equal(String(record.value), "new");
    record.release();
    record.release();
    assert.throws(() => record.store(Buffer.from("late")), RecordReleasedError);
    assert.equal(valueInFile("key"), "new");
    assert.deepEqual(db.tryReadHeader("key"), { rsn: 5, dmaster: 0, flags: RecordFlag.MIGRATED_WITH_DATA });
    assert.equal(daemon.connection.calls.length, 0);
  });

  test("a deleted record stays as a header and is put up for vacuuming", async () => {
    put("key", 0, "value");
    await db.withRecord("key", (record) => {
      record.delete();
      record.delete();
      assert.equal(record.value, undefined);
    });
    await settle();
    assert.equal(file.fetch(Buffer.from("key"))?.length, 24);
    const sent = daemon.connection.controls("SCHEDULE_FOR_DELETION");
    assert.equal(sent.length, 1);
    assert.equal(sent[0]?.srvid, BigInt(db.id));
    assert.deepEqual(decodeControlRequest("SCHEDULE_FOR_DELETION", sent[0]?.data ?? Buffer.alloc(0)), {
      dbId: db.id,
      header: { rsn: 5, dmaster: 0, flags: 0 },
      key: Uint8Array.from(Buffer.from("key")),
    });
  });

  test("a record of another node is asked for until it is here", async () => {
    put("key", OTHER_NODE, "stale");
    let calls = 0;
    daemon.onCall = (connection, request) => {
      calls += 1;
      assert.deepEqual([request.callId, request.flags], [CallId.NULL, CallFlag.IMMEDIATE_MIGRATION]);
      // Asked away again before the client could lock it, twice.
      put("key", calls < 3 ? OTHER_NODE : 0, `after call ${calls}`);
      connection.replyCall(request);
    };
    assert.equal(String((await db.fetchLock("key")).value), "after call 3");
    assert.equal(calls, 3);
  });

  test("a record with read-only copies elsewhere is called for, so that the daemon takes them back", async () => {
    put("key", 0, "value", RecordFlag.RO_HAVE_DELEGATIONS);
    migrateOnCall("alone");
    assert.equal(String((await db.fetchLock("key")).value), "alone");
  });

  test("locks of one process on one key are granted first come first served", async () => {
    put("key", 0, "");
    const first = await db.fetchLock("key");
    const order: number[] = [];
    const others = [1, 2, 3].map((i) => db.fetchLock("key").then((record) => order.push(i) && record.release()));
    await settle();
    assert.deepEqual(order, []);
    assert.equal(db.tryFetchLockLocal("key"), undefined);
    assert.equal(
      db.withRecordSync("key", () => assert.fail("it must not run")),
      false,
    );
    first.release();
    await Promise.all(others);
    assert.deepEqual(order, [1, 2, 3]);
  });

  test("keys of one chain wait for each other, keys of other chains do not", async () => {
    const [one, two] = collidingKeys();
    put(one, 0, "1");
    put(two, 0, "2");
    const first = await db.fetchLock(one);
    let granted = false;
    const second = db.fetchLock(two).then((record) => {
      granted = true;
      return record;
    });
    let free = "b0";
    for (let i = 0; file.chainOf(Buffer.from(free)) === file.chainOf(Buffer.from(one)); i += 1) free = `b${i}`;
    put(free, 0, "3");
    (await db.fetchLock(free)).release();
    await settle();
    assert.equal(granted, false);
    first.release();
    assert.equal(String((await second).value), "2");
  });

  test("locks for a record that is on its way share one call", async () => {
    put("key", OTHER_NODE, "");
    const calls: ReqCallPacket[] = [];
    daemon.onCall = (_connection, request) => calls.push(request);
    const values: string[] = [];
    const locks = [1, 2, 3].map((i) =>
      db.withRecord("key", (record) => {
        values.push(`${i} sees ${record.value}`);
        record.store(Buffer.from(String(i)));
      }),
    );
    await settle();
    assert.equal(calls.length, 1);
    put("key", 0, "0");
    daemon.connection.replyCall(calls[0] ?? assert.fail("no call"));
    await Promise.all(locks);
    assert.deepEqual(values, ["1 sees 0", "2 sees 1", "3 sees 2"]);
    assert.equal(calls.length, 1);
  });

  test("when the first of them is aborted the next one calls", async () => {
    put("key", OTHER_NODE, "");
    const calls: ReqCallPacket[] = [];
    daemon.onCall = (_connection, request) => calls.push(request);
    const abort = new AbortController();
    const first = db.fetchLock("key", { signal: abort.signal });
    const second = db.fetchLock("key");
    await settle();
    abort.abort("no more");
    await assert.rejects(first, (reason) => reason === "no more");
    await settle();
    assert.equal(calls.length, 2);
    put("key", 0, "here");
    for (const call of calls) daemon.connection.replyCall(call);
    assert.equal(String((await second).value), "here");
  });

  test("a lock held elsewhere is tried in turns, then by timers, ever slower, and granted when it is free", async () => {
    put("key", 0, "value");
    lockedElsewhere = true;
    let granted = false;
    const lock = db.fetchLock("key").then((record) => {
      granted = true;
      return record;
    });
    assert.equal(lockTries, 1);
    time.turn();
    assert.equal(lockTries, 5);
    time.advance(10);
    assert.ok(lockTries >= 12 && lockTries <= 16, `${lockTries} tries`);
    time.advance(1000);
    lockTries = 0;
    time.advance(400);
    assert.ok(lockTries <= 100 * 128, `${lockTries} tries in 400 ms`);
    await settle();
    assert.equal(granted, false);
    lockedElsewhere = false;
    time.advance(4);
    (await lock).release();
  });

  test("a lock that does not come in time names what it waited for, and leaves nothing locked", async () => {
    put("key", 0, "value");
    lockedElsewhere = true;
    const waitingFor = async (promise: Promise<unknown>): Promise<string> => {
      const outcome = promise.then(
        () => "granted",
        (error) => (error instanceof RecordTimeoutError ? error.waitedFor : String(error)),
      );
      time.advance(100);
      return outcome;
    };
    const options = { timeoutMs: 100 };
    assert.equal(await waitingFor(db.fetchLock("key", options)), "the chain lock of another process");
    assert.equal(await waitingFor(db.read("key", options)), "the chain lock of another process");
    lockedElsewhere = false;
    const held = await db.fetchLock("key");
    assert.equal(await waitingFor(db.fetchLock("key", options)), "a record handle of this process");
    held.release();
    put("far", OTHER_NODE, "");
    assert.equal(await waitingFor(db.fetchLock("far", options)), "the record from another node");
    assert.equal(await waitingFor(db.read("far", options)), "the record from another node");
    assert.equal(client.outstanding, 0);
    time.advance(1000);
    const record = db.tryFetchLockLocal("key");
    assert.ok(record, "the chain is still locked");
    record.release();
  });

  test("an aborted wait leaves the queue to the others", async () => {
    put("key", 0, "value");
    const held = await db.fetchLock("key");
    const abort = new AbortController();
    const aborted = db.fetchLock("key", { signal: abort.signal });
    const patient = db.fetchLock("key");
    abort.abort("bye");
    await assert.rejects(aborted, (reason) => reason === "bye");
    held.release();
    (await patient).release();
    await assert.rejects(db.fetchLock("key", { signal: abort.signal }), (reason) => reason === "bye");
  });

  test("after many hand-overs inside the process the lock is left free for others for a moment", async () => {
    put("key", 0, "value");
    const held = await db.fetchLock("key");
    let done = 0;
    const locks = Array.from({ length: 40 }, () => db.withRecord("key", () => done++));
    held.release();
    await settle();
    assert.ok(done > 10 && done < 20, `${done} at once`);
    for (let i = 0; i < 10; i += 1) {
      time.advance(1);
      await settle();
    }
    await Promise.all(locks);
  });

  test("the synchronous path changes a record in place and says when it cannot", async () => {
    put("key", 0, "old");
    const ran = db.withRecordSync("key", (record) => {
      assert.equal(String(record.value), "old");
      assert.equal(record.rsn, 5);
      record.store(Buffer.from("new"));
    });
    assert.equal(ran, true);
    assert.equal(valueInFile("key"), "new");
    put("far", OTHER_NODE, "");
    assert.equal(
      db.withRecordSync("far", () => assert.fail("it must not run")),
      false,
    );
    let kept: { store(value: Uint8Array): void } | undefined;
    db.withRecordSync("key", (record) => {
      kept = record;
    });
    assert.throws(() => kept?.store(Buffer.from("late")), RecordReleasedError);
    assert.throws(() => db.withRecordSync("key", async () => {}), TypeError);
    assert.throws(() => db.withRecordSync("key", () => db.withRecordSync("other", () => {})), /must not be nested/);
    // All locks are back: the file says so itself.
    assert.equal(file.chainLockNonblock(Buffer.from("key")), true);
    file.chainUnlock(Buffer.from("key"));
    db.withRecordSync("key", (record) => record.delete());
    assert.equal(valueInFile("key"), "");
  });

  test("a lock that is asked for inside the synchronous path waits until that has ended", async () => {
    put("key", 0, "1");
    let inside = true;
    let lock: Promise<string> | undefined;
    db.withRecordSync("key", (record) => {
      lock = db.withRecord("key", (later) => `${inside} ${later.value}`);
      assert.deepEqual(db.tryRead("key"), { current: false, value: undefined });
      record.store(Buffer.from("2"));
    });
    inside = false;
    time.turn();
    assert.equal(await lock, "false 2");
  });

  test("reading asks the daemon only when the local copy is not current", async () => {
    put("mine", 0, "owned");
    put("copy", OTHER_NODE, "read-only copy", RecordFlag.RO_HAVE_READONLY);
    put("empty", 0, "");
    assert.equal(String(await db.read("mine")), "owned");
    assert.equal(String(await db.read("copy")), "read-only copy");
    assert.equal(await db.read("empty"), undefined);
    assert.equal(daemon.connection.calls.length, 0);
    put("stale", OTHER_NODE, "old");
    daemon.onCall = (connection, request) =>
      connection.replyCall(request, 0, String(request.key) === "missing" ? Buffer.alloc(0) : Buffer.from("fetched"));
    assert.equal(String(await db.read("stale")), "fetched");
    assert.equal(String(await db.read("unknown")), "fetched");
    assert.deepEqual(
      daemon.connection.calls.map((call) => [call.callId, call.flags]),
      [
        [CallId.FETCH, CallFlag.WANT_READONLY],
        [CallId.FETCH, 0],
      ],
    );
  });

  test("a call that fails, in either form, fails the operation", async () => {
    daemon.onCall = (connection, request) => connection.replyCall(request, 7);
    await assert.rejects(db.fetchLock("key"), (error) => error instanceof CallFailedError && error.status === 7);
    daemon.onCall = (connection, request) =>
      connection.send(
        encodePacket({
          type: "REPLY_ERROR",
          header: { generation: 0, destnode: 0, srcnode: 0, reqid: request.header.reqid },
          status: -1,
          message: "Unknown database in request",
        }),
      );
    await assert.rejects(db.read("key"), /Unknown database in request/);
  });

  test("two clients of one process share the file and exclude each other", async () => {
    const modules = { clock: time, timers: time, random: { uint32: () => 0 } };
    const other = await connect({ transport: daemon, modules, files });
    const sameFile = await other.attach(NAME);
    assert.equal(opens, 1);
    put("key", 0, "value");
    const held = await db.fetchLock("key");
    let granted = false;
    const waiting = sameFile.fetchLock("key").then((record) => {
      granted = true;
      return record;
    });
    await settle();
    assert.equal(granted, false);
    held.release();
    const record = await waiting;
    await db.close();
    record.store(Buffer.from("still open"));
    record.release();
    assert.equal(valueInFile("key"), "still open");
    await other.close();
    assert.throws(() => file.fetch(Buffer.from("key")), /closed/);
  });

  test("closing releases handles and fails what waits", async () => {
    put("key", 0, "value");
    const held = await db.fetchLock("key");
    const waiting = db.fetchLock("key");
    await Promise.all([assert.rejects(waiting, DatabaseClosedError), db.close()]);
    assert.equal(held.isLocked, false);
    assert.throws(() => held.store(Buffer.from("late")), RecordReleasedError);
    await assert.rejects(db.read("key"), DatabaseClosedError);
    assert.throws(() => db.withRecordSync("key", () => {}), DatabaseClosedError);
  });

  test("a lost connection closes the file, and after it operations wait for the new attach", async () => {
    put("key", 0, "value");
    const held = await db.fetchLock("key");
    const waiting = db.fetchLock("key");
    const answers: (() => void)[] = [];
    daemon.on("DB_OPEN_FLAGS", (connection, request) =>
      answers.push(() => connection.replyTo(request, "DB_OPEN_FLAGS", TdbFlag.INCOMPATIBLE_HASH)),
    );
    daemon.connection.end("gone");
    await assert.rejects(waiting, ConnectionLostError);
    assert.equal(held.isLocked, false);
    assert.equal(db.state, "reattaching");
    await assert.rejects(db.read("key"), ConnectionLostError);
    time.advance(10);
    await settle();
    assert.equal(client.state, "connected");
    assert.equal(db.state, "reattaching");
    const read = db.read("key");
    const late = db.fetchLock("key", { timeoutMs: 5 });
    time.advance(5);
    await assert.rejects(late, (error) => {
      return error instanceof RecordTimeoutError && error.waitedFor === "the database to be attached again";
    });
    for (const answer of answers) answer();
    assert.equal(String(await read), "value");
    assert.equal(db.state, "open");
    assert.equal(opens, 2);
    (await db.fetchLock("key")).release();
  });

  test("an attach that is refused after a reconnect is tried again", async () => {
    put("key", 0, "value");
    let refusals = 2;
    daemon.on("DB_ATTACH", (connection, request) => {
      refusals -= 1;
      if (refusals >= 0) connection.reply(request, -1);
      else connection.replyTo(request, "DB_ATTACH", databaseId(NAME));
    });
    daemon.connection.end("gone");
    time.advance(10);
    await settle();
    const value = db.read("key");
    assert.throws(() => db.tryRead("key"), /being attached again, the last try failed: control DB_ATTACH failed/);
    for (let i = 0; i < 2; i += 1) {
      time.advance(1000);
      await settle();
    }
    assert.equal(String(await value), "value");
  });

  test("whatever is aborted, timed out or migrates away, no lock stays behind and no two handles overlap", async (t) => {
    const seed = Number(process.env["CTDB_TEST_SEED"] ?? Date.now() % 1_000_000);
    t.diagnostic(`CTDB_TEST_SEED=${seed}`);
    let state = seed + 1;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 0x1_0000_0000) * below);
    };
    const keys = Array.from({ length: 12 }, (_, i) => `k${i}`);
    for (const key of keys) put(key, random(2), "x");
    const calls: ReqCallPacket[] = [];
    daemon.onCall = (_connection, request) => calls.push(request);
    const held = new Set<string>();
    const outcomes = { granted: 0, aborted: 0, timedOut: 0, refused: 0 };
    let open = 0;
    const start = (): void => {
      open += 1;
      const key = keys[random(keys.length)] ?? "k0";
      const chain = String(file.chainOf(Buffer.from(key)));
      const abort = new AbortController();
      const options = { timeoutMs: 1 + random(60), signal: abort.signal };
      if (random(3) === 0) time.after(random(30), () => abort.abort("aborted"));
      const take = async (): Promise<void> => {
        if (random(4) === 0) {
          await db.read(key, options);
          return;
        }
        const record = await db.fetchLock(key, options);
        assert.ok(!held.has(chain), `two handles on chain ${chain}`);
        held.add(chain);
        await new Promise<void>((resolve) => time.after(random(4), resolve));
        if (random(2) === 0) record.store(Buffer.from(`value ${random(1000)}`));
        held.delete(chain);
        record.release();
      };
      take().then(
        () => {
          outcomes.granted += 1;
          open -= 1;
        },
        (error) => {
          open -= 1;
          if (error === "aborted") outcomes.aborted += 1;
          else if (error instanceof RecordTimeoutError) outcomes.timedOut += 1;
          else if (error instanceof CallFailedError) outcomes.refused += 1;
          else throw error;
        },
      );
    };
    for (let step = 0; step < 1500; step += 1) {
      if (step < 1200 && open < 60) for (let i = random(4); i > 0; i -= 1) start();
      if (random(10) === 0) lockedElsewhere = !lockedElsewhere && step < 1200;
      while (calls.length > 0 && random(3) > 0) {
        const [call] = calls.splice(random(calls.length), 1);
        if (call === undefined) break;
        const key = Buffer.from(call.key).toString();
        // Sometimes the record is asked away again at once, sometimes the call fails.
        if (random(20) === 0) daemon.connection.replyCall(call, 1);
        else {
          if (!held.has(String(file.chainOf(call.key))) && !lockedElsewhere) put(key, random(4) === 0 ? 1 : 0, "moved");
          daemon.connection.replyCall(call, 0, Buffer.from("data"));
        }
      }
      if (random(5) === 0) {
        const key = keys[random(keys.length)] ?? "k0";
        if (!held.has(String(file.chainOf(Buffer.from(key))))) put(key, 1, "taken away");
      }
      time.advance(1);
      await settle();
    }
    lockedElsewhere = false;
    time.advance(1000);
    await settle();
    t.diagnostic(JSON.stringify(outcomes));
    assert.equal(open, 0);
    assert.ok(outcomes.granted > 100 && outcomes.aborted > 20 && outcomes.timedOut > 20 && outcomes.refused > 0);
    for (const key of keys) {
      put(key, 0, "free");
      assert.ok(
        db.withRecordSync(key, () => {}),
        `${key} is still locked`,
      );
    }
    assert.equal(client.outstanding, 0);
  });

  test("types: replicated and persistent databases refuse record locks but can be read", async () => {
    await db.close();
    daemon.offerDatabase("r.tdb", 77, path, 8);
    const replicated = await client.attach("r.tdb", { type: "replicated" });
    assert.equal(replicated.type, "replicated");
    put("key", OTHER_NODE, "everywhere");
    assert.equal(String(await replicated.read("key")), "everywhere");
    assert.equal(await replicated.read("missing"), undefined);
    await assert.rejects(replicated.fetchLock("key"), DatabaseTypeError);
    await assert.rejects(client.attach("r.tdb", { type: "replicated", readonly: true }), DatabaseTypeError);
  });

  test("a stored record whose rsn nobody can count to fails the read of a transaction, and leaves the chain free", async () => {
    await db.close();
    daemon.offerDatabase("r.tdb", 77, path, 8);
    const replicated = await client.attach("r.tdb", { type: "replicated" });
    put("key", OTHER_NODE, "value");
    const broken = Buffer.from(file.fetch(Buffer.from("key")) ?? []);
    broken.fill(0xff, 0, 8);
    file.store(Buffer.from("key"), broken);
    await assert.rejects(replicated.readStored(Buffer.from("key"), {}), ProtocolError);
    assert.equal(replicated.shared.isIdle(Buffer.from("key")), true);
    assert.equal(String(await replicated.read("key")), "value");
  });

  test("an unhealthy database and one without its file are refused with the reason", async () => {
    daemon.on("DB_GET_HEALTH", (connection, request) => connection.replyTo(request, "DB_GET_HEALTH", "broken disk"));
    await assert.rejects(client.attach(NAME), /unhealthy: broken disk/);
    daemon.on("DB_GET_HEALTH", (connection, request) => connection.reply(request, 0));
    const bare = await client.attach(NAME, { openFile: false });
    await assert.rejects(bare.fetchLock("key"), DatabaseFileError);
    daemon.on("GETDBPATH", (connection, request) => connection.replyTo(request, "GETDBPATH", `${path}.missing`));
    await assert.rejects(
      client.attach(NAME),
      (error) => error instanceof DatabaseFileError && error.cause !== undefined,
    );
  });

  test("a local traverse gives the records that this node owns, or all that are in the file", async () => {
    for (let i = 0; i < 600; i += 1) put(`mine ${i}`, 0, `value ${i}`);
    put("other", OTHER_NODE, "stale");
    put("empty", 0, "");
    const collect = async (records: "owned" | "all"): Promise<string[]> => {
      const keys: string[] = [];
      const traverse = (async () => {
        for await (const record of db.traverseLocal({ records })) keys.push(String(record.key));
      })();
      for (let i = 0; i < 10; i += 1) {
        await settle();
        time.turn();
      }
      await traverse;
      return keys;
    };
    assert.equal((await collect("owned")).length, 600);
    assert.equal((await collect("all")).length, 602);
  });
});
