// Attach, detach, and the controls that name a database.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { SEQUENCE_NUMBER_KEY } from "../../../src/databases/database.js";
import { ControlFlag, DbFlag, databaseId, RunState } from "../../../src/protocol/index.js";
import { CLIENT, DatabaseRig } from "./database-rig.js";

const FROM_CLIENT = { clientId: CLIENT };

describe("Attach", () => {
  let rig: DatabaseRig;

  beforeEach(() => {
    rig = new DatabaseRig();
  });

  it("gives each type its directory, its flags and the flags of its file", () => {
    const volatile = rig.attach("a.tdb");
    const persistent = rig.attach("b.tdb", "DB_ATTACH_PERSISTENT");
    const replicated = rig.attach("c.tdb", "DB_ATTACH_REPLICATED");
    const facts = [volatile, persistent, replicated].map(({ id, path, flags, openFlags, isVolatile }) => ({
      id,
      path,
      flags,
      openFlags: openFlags.toString(16),
      isVolatile,
    }));
    assert.deepEqual(facts, [
      { id: databaseId("a.tdb"), path: "/volatile/a.tdb.0", flags: 0, openFlags: "1c41", isVolatile: true },
      { id: databaseId("b.tdb"), path: "/persistent/b.tdb.0", flags: 1, openFlags: "400", isVolatile: false },
      { id: databaseId("c.tdb"), path: "/volatile/c.tdb.0", flags: 8, openFlags: "c41", isVolatile: false },
    ]);
    assert.equal(rig.reply("DB_OPEN_FLAGS", volatile.id), 0x1c41);
    assert.equal(rig.reply("GETDBPATH", volatile.id), "/volatile/a.tdb.0");
    assert.equal(rig.reply("GET_DBNAME", volatile.id), "a.tdb");
    const map = rig.reply("GET_DBMAP", undefined).dbs.map(({ dbId, flags }) => [dbId, flags]);
    assert.deepEqual(map, [
      [replicated.id, DbFlag.REPLICATED],
      [persistent.id, DbFlag.PERSISTENT],
      [volatile.id, 0],
    ]);
  });

  it("uses no mutexes where the configuration says so", () => {
    assert.equal(new DatabaseRig({ mutexes: false }).attach("a.tdb").openFlags, 0xc41);
  });

  it("is told to all connected nodes once, whoever asks", () => {
    rig.ask("DB_ATTACH", "a.tdb", FROM_CLIENT);
    rig.ask("DB_ATTACH", "a.tdb", FROM_CLIENT);
    rig.ask("DB_ATTACH_REPLICATED", "b.tdb", { srcnode: 1 });
    assert.deepEqual(rig.broadcasts, ["DB_ATTACH a.tdb to 0xf0000004", "DB_ATTACH_REPLICATED b.tdb to 0xf0000004"]);
  });

  it("finds a database that has all the flags asked for, and refuses one that has not", () => {
    const { id } = rig.attach("b.tdb", "DB_ATTACH_PERSISTENT");
    assert.equal(rig.reply("DB_ATTACH", "b.tdb"), id);
    assert.match(rig.ask("DB_ATTACH_REPLICATED", "b.tdb"), /^-1/);
  });

  it("refuses names that would leave the directory, and other nodes' inactive clients", () => {
    for (const name of ["", "../a.tdb", "a/b.tdb"]) assert.match(rig.ask("DB_ATTACH", name), /^-1/);
    rig.state.isInactive = true;
    assert.equal(rig.ask("DB_ATTACH", "a.tdb", FROM_CLIENT), "-1");
    assert.equal(rig.ask("DB_ATTACH", "a.tdb", { srcnode: 1, clientId: CLIENT }), "0");
  });

  it("is denied to everybody by AllowClientDBAttach = 0", () => {
    rig.tunables.allowClientDbAttach = false;
    assert.equal(rig.ask("DB_ATTACH", "a.tdb", FROM_CLIENT), "-1");
    assert.equal(rig.ask("DB_ATTACH", "a.tdb", { srcnode: 1 }), "-1");
  });

  it("refuses a volatile file that somebody keeps open, since its records are old", () => {
    const stale = rig.process(99, "smbd").open({ path: "/volatile/a.tdb.0", flags: 0xc41 });
    stale.store(Buffer.from("old"), Buffer.alloc(30));
    assert.match(rig.ask("DB_ATTACH", "a.tdb"), /^-1 .*not empty/);
    stale.close();
    assert.equal(rig.ask("DB_ATTACH", "a.tdb"), "0");
  });

  it("closes a file that cannot be read, so that the next attach can open it", () => {
    for (const control of ["DB_ATTACH", "DB_ATTACH_PERSISTENT"] as const) {
      rig.fileOpened = (file) => {
        file.openCursor = () => assert.fail("unreadable");
        file.check = () => assert.fail("unreadable");
      };
      assert.equal(rig.ask(control, `${control}.tdb`), "-1");
      rig.fileOpened = () => {};
      assert.equal(rig.ask(control, `${control}.tdb`), "0");
    }
  });

  it("of a client waits for the end of a recovery and of the start-up, for two minutes at most", () => {
    rig.state.isRecovering = true;
    const waiting = rig.send("DB_ATTACH", "a.tdb", FROM_CLIENT);
    const gone = rig.send("DB_ATTACH", "gone.tdb", { clientId: 6 });
    rig.clients.add(6);
    const late = rig.send("DB_ATTACH", "gone.tdb", { clientId: 6 });
    assert.deepEqual([waiting.text, gone.text, late.text], ["pending", "0", "pending"]);
    rig.clients.delete(6);
    rig.state.isRecovering = false;
    rig.attaching.recoveryEnded();
    assert.deepEqual([waiting.text, late.text], ["0", "pending"]);

    rig.state.runState = RunState.FIRST_RECOVERY;
    const tooEarly = rig.send("DB_ATTACH", "b.tdb", FROM_CLIENT);
    rig.time.advance(119_999);
    assert.equal(tooEarly.text, "pending");
    rig.time.advance(1);
    assert.equal(tooEarly.text, "-1");
  });

  it("of the leader goes on in a recovery, and only then", () => {
    const leader = { ...FROM_CLIENT, flags: ControlFlag.ATTACH_RECOVERY };
    assert.equal(rig.ask("DB_ATTACH", "a.tdb", leader), "-1");
    rig.state.isRecovering = true;
    assert.equal(rig.ask("DB_ATTACH", "a.tdb", leader), "0");
    assert.equal(rig.ask("DB_ATTACH", "b.tdb", { srcnode: 1 }), "0");
  });

  it("at start takes the persistent files of this node, and no others", () => {
    const other = rig.process(99, "earlier daemon");
    for (const name of ["a.tdb.0", "b.tdb.1", "c.tdb.0x", "d.tdb.0.corrupted", "e.0", "f.tdb.00"]) {
      other.open({ path: `/persistent/${name}`, flags: 0x400 }).close();
    }
    rig.databases.attachPersistentFiles();
    assert.deepEqual(
      [...rig.databases.all].map(({ name }) => name),
      ["a.tdb", "f.tdb"],
    );
    assert.deepEqual(rig.events, ["at start a.tdb", "at start f.tdb", "start is over"]);
  });

  it("at start fails for a file that is corrupt, and for one that is known to be unhealthy", () => {
    rig.process(99, "earlier daemon").open({ path: "/persistent/a.tdb.0", flags: 0x400 }).close();
    rig.unhealthy.set("a.tdb", "because");
    assert.throws(() => rig.databases.attachPersistentFiles(), /unhealthy: because/);
    rig.unhealthy.clear();
    rig.disk.damage("/persistent/a.tdb.0");
    assert.throws(() => rig.databases.attachPersistentFiles(), /corrupt/);
  });
});

describe("Detach", () => {
  let rig: DatabaseRig;
  let id: number;

  beforeEach(() => {
    rig = new DatabaseRig();
    id = rig.attach("a.tdb").id;
    rig.broadcasts.length = 0;
    rig.tunables.allowClientDbAttach = false;
  });

  it("of a client is passed on to all nodes; what comes from a node is done", () => {
    assert.equal(rig.ask("DB_DETACH", id, FROM_CLIENT), "0");
    assert.deepEqual(rig.broadcasts, [`DB_DETACH ${id} to 0xf0000004`]);
    assert.equal(rig.databases.size, 1);
    assert.equal(rig.ask("DB_DETACH", id, { srcnode: 1 }), "0");
    assert.equal(rig.databases.size, 0);
    assert.deepEqual(rig.events, ["detached a.tdb"]);
    assert.equal(rig.ask("DB_DETACH", id, { srcnode: 1 }), "-1");
    // The file stays, and is closed.
    rig.process(99, "other").open({ path: "/volatile/a.tdb.0", flags: 0x1c41 });
  });

  it("is refused while clients may attach, of strangers, in a recovery, and of what is not volatile", () => {
    rig.tunables.allowClientDbAttach = true;
    const persistent = rig.attach("b.tdb", "DB_ATTACH_PERSISTENT").id;
    assert.match(rig.ask("DB_DETACH", id, { srcnode: 1 }), /^-1/);
    rig.tunables.allowClientDbAttach = false;
    assert.equal(rig.ask("DB_DETACH", persistent, { srcnode: 1 }), "-1");
    assert.equal(rig.ask("DB_DETACH", id, { clientId: 77 }), "-1");
    rig.state.isRecovering = true;
    assert.equal(rig.ask("DB_DETACH", id, { srcnode: 1 }), "-1");
    assert.equal(rig.databases.size, 2);
  });

  it("of a database with read-only records is not passed on, for it would abort C daemons, but done when a node asks", () => {
    rig.ask("SET_DB_READONLY", id);
    assert.match(rig.ask("DB_DETACH", id, FROM_CLIENT), /^-1 .*C daemons/);
    assert.equal(rig.ask("DB_DETACH", id, { srcnode: 1 }), "0");
  });

  it("of a frozen database gives up its lock and what waits for it", () => {
    const freeze = rig.send("DB_FREEZE", id);
    assert.equal(rig.ask("DB_DETACH", id, { srcnode: 1 }), "0");
    rig.time.turn();
    assert.equal(freeze.text, "-1");
    rig.process(99, "other").open({ path: "/volatile/a.tdb.0", flags: 0x1c41 }).lockAll();
  });
});

describe("Properties of a database", () => {
  let rig: DatabaseRig;

  beforeEach(() => {
    rig = new DatabaseRig();
  });

  it("read-only and sticky are for volatile databases, may be set twice, and show in GET_DBMAP", () => {
    const { id } = rig.attach("a.tdb");
    for (const control of ["SET_DB_READONLY", "SET_DB_STICKY"] as const) {
      assert.deepEqual([rig.ask(control, id), rig.ask(control, id), rig.ask(control, 0x1234)], ["0", "0", "-1"]);
      for (const attach of ["DB_ATTACH_PERSISTENT", "DB_ATTACH_REPLICATED"] as const) {
        assert.equal(rig.ask(control, rig.attach(`${attach}.tdb`, attach).id), "-1");
      }
    }
    const database = rig.databases.get(id);
    assert.equal(database?.flags, DbFlag.READONLY | DbFlag.STICKY);
    assert.ok(database?.readOnlyCopies !== undefined && database.sticky !== undefined);
  });

  it("SCHEDULE_FOR_DELETION remembers the record of a volatile database, frozen or not, and refuses others", () => {
    const volatile = rig.attach("a.tdb");
    const persistent = rig.attach("b.tdb", "DB_ATTACH_PERSISTENT");
    const request = { header: { rsn: 5, dmaster: 0, flags: 0 }, key: Buffer.from("k") };
    rig.ask("DB_FREEZE", volatile.id);
    assert.equal(rig.ask("SCHEDULE_FOR_DELETION", { dbId: volatile.id, ...request }), "0");
    assert.equal(volatile.deletions.size, 1);
    assert.equal(rig.ask("SCHEDULE_FOR_DELETION", { dbId: persistent.id, ...request }), "-1");
    assert.equal(rig.ask("SCHEDULE_FOR_DELETION", { dbId: 0x1234, ...request }), "-1");
  });

  it("the sequence number is 0 until it is 8 bytes and below 2^53, and is refused while frozen but for the recovery", () => {
    const database = rig.attach("b.tdb", "DB_ATTACH_PERSISTENT");
    const { id } = database;
    assert.equal(rig.reply("GET_DB_SEQNUM", id), 0);
    rig.put(database, SEQUENCE_NUMBER_KEY.toString(), 1, 0, 0, "12345678");
    assert.equal(rig.ask("GET_DB_SEQNUM", 0x1234), "-1");
    assert.equal(rig.reply("GET_DB_SEQNUM", id), 0);
    rig.put(database, SEQUENCE_NUMBER_KEY.toString(), 1, 0, 0, "\x09\0\0\0\x01\0\0\0");
    assert.equal(rig.reply("GET_DB_SEQNUM", id), 2 ** 32 + 9);
    rig.put(database, SEQUENCE_NUMBER_KEY.toString(), 1, 0, 0, "1234");
    assert.equal(rig.reply("GET_DB_SEQNUM", id), 0);
    rig.ask("DB_FREEZE", id);
    assert.equal(rig.ask("GET_DB_SEQNUM", id), "-1");
    assert.equal(rig.ask("DB_TRANSACTION_START", { dbId: id, tid: rig.state.generation }), "0");
    assert.equal(rig.reply("GET_DB_SEQNUM", id), 0);
  });

  it("the sequence number waits for the record's lock instead of stopping the daemon", () => {
    const database = rig.attach("b.tdb", "DB_ATTACH_PERSISTENT");
    const other = rig.process(99, "smbd").open({ path: database.path, flags: 0x400 });
    other.chainLock(SEQUENCE_NUMBER_KEY);
    const answer = rig.send("GET_DB_SEQNUM", database.id);
    assert.equal(answer.text, "pending");
    other.chainUnlock(SEQUENCE_NUMBER_KEY);
    rig.time.advance(1000);
    assert.equal(answer.text, "0");
  });
});
