// Cluster-wide traverses: what the origin does with what comes in, and what each node sends of its own file.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { Database } from "../../../src/databases/database.js";
import { LOCAL_TRAVERSES_MAX, TraverseService } from "../../../src/databases/traverse.js";
import { Pnn, RecData } from "../../../src/protocol/index.js";
import { TdbError } from "../../../src/tdb/errors.js";
import { answered } from "./answered-call.js";
import { CLIENT, DatabaseRig } from "./database-rig.js";

const SRVID = 0xf777_0000_0000_0001n;
const CLIENT_REQID = 42;
const NOTHING = new Uint8Array(0);

describe("Traverse", () => {
  let rig: DatabaseRig;
  let database: Database;
  let service: TraverseService;
  let sent: string[];
  let toClient: string[];
  let active: number;
  let vnnMap: number[];
  let behind: Set<number>;
  let drained: Array<{ pnn: number; callback: () => void }>;
  let clockStepMs: number;
  let sentInTurns: number[];
  let counters: { timeoutsTraverse: number };
  let allowUnhealthy: boolean;
  const client = { id: CLIENT, closed: false };

  beforeEach(() => {
    rig = new DatabaseRig();
    database = rig.attach("a.tdb");
    sent = [];
    toClient = [];
    active = 3;
    vnnMap = [0, 1, 2];
    behind = new Set();
    drained = [];
    clockStepMs = 0;
    sentInTurns = [];
    counters = { timeoutsTraverse: 0 };
    allowUnhealthy = false;
    let nextId = 100;
    let stepsMs = 0;
    service = new TraverseService({
      // By `clockStepMs` a reading: so slices end before their work does.
      clock: {
        now: () => {
          stepsMs += clockStepMs;
          return rig.time.now() + stepsMs;
        },
        wall: () => rig.time.wall(),
      },
      timers: {
        after: (delayMs, callback) => rig.time.after(delayMs, callback),
        nextTurn: (callback) =>
          rig.time.nextTurn(() => {
            const before = sent.length;
            callback();
            sentInTurns.push(sent.length - before);
          }),
      },
      logger: rig.logger,
      databases: rig.databases,
      ownPnn: 0,
      requestIds: { allocate: () => nextId++, release: () => {} },
      peers: {
        isCongested: (pnn) => behind.has(pnn),
        whenDrained: (pnn, callback) => drained.push({ pnn, callback }),
      },
      messages: {
        dispatchLocal: (srvid, data) => {
          assert.equal(srvid, SRVID);
          const { reqid, key, data: value } = RecData.decode(data);
          assert.equal(reqid, CLIENT_REQID);
          toClient.push(key.length === 0 && value.length === 0 ? "end" : Buffer.from(key).toString());
        },
      },
      controls: {
        request: (pnn: number, name: string, request: object) => {
          const key: unknown = Reflect.get(request, "key");
          const what = key instanceof Uint8Array ? ` ${key.length === 0 ? "end" : Buffer.from(key).toString()}` : "";
          sent.push(`${name} to ${pnn >= 0xf0000000 ? `0x${pnn.toString(16)}` : pnn}${what}`);
        },
      },
      counters,
      client: (id) => (id === CLIENT ? client : undefined),
      activeNodeCount: () => active,
      vnnMap: () => vnnMap,
      traverseTimeoutSeconds: () => 20,
      allowUnhealthyRead: () => allowUnhealthy,
    });
  });

  function start(dbId = database.id, clientId = CLIENT): string {
    const answer = answered("TRAVERSE_START", 0, clientId);
    service.handlers.TRAVERSE_START?.({ dbId, reqid: CLIENT_REQID, srvid: SRVID }, answer.call);
    return answer.text;
  }

  function arrived(key: string, reqid = 100): string {
    const answer = answered("TRAVERSE_DATA", 1);
    const data = key === "" ? NOTHING : Buffer.alloc(30);
    service.handlers.TRAVERSE_DATA?.({ reqid, key: Buffer.from(key), data }, answer.call);
    return answer.text;
  }

  function walk(withEmptyRecords: boolean, origin = 2): string {
    const request = { dbId: database.id, reqid: 7, pnn: origin, clientReqid: CLIENT_REQID, srvid: SRVID };
    if (withEmptyRecords) {
      const answer = answered("TRAVERSE_ALL_EXT", origin);
      service.handlers.TRAVERSE_ALL_EXT?.({ ...request, withEmptyRecords }, answer.call);
      return answer.text;
    }
    const answer = answered("TRAVERSE_ALL", origin);
    service.handlers.TRAVERSE_ALL?.(request, answer.call);
    return answer.text;
  }

  describe("at the origin", () => {
    it("asks all active nodes, passes records on under the client's id, and ends when all have ended", () => {
      assert.equal(start(), "0");
      assert.deepEqual(sent, [`TRAVERSE_ALL to 0x${Pnn.BROADCAST_ACTIVE.toString(16)}`]);
      assert.deepEqual([arrived("a"), arrived(""), arrived("b"), arrived("")], ["0", "0", "0", "0"]);
      assert.deepEqual(toClient, ["a", "b"]);
      arrived("");
      assert.deepEqual(toClient, ["a", "b", "end"]);
      assert.equal(arrived("late"), "-1");
    });

    it("asks one node for a persistent or replicated database: itself, or the first of the VNN map", () => {
      const persistent = rig.attach("p.tdb", "DB_ATTACH_PERSISTENT").id;
      const replicated = rig.attach("r.tdb", "DB_ATTACH_REPLICATED").id;
      assert.equal(start(persistent), "0");
      vnnMap = [2, 1];
      assert.equal(start(replicated), "0");
      assert.deepEqual(sent, ["TRAVERSE_ALL to 0", "TRAVERSE_ALL to 2"]);
      arrived("", 100);
      assert.deepEqual(toClient, ["end"]);
    });

    it("ends also when a node has gone away after its end", () => {
      start();
      arrived("");
      arrived("");
      active = 1;
      arrived("");
      assert.deepEqual(toClient, ["end"]);
    });

    it("is refused to strangers, for unknown and for unhealthy databases", () => {
      assert.deepEqual([start(database.id, 6), start(0x1234)], ["-1", "-1"]);
      database.unhealthyReason = "because";
      assert.deepEqual([start(), walk(false)], ["-1", "-1"]);
      allowUnhealthy = true;
      assert.equal(start(), "0");
    });

    it("gives up after TraverseTimeout, tells the client the end and the nodes to stop", () => {
      start();
      arrived("a");
      rig.time.advance(19_999);
      assert.deepEqual(toClient, ["a"]);
      rig.time.advance(1);
      assert.deepEqual(toClient, ["a", "end"]);
      assert.deepEqual(sent.slice(1), [`TRAVERSE_KILL to 0x${Pnn.BROADCAST_CONNECTED.toString(16)}`]);
      assert.deepEqual([counters.timeoutsTraverse, arrived("b")], [1, "-1"]);
    });

    it("stops the nodes when the client goes away, and ends it when the database does", () => {
      start();
      service.clientGone(client);
      assert.match(sent.at(-1) ?? "", /^TRAVERSE_KILL/);
      assert.equal(arrived("a"), "-1");
      start();
      service.databaseDetached(database);
      assert.deepEqual(toClient, ["end"]);
    });
  });

  describe("on every node", () => {
    beforeEach(() => {
      rig.put(database, "mine", 5, 0, 0, "data");
      rig.put(database, "empty", 5, 0, 0, "");
      rig.put(database, "theirs", 5, 1, 0, "data");
    });

    it("sends the records with data that it owns, then the end", () => {
      assert.equal(walk(false), "0");
      rig.time.turn();
      assert.deepEqual(sent, ["TRAVERSE_DATA to 2 mine", "TRAVERSE_DATA to 2 end"]);
    });

    it("sends empty ones too when they are wanted", () => {
      walk(true);
      rig.time.turn();
      assert.deepEqual(sent.sort(), ["TRAVERSE_DATA to 2 empty", "TRAVERSE_DATA to 2 end", "TRAVERSE_DATA to 2 mine"]);
    });

    it("sends everything of a persistent database", () => {
      database = rig.attach("p.tdb", "DB_ATTACH_PERSISTENT");
      rig.put(database, "a", 5, 1, 0, "data");
      rig.put(database, "b", 5, 1, 0, "");
      walk(false);
      rig.time.turn();
      assert.deepEqual(sent.sort(), ["TRAVERSE_DATA to 2 a", "TRAVERSE_DATA to 2 b", "TRAVERSE_DATA to 2 end"]);
    });

    it("waits for a thaw, and for records that others hold, without holding anything up", () => {
      rig.ask("DB_FREEZE", database.id);
      walk(false);
      rig.time.advance(5000);
      assert.deepEqual(sent, []);
      const smbd = rig.process(99, "smbd").open({ path: database.path, flags: database.openFlags });
      rig.ask("DB_THAW", database.id);
      smbd.chainLock(Buffer.from("mine"));
      rig.time.advance(1000);
      assert.deepEqual(sent, []);
      smbd.chainUnlock(Buffer.from("mine"));
      rig.time.advance(1000);
      assert.deepEqual(sent, ["TRAVERSE_DATA to 2 mine", "TRAVERSE_DATA to 2 end"]);
    });

    describe("with many records", () => {
      const MANY = 500;
      const dataSent = (): number => sent.filter((line) => !line.endsWith(" end")).length;

      beforeEach(() => {
        for (let i = 0; i < MANY; i++) rig.put(database, `many${i}`, 5, 0, 0, "data");
        // Each look at the clock finds that the slice has had its time.
        clockStepMs = 3;
      });

      it("sends a bounded number in a turn, and all of them in the end", () => {
        walk(false);
        assert.ok(sent.length < 100, `${sent.length} at once`);
        rig.time.turn();
        assert.ok(Math.max(...sentInTurns) < 100, `${sentInTurns} in turns`);
        assert.equal(sent.at(-1), "TRAVERSE_DATA to 2 end");
        assert.equal(new Set(sent).size, MANY + 2, "each once, the one that was there before, and the end");
      });

      it("pauses while the way to the origin is full, and goes on when that way is free", () => {
        behind.add(2);
        walk(false);
        const before = dataSent();
        assert.ok(before > 0 && before < 100);
        rig.time.advance(10_000);
        assert.equal(dataSent(), before);
        assert.deepEqual(
          drained.map(({ pnn }) => pnn),
          [2],
        );
        // The walk for another origin is not held up.
        walk(false, 1);
        rig.time.advance(1000);
        assert.equal(sent.at(-1), "TRAVERSE_DATA to 1 end");
        behind.delete(2);
        for (const { callback } of drained.splice(0)) callback();
        rig.time.advance(1000);
        assert.equal(sent.at(-1), "TRAVERSE_DATA to 2 end");
        assert.equal(sent.filter((line) => line.startsWith("TRAVERSE_DATA to 2 ")).length, MANY + 2);
      });

      it("sends nothing more when it was killed while it waited for the way to be free", () => {
        behind.add(2);
        walk(false);
        const before = sent.length;
        const answer = answered("TRAVERSE_KILL", 2);
        service.handlers.TRAVERSE_KILL?.({ dbId: database.id, reqid: CLIENT_REQID, srvid: SRVID }, answer.call);
        behind.delete(2);
        for (const { callback } of drained.splice(0)) callback();
        rig.time.advance(1000);
        assert.deepEqual([sent.length, service.localCount], [before, 0]);
      });
    });

    it("stops at TRAVERSE_KILL of its client, and only of that one, and at the detach", () => {
      rig.ask("DB_FREEZE", database.id);
      walk(false);
      const kill = (reqid: number): void => {
        const answer = answered("TRAVERSE_KILL", 2);
        service.handlers.TRAVERSE_KILL?.({ dbId: database.id, reqid, srvid: SRVID }, answer.call);
      };
      kill(CLIENT_REQID + 1);
      walk(false, 1);
      kill(CLIENT_REQID);
      rig.ask("DB_THAW", database.id);
      rig.time.advance(1000);
      assert.deepEqual(sent, []);
      walk(false);
      rig.time.turn();
      assert.equal(sent.length, 2);
    });

    it("stops when the daemon shuts down and has closed its files", () => {
      for (let i = 0; i < 200; i++) rig.put(database, `key${i}`, i, 0, 0, "x");
      clockStepMs = 3;
      walk(false);
      const before = sent.length;
      rig.databases.closeAll();
      rig.time.advance(1000);
      assert.equal(sent.length, before);
    });

    it("ends where the file cannot be read, and leaves the rest to TraverseTimeout of the origin", () => {
      const error = new TdbError("traverse", database.path, "CORRUPT");
      database.file.openCursor = () => ({ visited: 0, slice: () => assert.fail(error), close: () => {} });
      walk(false);
      rig.time.turn();
      assert.deepEqual([sent, service.localCount], [[], 0]);
      assert.match(rig.logger.lines.join("\n"), /traverse of a\.tdb failed: .*CORRUPT/);
    });

    it("refuses an unknown database, and more walks at a time than it can do", () => {
      rig.ask("DB_FREEZE", database.id);
      for (let i = 0; i < LOCAL_TRAVERSES_MAX; i++) assert.equal(walk(false), "0");
      assert.equal(walk(false), "-1");
      database = { id: 1 } as Database;
      assert.equal(walk(false), "-1");
    });
  });
});
