// A node's side of a recovery: freeze, thaw, transaction, wipe, pull and push of one database.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { Database } from "../../../src/databases/database.js";
import { FORGOTTEN_FREEZE_MS } from "../../../src/databases/recovery-controls.js";
import {
  RecBufferReader,
  RecBufferWriter,
  RecordFlag,
  recordHeaderDmaster,
  recordHeaderFlags,
  recordHeaderRsn,
} from "../../../src/protocol/index.js";
import { DatabaseRig } from "./database-rig.js";

const SRVID = 0xf123_0000_0000_0001n;
const { MIGRATED_WITH_DATA, RO_HAVE_DELEGATIONS, RO_HAVE_READONLY } = RecordFlag;

describe("Recovery controls", () => {
  let rig: DatabaseRig;
  let database: Database;
  let id: number;

  beforeEach(() => {
    rig = new DatabaseRig();
    database = rig.attach("a.tdb");
    id = database.id;
  });

  const freeze = (): void => assert.equal(rig.ask("DB_FREEZE", id), "0");
  const begin = (tid = 8): void => {
    rig.state.generation = tid;
    freeze();
    assert.equal(rig.ask("DB_TRANSACTION_START", { dbId: id, tid }), "0");
  };

  /** "rsn/dmaster/flags text" of a record. */
  function stored(key: string): string | undefined {
    const value = database.file.fetch(Buffer.from(key));
    if (value === undefined) return undefined;
    const flags = recordHeaderFlags(value, 0).toString(16);
    return `${recordHeaderRsn(value, 0)}/${recordHeaderDmaster(value, 0)}/${flags} ${value.subarray(24).toString()}`;
  }

  /** A marshall buffer of {key, rsn, dmaster, flags, text}. */
  function buffer(...records: ReadonlyArray<readonly [string, number, number, number, string]>): Uint8Array {
    const writer = new RecBufferWriter(0xbad);
    for (const [key, rsn, dmaster, flags, text] of records) {
      writer.addWithHeader(0, Buffer.from(key), rsn, dmaster, flags, Buffer.from(text));
    }
    return Buffer.from(writer.bytes());
  }

  describe("freeze and thaw", () => {
    it("freeze answers all who ask once the lock is there, and at once when it is there already", () => {
      const answers = [rig.send("DB_FREEZE", id), rig.send("DB_FREEZE", id)];
      assert.deepEqual(
        answers.map(({ text }) => text),
        ["pending", "pending"],
      );
      rig.time.turn();
      assert.deepEqual(
        answers.map(({ text }) => text),
        ["0", "0"],
      );
      assert.equal(rig.send("DB_FREEZE", id).text, "0");
      assert.deepEqual(rig.events, ["freezes a.tdb", "frozen a.tdb"]);
      assert.equal(database.tryLock(Buffer.from("k")), false);
    });

    it("freeze waits for processes that hold a record, and their owner is served after the thaw", () => {
      const smbd = rig.process(99, "smbd").open({ path: database.path, flags: database.openFlags });
      smbd.chainLock(Buffer.from("k"));
      const answer = rig.send("DB_FREEZE", id);
      rig.time.advance(60_000);
      assert.equal(answer.text, "pending");
      assert.equal(rig.ask("DB_THAW", id), "0");
      assert.equal(answer.text, "-1");
      assert.equal(database.freeze, "none");
    });

    it("are refused for unknown databases; a thaw of what is not frozen still sends calls again", () => {
      assert.deepEqual([rig.ask("DB_FREEZE", 1), rig.ask("DB_THAW", 1)], ["-1", "-1"]);
      assert.equal(rig.ask("DB_THAW", id), "0");
      assert.deepEqual(rig.events, ["thawed a.tdb"]);
    });

    it("thaw in the middle of a recovery brings the old content back", () => {
      rig.put(database, "k", 3, 1, 0, "old");
      begin();
      assert.equal(rig.ask("WIPE_DATABASE", { dbId: id, tid: 8 }), "0");
      assert.equal(rig.ask("DB_THAW", id), "0");
      assert.equal(stored("k"), "3/1/0 old");
      assert.deepEqual([database.generation, rig.events.at(-1)], [7, "thawed a.tdb"]);
    });

    it("and commit are refused on a node that was stopped meanwhile: what it has is not used again", () => {
      begin(8);
      rig.state.isInactive = true;
      assert.equal(rig.ask("DB_TRANSACTION_COMMIT", { dbId: id, tid: 8 }), "-1 this node is stopped or banned");
      assert.equal(rig.ask("DB_THAW", id), "-1 this node is stopped or banned");
      assert.deepEqual([database.generation, database.freeze], [7, "frozen"]);
    });

    it("a database that stays frozen in normal operation, with nobody who works on it, makes for a recovery", () => {
      freeze();
      rig.time.advance(FORGOTTEN_FREEZE_MS - 1);
      rig.ask("DB_THAW", id);
      freeze();
      rig.time.advance(FORGOTTEN_FREEZE_MS - 1);
      assert.deepEqual(rig.recoveries, []);
      rig.time.advance(1);
      assert.deepEqual(rig.recoveries, ["a.tdb stays frozen"]);
    });

    it("one that is frozen by a recovery, or is being rewritten, does not", () => {
      begin(rig.state.generation);
      rig.time.advance(10 * FORGOTTEN_FREEZE_MS);
      rig.ask("DB_THAW", id);
      rig.state.isRecovering = true;
      freeze();
      rig.time.advance(10 * FORGOTTEN_FREEZE_MS);
      assert.deepEqual(rig.recoveries, []);
    });

    it("a freeze whose lock is lost ends, and asks for a recovery", () => {
      const smbd = rig.process(99, "smbd").open({ path: database.path, flags: database.openFlags });
      smbd.chainLock(Buffer.from("k"));
      const answer = rig.send("DB_FREEZE", id);
      rig.time.advance(100);
      smbd.chainUnlock(Buffer.from("k"));
      rig.helper.holder?.onHeld();
      assert.equal(answer.text, "0");
      rig.state.generation = 8;
      assert.equal(rig.ask("DB_TRANSACTION_START", { dbId: id, tid: 8 }), "0");
      rig.helper.holder?.onLost("killed");
      assert.equal(database.freeze, "none");
      assert.equal(database.transactionId, undefined);
      assert.deepEqual(rig.events.slice(-2), ["thawed a.tdb", "lost a.tdb"]);
    });

    it("FREEZE of the whole node takes what was attached since, and makes volatile records invalid", () => {
      const persistent = rig.attach("p.tdb", "DB_ATTACH_PERSISTENT");
      assert.equal(rig.ask("FREEZE", undefined), "0");
      assert.equal(rig.databases.allFrozen, true);
      const later = rig.attach("b.tdb");
      assert.equal(rig.databases.allFrozen, false);
      assert.equal(rig.ask("FREEZE", undefined), "0");
      assert.equal(rig.databases.allFrozen, true);
      assert.deepEqual(
        [database, later, persistent].map(({ invalidRecords }) => invalidRecords),
        [true, true, false],
      );
      rig.databases.thawAll();
      assert.deepEqual([database.invalidRecords, database.freeze, later.freeze], [false, "none", "none"]);
    });
  });

  describe("the transaction", () => {
    it("needs a frozen database", () => {
      const transaction = { dbId: id, tid: 8 };
      assert.equal(rig.ask("DB_TRANSACTION_START", transaction), "-1");
      assert.equal(rig.ask("DB_TRANSACTION_COMMIT", transaction), "-1");
      assert.equal(rig.ask("WIPE_DATABASE", transaction), "-1");
      assert.equal(rig.ask("DB_PULL", { dbId: id, lmaster: 0, srvid: SRVID }), "-1");
      assert.equal(rig.ask("DB_PUSH_START", { dbId: id, lmaster: 0, srvid: SRVID }), "-1");
      assert.equal(rig.ask("DB_PUSH_CONFIRM", id), "-1");
      assert.equal(rig.ask("DB_TRANSACTION_CANCEL", id), "0");
    });

    it("needs its id, which becomes the generation with the commit; the database stays frozen", () => {
      begin(8);
      assert.equal(rig.ask("WIPE_DATABASE", { dbId: id, tid: 9 }), "-1");
      assert.equal(rig.ask("DB_TRANSACTION_COMMIT", { dbId: id, tid: 9 }), "-1");
      assert.equal(rig.ask("DB_TRANSACTION_COMMIT", { dbId: id, tid: 8 }), "0");
      assert.equal(rig.ask("DB_TRANSACTION_COMMIT", { dbId: id, tid: 8 }), "-1");
      assert.deepEqual([database.generation, database.freeze], [8, "frozen"]);
      assert.ok(rig.events.includes("recovered a.tdb"));
      rig.ask("DB_THAW", id);
      assert.equal(rig.events.at(-1), "thawed a.tdb, rewritten");
    });

    it("is refused to a leader whose map another one has replaced; what he froze after the end of the recovery is thawed", () => {
      rig.put(database, "k", 3, 1, 0, "data");
      rig.state.generation = 9;
      freeze();
      assert.match(rig.ask("DB_TRANSACTION_START", { dbId: id, tid: 8 }), /^-1 .*generation 8/);
      assert.deepEqual([database.freeze, database.transactionId, stored("k")], ["none", undefined, "3/1/0 data"]);
      rig.state.isRecovering = true;
      freeze();
      assert.match(rig.ask("DB_TRANSACTION_START", { dbId: id, tid: 8 }), /^-1 .*generation 8/);
      assert.equal(database.freeze, "frozen");
    });

    it("is what gives keys to the lmasters of the new map: until then they belong to those of the old one", () => {
      const key = Buffer.from("k");
      const before = database.lmasterOf(key);
      const other = rig.lmasters.find((pnn) => pnn !== before) ?? 0;
      rig.lmasters = [other];
      begin(8);
      assert.equal(database.lmasterOf(key), before);
      assert.equal(rig.ask("DB_TRANSACTION_COMMIT", { dbId: id, tid: 8 }), "0");
      assert.equal(database.lmasterOf(key), other);
    });

    it("keeps calls waiting: what they want is not what it holds, and may be wiped", () => {
      rig.put(database, "k", 3, 0, 0, "old");
      const granted: string[] = [];
      begin(8);
      const key = Buffer.from("k");
      assert.equal(database.tryLock(key), false);
      database.whenLocked(key, () => granted.push(stored("k") ?? "nothing"));
      rig.ask("WIPE_DATABASE", { dbId: id, tid: 8 });
      rig.ask("DB_TRANSACTION_COMMIT", { dbId: id, tid: 8 });
      rig.time.advance(60_000);
      assert.deepEqual(granted, []);
      rig.ask("DB_THAW", id);
      rig.time.advance(1000);
      assert.deepEqual(granted, ["nothing"]);
    });

    it("that is started again begins anew", () => {
      rig.put(database, "k", 3, 1, 0, "old");
      begin(8);
      rig.ask("WIPE_DATABASE", { dbId: id, tid: 8 });
      begin(9);
      assert.equal(stored("k"), "3/1/0 old");
      assert.equal(rig.ask("DB_TRANSACTION_CANCEL", id), "0");
      assert.equal(rig.ask("DB_TRANSACTION_COMMIT", { dbId: id, tid: 9 }), "-1");
    });

    it("wipes records, and what was to be deleted of them", () => {
      rig.put(database, "k", 3, 1, 0, "old");
      database.deletions.schedule(Buffer.from("k"), 3, 0, 0);
      begin();
      assert.equal(rig.ask("WIPE_DATABASE", { dbId: id, tid: 8 }), "0");
      assert.deepEqual([stored("k"), database.deletions.size], [undefined, 0]);
    });
  });

  describe("pull", () => {
    function pull(): { readonly count: number; readonly keys: string[]; readonly messages: number } {
      rig.sent.length = 0;
      const answer = rig.reply("DB_PULL", { dbId: id, lmaster: 0, srvid: SRVID }, { srcnode: 2 });
      const keys: string[] = [];
      for (const { destnode, srvid, data } of rig.sent) {
        assert.deepEqual([destnode, srvid], [2, SRVID]);
        const reader = new RecBufferReader(data);
        while (reader.next()) keys.push(`${reader.key.toString()} ${reader.rsn}`);
      }
      return { count: answer, keys: keys.sort(), messages: rig.sent.length };
    }

    it("sends all records with their headers, also empty ones and read-only copies, and their number at the end", () => {
      rig.put(database, "a", 3, 1, 0, "data");
      rig.put(database, "b", 4, 0, 0, "");
      rig.put(database, "c", 5, 1, RO_HAVE_READONLY, "copy");
      freeze();
      assert.deepEqual(pull(), { count: 3, keys: ["a 3", "b 4", "c 5"], messages: 1 });
    });

    it("sends nothing of an empty database, and nothing of one whose records are invalid", () => {
      freeze();
      assert.deepEqual(pull(), { count: 0, keys: [], messages: 0 });
      rig.put(database, "a", 3, 1, 0, "data");
      rig.ask("FREEZE", undefined);
      assert.deepEqual(pull(), { count: 0, keys: [], messages: 0 });
    });

    it("begins a new message when one has reached RecBufferSizeLimit", () => {
      for (let i = 0; i < 10; i++) rig.put(database, `key${i}`, i, 0, 0, "x".repeat(100));
      rig.recBufferSizeLimit = 300;
      freeze();
      assert.deepEqual([pull().count, pull().messages], [10, 4]);
    });

    /** A pull of 200 records whose receiver is behind: it is under way when this returns. */
    const slowPull = (prepare: () => void) => {
      for (let i = 0; i < 200; i++) rig.put(database, `key${i}`, i, 0, 0, "x".repeat(100));
      prepare();
      rig.clockStepMs = 3;
      rig.congested = true;
      return rig.send("DB_PULL", { dbId: id, lmaster: 0, srvid: SRVID });
    };

    it("waits while its receiver is behind", () => {
      rig.recBufferSizeLimit = 300;
      const answer = slowPull(freeze);
      rig.time.turn();
      assert.equal(answer.text, "pending");
      const before = rig.sent.length;
      rig.time.advance(1000);
      assert.equal(rig.sent.length, before);
      while (answer.text === "pending") {
        rig.drain();
        rig.time.turn();
      }
      assert.equal(answer.text, "0");
    });

    it("ends with a failure when the database is thawed meanwhile", () => {
      const answer = slowPull(freeze);
      rig.ask("DB_THAW", id);
      rig.drain();
      rig.time.turn();
      assert.equal(answer.text, "-1");
    });

    it("fails, and the daemon goes on, when another leader replaces the content meanwhile", () => {
      const pulled = slowPull(freeze);
      const committed = rig.send("DB_PULL", { dbId: id, lmaster: 0, srvid: SRVID });
      begin();
      assert.equal(rig.ask("WIPE_DATABASE", { dbId: id, tid: 8 }), "0");
      assert.equal(rig.ask("DB_TRANSACTION_COMMIT", { dbId: id, tid: 8 }), "0");
      rig.drain();
      rig.time.turn();
      assert.deepEqual([pulled.text, committed.text], ["-1", "-1"]);
    });

    it("fails where the file cannot be read", () => {
      const answer = slowPull(begin);
      assert.equal(rig.ask("WIPE_DATABASE", { dbId: id, tid: 8 }), "0");
      rig.drain();
      rig.time.turn();
      assert.equal(answer.text, "-1");
      assert.match(rig.logger.lines.join("\n"), /pull of database a\.tdb failed: /);
    });
  });

  describe("push", () => {
    const start = (): void => assert.equal(rig.ask("DB_PUSH_START", { dbId: id, lmaster: 0, srvid: SRVID }), "0");

    it("stores records without their read-only flags, raises the rsn at the new owner only, and tells their number", () => {
      begin();
      start();
      rig.message(
        SRVID,
        buffer(["a", 5, 0, MIGRATED_WITH_DATA | RO_HAVE_DELEGATIONS, "mine"], ["b", 5, 1, 0, "theirs"]),
      );
      rig.message(SRVID, buffer(["c", 5, 2, MIGRATED_WITH_DATA, "last"]));
      assert.equal(rig.reply("DB_PUSH_CONFIRM", id), 3);
      assert.deepEqual([stored("a"), stored("b"), stored("c")], ["6/0/10000 mine", "5/1/0 theirs", "5/2/10000 last"]);
      assert.equal(rig.ask("DB_PUSH_CONFIRM", id), "-1");
    });

    it("stores records of persistent and replicated databases as they are", () => {
      for (const control of ["DB_ATTACH_PERSISTENT", "DB_ATTACH_REPLICATED"] as const) {
        database = rig.attach(`${control}.tdb`, control);
        id = database.id;
        begin();
        start();
        rig.message(SRVID, buffer(["a", 5, 0, 0, "data"], ["e", 6, 0, 0, ""]));
        assert.equal(rig.reply("DB_PUSH_CONFIRM", id), 2);
        assert.deepEqual([stored("a"), stored("e")], ["5/0/0 data", "6/0/0 "]);
      }
    });

    it("fails from a record without a header on: the number does not match", () => {
      begin();
      start();
      const writer = new RecBufferWriter(id);
      writer.add(0, Buffer.from("short"), Buffer.alloc(23));
      rig.message(SRVID, buffer(["a", 5, 0, 0, "data"]));
      rig.message(SRVID, Buffer.from(writer.bytes()));
      rig.message(SRVID, buffer(["b", 5, 0, 0, "data"]));
      assert.equal(rig.reply("DB_PUSH_CONFIRM", id), 1);
      assert.equal(stored("b"), undefined);
    });

    it("of a second attempt forgets the first one", () => {
      begin();
      start();
      rig.message(SRVID, buffer(["a", 5, 0, 0, "data"]));
      assert.equal(rig.ask("DB_PUSH_START", { dbId: id, lmaster: 0, srvid: SRVID + 1n }), "0");
      rig.message(SRVID, buffer(["b", 5, 0, 0, "data"]));
      rig.message(SRVID + 1n, buffer(["c", 5, 0, 0, "data"]));
      assert.equal(rig.reply("DB_PUSH_CONFIRM", id), 1);
      assert.equal(stored("b"), undefined);
    });

    it("whose confirmation is awaited is answered when another leader ends it, and when it is asked for again", () => {
      begin();
      start();
      rig.message(SRVID, buffer(["a", 5, 0, 0, "data"]));
      const answers = [rig.send("DB_PUSH_CONFIRM", id)];
      rig.state.generation = 9;
      rig.send("DB_TRANSACTION_START", { dbId: id, tid: 9 });
      rig.send("DB_PUSH_START", { dbId: id, lmaster: 0, srvid: SRVID });
      answers.push(rig.send("DB_PUSH_CONFIRM", id), rig.send("DB_PUSH_CONFIRM", id));
      rig.time.turn();
      assert.deepEqual(
        answers.map(({ text }) => text),
        ["-1 the push was ended", "-1 the push was ended", "0"],
      );
    });

    for (const [how, thaw] of [
      ["DB_THAW", () => rig.ask("DB_THAW", id)],
      ["the end of a recovery", () => rig.databases.thawAll()],
    ] as const) {
      it(`that nobody confirmed ends with ${how}: what comes late changes no database in use`, () => {
        freeze();
        start();
        rig.message(SRVID, buffer(["early", 5, 0, 0, "data"]));
        thaw();
        rig.message(SRVID, buffer(["late", 5, 0, 0, "data"]));
        rig.time.advance(1000);
        assert.equal(stored("late"), undefined);
        freeze();
        assert.equal(rig.ask("DB_PUSH_CONFIRM", id), "-1");
        rig.ask("DB_THAW", id);
        rig.process(99, "smbd").open({ path: database.path, flags: database.openFlags }).chainLock(Buffer.from("k"));
        assert.equal(database.tryLock(Buffer.from("k")), false, "the kernel is asked for locks again");
      });
    }
  });
});
