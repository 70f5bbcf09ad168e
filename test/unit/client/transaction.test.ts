// Transactions of the client library: real TDB files, a daemon in memory that does with a commit what each test says.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import {
  type Client,
  ConnectionLostError,
  connect,
  type Database,
  GLockTimeoutError,
  NodeFlag,
  TransactionConflictError,
  TransactionTimeoutError,
  TransactionUnknownOutcomeError,
} from "../../../src/client/index.js";
import {
  databaseId,
  decodeControlRequest,
  type ReqControlPacket,
  SambaGLock,
  TdbFlag,
  ToolGLock,
  writeRecordHeader,
} from "../../../src/protocol/index.js";
import { libtdbOpener } from "../../../src/tdb/libtdb.js";
import type { TdbFile, TdbOpener } from "../../../src/tdb/tdb-file.js";
import { FakeTime } from "../fake-time.js";
import { type ScriptedConnection, ScriptedDaemon } from "./scripted-daemon.js";

const G = "g_lock.tdb";
const P = "p.tdb";
const FLAGS = TdbFlag.INCOMPATIBLE_HASH | TdbFlag.NOSYNC;
const PERSISTENT = 1;
const SEQUENCE_NUMBER_KEY = Buffer.from("__db_sequence_number__\0");
const COMMIT_ENDED_BY_RECOVERY = 2;
const LIMIT_MS = 60_000;

/** What the cluster does with a commit. */
type Fate = (connection: ScriptedConnection, request: ReqControlPacket) => void;

describe("transactions", () => {
  let directory: string;
  let counter = 0;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "ctdb-transactions-"));
  });
  after(() => rmSync(directory, { recursive: true }));

  let daemon: ScriptedDaemon;
  let time: FakeTime;
  let client: Client;
  let db: Database;
  const files = new Map<string, TdbFile>();
  /** One for each commit; the last one for all that follow. */
  let fates: Fate[];
  let commits: number;
  /** Sequence number of the other node; undefined: the same as here. */
  let elsewhere: number | undefined;
  let flags: number[];
  let recoveryMode: number;

  function fileOf(name: string): TdbFile {
    const file = files.get(name);
    assert.ok(file);
    return file;
  }
  function put(key: string | Buffer, rsn: number, value: Uint8Array): void {
    const stored = Buffer.concat([Buffer.alloc(24), value]);
    writeRecordHeader(stored, 0, rsn, 0, 0);
    fileOf(P).store(Buffer.from(key), stored);
  }
  function setNumber(number: number): void {
    const value = Buffer.alloc(8);
    value.writeBigUInt64LE(BigInt(number));
    put(SEQUENCE_NUMBER_KEY, number, value);
  }
  function numberHere(): number {
    const stored = fileOf(P).fetch(SEQUENCE_NUMBER_KEY);
    return stored === undefined ? 0 : Number(stored.readBigUInt64LE(24));
  }
  const textIn = (key: string): string | undefined => fileOf(P).fetch(Buffer.from(key))?.subarray(24).toString();
  const lockName = (): string => `transaction_db_0x${databaseId(P).toString(16).padStart(8, "0")}`;

  /** Stores what is committed, as a daemon does on each node. */
  function store(request: ReqControlPacket): void {
    const { records } = decodeControlRequest("TRANS3_COMMIT", request.data);
    for (const { key, data } of records) fileOf(P).store(key, data);
  }
  const acknowledge: Fate = (connection, request) => {
    store(request);
    connection.reply(request, 0);
  };
  const endUnstored: Fate = (connection, request) => connection.reply(request, COMMIT_ENDED_BY_RECOVERY);
  const endStored: Fate = (connection, request) => {
    store(request);
    connection.reply(request, COMMIT_ENDED_BY_RECOVERY);
  };
  const refuse: Fate = (connection, request) => connection.reply(request, -1, undefined, "recovery is active");

  beforeEach(async () => {
    counter += 1;
    files.clear();
    fates = [acknowledge];
    commits = 0;
    elsewhere = undefined;
    flags = [0, 0];
    recoveryMode = 0;
    const paths = new Map([G, P].map((name) => [databaseId(name), join(directory, `${name}.${counter}`)]));
    for (const path of paths.values()) libtdbOpener.open({ path, flags: FLAGS, hashSize: 7 }).close();
    const opener: TdbOpener = {
      open(options) {
        const file = libtdbOpener.open(options);
        files.set(options.path.includes(P) ? P : G, file);
        return file;
      },
      robustMutexesWork: () => libtdbOpener.robustMutexesWork(),
    };
    daemon = new ScriptedDaemon();
    daemon.on("DB_ATTACH", (connection, request) => connection.replyTo(request, "DB_ATTACH", databaseId(G)));
    daemon.on("DB_ATTACH_PERSISTENT", (connection, request) =>
      connection.replyTo(request, "DB_ATTACH_PERSISTENT", databaseId(P)),
    );
    daemon.on("GETDBPATH", (connection, request) =>
      connection.replyTo(request, "GETDBPATH", paths.get(decodeControlRequest("GETDBPATH", request.data)) ?? ""),
    );
    daemon.on("DB_GET_HEALTH", (connection, request) => connection.reply(request, 0));
    daemon.on("GET_DBMAP", (connection, request) =>
      connection.replyTo(request, "GET_DBMAP", {
        dbs: [
          { dbId: databaseId(G), flags: 0 },
          { dbId: databaseId(P), flags: PERSISTENT },
        ],
      }),
    );
    daemon.on("DB_OPEN_FLAGS", (connection, request) => connection.replyTo(request, "DB_OPEN_FLAGS", FLAGS));
    daemon.on("GET_RECMODE", (connection, request) => connection.reply(request, recoveryMode));
    daemon.on("GET_NODEMAP", (connection, request) =>
      connection.replyTo(request, "GET_NODEMAP", {
        nodes: flags.map((nodeFlags, pnn) => ({
          pnn,
          flags: nodeFlags,
          addr: { family: 4 as const, address: `127.0.0.${pnn + 1}`, port: 0 },
        })),
      }),
    );
    daemon.on("GET_DB_SEQNUM", (connection, request) =>
      connection.replyTo(
        request,
        "GET_DB_SEQNUM",
        request.header.destnode === 1 ? (elsewhere ?? numberHere()) : numberHere(),
      ),
    );
    daemon.on("PROCESS_EXISTS", (connection, request) => connection.reply(request, 0));
    daemon.on("CHECK_PID_SRVID", (connection, request) => connection.reply(request, -1));
    daemon.on("TRANS3_COMMIT", (connection, request) => {
      const fate = fates[Math.min(commits, fates.length - 1)];
      commits += 1;
      fate?.(connection, request);
    });
    daemon.onCall = (connection, request) => {
      const stored = Buffer.alloc(24);
      writeRecordHeader(stored, 0, 1, 0, 0);
      fileOf(G).store(request.key, stored);
      connection.replyCall(request);
    };
    time = new FakeTime();
    let chance = 0;
    const modules = { clock: time, timers: time, random: { uint32: () => chance++ } };
    client = await connect({ transport: daemon, modules, files: opener, reconnect: { initialDelayMs: 1 } });
    db = await client.attach(P, { type: "persistent" });
    setNumber(10);
    put("a", 4, Buffer.from("old"));
  });
  afterEach(() => client.close());

  /** Lets time pass until there is a result. */
  async function inTime<T>(result: Promise<T>): Promise<T> {
    let settled = false;
    const settle = (): void => {
      settled = true;
    };
    result.then(settle, settle);
    await time.until(() => settled, LIMIT_MS, "a result");
    return result;
  }
  const change = (options = {}): Promise<void> => inTime(db.transaction((tx) => tx.store("a", "new"), options));
  /** Whatever the outcome is, the lock is free afterwards. */
  async function checkReleased(): Promise<void> {
    assert.deepEqual(await inTime(client.gLockHolders(lockName())), []);
  }

  test("one commit has the changed records and the raised sequence number", async () => {
    fates = [
      (connection, request) => {
        const { dbId, records } = decodeControlRequest("TRANS3_COMMIT", request.data);
        assert.equal(dbId, databaseId(P));
        assert.deepEqual(
          records.map(({ key, data }) => [Buffer.from(key).toString(), Buffer.from(data).readBigUInt64LE(0)]),
          [
            ["a", 5n],
            [SEQUENCE_NUMBER_KEY.toString(), 11n],
          ],
        );
        acknowledge(connection, request);
      },
    ];
    await change();
    assert.deepEqual([textIn("a"), numberHere(), commits], ["new", 11, 1]);
    await checkReleased();
  });

  test("a commit that a recovery has ended is not sent again when it is stored", async () => {
    fates = [endStored];
    await change();
    assert.equal(commits, 1);
    await checkReleased();
  });

  test("a commit that a recovery has undone is sent again as it was", async () => {
    fates = [endUnstored, refuse, acknowledge];
    let runs = 0;
    await inTime(
      db.transaction((tx) => {
        runs += 1;
        tx.store("a", "new");
      }),
    );
    assert.deepEqual([commits, runs, textIn("a"), numberHere()], [3, 1, "new", 11]);
  });

  test("nothing is judged before all active nodes have the same, and no recovery runs", async () => {
    elsewhere = 11;
    recoveryMode = 1;
    fates = [
      (connection, request) => {
        time.after(30, () => {
          recoveryMode = 0;
        });
        time.after(60, () => store(request));
        connection.reply(request, 1, undefined, "timeout");
      },
    ];
    await change();
    assert.deepEqual([commits, numberHere()], [1, 11]);
  });

  test("a commit of another that came first is told from one's own, and the function runs again", async () => {
    fates = [
      (connection, request) => {
        put("a", 5, Buffer.from("another"));
        setNumber(11);
        connection.reply(request, COMMIT_ENDED_BY_RECOVERY);
      },
      acknowledge,
    ];
    const seen: string[] = [];
    await inTime(
      db.transaction(async (tx) => {
        seen.push(String(await tx.fetch("a")));
        tx.store("a", "new");
      }),
    );
    assert.deepEqual(seen, ["old", "another"]);
    assert.deepEqual([textIn("a"), numberHere()], ["new", 12]);
  });

  test("what has changed since the transaction began is not overwritten", async () => {
    let runs = 0;
    const always = db.transaction(
      (tx) => {
        runs += 1;
        tx.store("a", "new");
        setNumber(10 + runs);
      },
      { attempts: 3 },
    );
    await assert.rejects(inTime(always), (error) => error instanceof TransactionConflictError && error.attempts === 3);
    assert.deepEqual([runs, commits], [3, 0]);
    await checkReleased();
  });

  test("a commit that is refused all the time is not stored; one that was ever taken is in doubt", async () => {
    fates = [refuse];
    await assert.rejects(change({ timeoutMs: 200 }), TransactionTimeoutError);
    await checkReleased();
    assert.ok(commits > 1);
    commits = 0;
    fates = [endUnstored, refuse];
    await assert.rejects(change({ timeoutMs: 200 }), TransactionUnknownOutcomeError);
    await checkReleased();
  });

  test("the connection is lost before the commit: nothing was sent", async () => {
    const lost = db.transaction(async (tx) => {
      tx.store("a", "new");
      daemon.connection.end();
    });
    await assert.rejects(inTime(lost), ConnectionLostError);
    assert.equal(commits, 0);
  });

  test("the connection is lost with the commit: what came of it is found out over the next one", async () => {
    fates = [(connection) => connection.end(), acknowledge];
    await change();
    assert.deepEqual([commits, textIn("a"), numberHere()], [2, "new", 11]);

    commits = 0;
    fates = [
      (connection, request) => {
        store(request);
        connection.end();
      },
    ];
    // Somebody else may have written the very same.
    const twice = db.transaction((tx) => tx.store("a", "newer"));
    await assert.rejects(inTime(twice), TransactionUnknownOutcomeError);
    assert.deepEqual([textIn("a"), numberHere()], ["newer", 12]);
  });

  test("records that others change while they are read are not taken for what was settled", async () => {
    fates = [
      (connection, request) => {
        store(request);
        connection.end();
      },
    ];
    daemon.on("GET_DB_SEQNUM", (connection, request) => {
      connection.replyTo(request, "GET_DB_SEQNUM", numberHere());
      if (request.header.destnode !== 1 || numberHere() !== 11) return;
      put("a", 6, Buffer.from("another"));
      setNumber(12);
    });
    await assert.rejects(change(), TransactionUnknownOutcomeError);
    assert.equal(commits, 1);
  });

  test("a node that is away may bring the commit back: without the lock nothing is said until it is there", async () => {
    flags = [0, NodeFlag.DISCONNECTED];
    fates = [
      (connection, request) => {
        connection.end();
        time.after(100, () => {
          flags = [0, 0];
          store(request);
        });
      },
    ];
    await assert.rejects(change(), TransactionUnknownOutcomeError);
    assert.deepEqual([commits, numberHere()], [1, 11]);
    commits = 0;
    fates = [(connection) => connection.end()];
    flags = [0, NodeFlag.DISCONNECTED];
    const never = db.transaction((tx) => tx.store("a", "newer"), { timeoutMs: 200 });
    await assert.rejects(inTime(never), TransactionUnknownOutcomeError);
  });

  test("who gives up while the lock's record is away is told who had the lock when it was last here", async () => {
    const server = { pid: 77n, taskId: 0, vnn: 1, uniqueId: 5n };
    await inTime(client.gLockHolders(lockName()));
    const storeLock = (dmaster: number): void => {
      const stored = Buffer.concat([Buffer.alloc(24), ToolGLock.encode({ type: 1, server })]);
      writeRecordHeader(stored, 0, 1, dmaster, 0);
      fileOf(G).store(Buffer.from(`${lockName()}\0`), stored);
    };
    storeLock(0);
    daemon.onCall = () => {};
    daemon.on("CHECK_PID_SRVID", (connection, request) => {
      // It moves on, and nobody brings it back.
      storeLock(1);
      connection.reply(request, 0);
    });
    await assert.rejects(
      inTime(db.readTransaction(() => {}, { timeoutMs: 200 })),
      (error) => error instanceof GLockTimeoutError && error.holders[0]?.pid === 77n,
    );
  });

  test("the lock of a process that is gone is taken, of one that lives is waited for, in both formats", async () => {
    const server = { pid: 77n, taskId: 0, vnn: 1, uniqueId: 5n };
    const state = {
      exclusive: server,
      uniqueLockEpoch: 1n,
      uniqueDataEpoch: 0n,
      shared: [],
      userData: new Uint8Array(0),
    };
    await inTime(client.gLockHolders(lockName()));
    const reason = new Error("not now");
    await assert.rejects(client.gLockHolders(lockName(), { signal: AbortSignal.abort(reason) }), reason);
    for (const value of [SambaGLock.encode({ watchers: [], state }), ToolGLock.encode({ type: 1, server })]) {
      const stored = Buffer.concat([Buffer.alloc(24), value]);
      writeRecordHeader(stored, 0, 1, 0, 0);
      fileOf(G).store(Buffer.from(`${lockName()}\0`), stored);
      daemon.on("CHECK_PID_SRVID", (connection, request) => {
        assert.deepEqual(decodeControlRequest("CHECK_PID_SRVID", request.data), { pid: 77, srvid: 5n });
        assert.equal(request.header.destnode, 1);
        connection.reply(request, 0);
      });
      await assert.rejects(
        inTime(db.readTransaction(() => {}, { timeoutMs: 50 })),
        (error) => error instanceof GLockTimeoutError && error.holders[0]?.pid === 77n,
      );
      daemon.on("CHECK_PID_SRVID", (connection, request) => connection.reply(request, -1));
      await inTime(db.readTransaction(async (view) => assert.equal(String(await view.fetch("a")), "old")));
      await checkReleased();
    }
  });
});
