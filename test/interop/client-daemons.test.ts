// The client library on two nodes, Debian's daemons and ours: records, messages, traverses, tunnels between them.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Client, ControlFailedError, connect, DatabaseTypeError, Srvid } from "../../src/client/index.js";
import { awaitCondition } from "../cluster/await-condition.js";
import { LocalCluster } from "../cluster/local-cluster.js";

// C daemons wait for five seconds before they elect a leader: the others have the machine meanwhile.
describe("the client library", { concurrency: true }, () => {
  for (const kinds of [
    ["c", "c"],
    ["ts", "ts"],
    ["ts", "c"],
  ] as const)
    describe(`on ${kinds.join(" and ")} daemons`, { timeout: 300_000, concurrency: 1 }, () => {
      let cluster: LocalCluster;
      let c0: Client;
      let c1: Client;

      before(async () => {
        cluster = await LocalCluster.start({ kinds });
        c0 = await connect({ socketPath: cluster.node(0).socketPath });
        c1 = await connect({ socketPath: cluster.node(1).socketPath });
      });
      after(async () => {
        await c0?.close();
        await c1?.close();
        await cluster?.stop();
      });

      test("it knows its pnn and sends typed controls to any node", async () => {
        assert.equal(c0.pnn, 0);
        assert.equal(c1.pnn, 1);
        assert.equal(await c0.control("GET_PNN", undefined, { pnn: 1 }), 1);
        assert.deepEqual(await c0.control("GETVNNMAP"), await c1.vnnMap());
        assert.deepEqual(await c0.connectedNodes(), [0, 1]);
        const pids = await c0.controlAll([0, 1, 7], "GET_PID", undefined);
        assert.deepEqual(
          pids.map((result) => result.ok),
          [true, true, false],
        );
      });

      test("a failing control says its name, node, status and text", async () => {
        await assert.rejects(c0.control("GETDBPATH", 0x12345678), (error) => {
          assert.ok(error instanceof ControlFailedError);
          assert.equal(error.control, "GETDBPATH");
          assert.equal(error.status, -1);
          return true;
        });
        await assert.rejects(c0.control("PING", undefined, { pnn: 9 }), /control to disconnected node/);
      });

      test("a record travels between the nodes with its value", async () => {
        await using db0 = await c0.attach("travel.tdb");
        await using db1 = await c1.attach("travel.tdb");
        assert.equal(db0.id, db1.id);
        assert.equal(db0.type, "volatile");
        {
          await using record = await db0.fetchLock("key");
          assert.equal(record.value, undefined);
          record.store(Buffer.from("from node 0"));
        }
        assert.equal((await db0.read("key"))?.toString(), "from node 0");
        {
          await using record = await db1.fetchLock("key");
          assert.equal(record.value?.toString(), "from node 0");
          record.store(Buffer.from("from node 1"));
        }
        assert.equal((await db1.readStored(Buffer.from("key"), {})).dmaster, 1);
        assert.equal((await db0.read("key"))?.toString(), "from node 1");
        await db0.withRecord("key", (record) => record.delete());
        assert.equal(await db1.read("key"), undefined);
      });

      test("workers on both nodes raise one counter and none of their increments is lost", async () => {
        await using db0 = await c0.attach("count.tdb");
        await using db1 = await c1.attach("count.tdb");
        const raise = async (db: typeof db0, times: number): Promise<void> => {
          for (let i = 0; i < times; i += 1) {
            await db.withRecord("counter", (record) => {
              const next = Buffer.alloc(4);
              next.writeUInt32LE((record.value?.readUInt32LE(0) ?? 0) + 1);
              record.store(next);
            });
          }
        };
        await Promise.all([raise(db0, 200), raise(db0, 200), raise(db1, 200), raise(db1, 200)]);
        assert.equal((await db0.read("counter"))?.readUInt32LE(0), 800);
      });

      test("messages arrive in order, each handler gets each message once, a wild card gets all", async () => {
        const srvid = 0xbe00_0000_1234_5678n;
        const first: number[] = [];
        const second: number[] = [];
        const all: number[] = [];
        const numbers = Array.from({ length: 1000 }, (_, i) => i);
        const subscriptions = [
          await c1.onMessage(srvid, (data) => first.push(data.readUInt32LE(0))),
          await c1.onMessage(srvid, (data) => second.push(data.readUInt32LE(0))),
        ];
        const wildcard = await c1.onMessage(Srvid.ALL, (data, id) => {
          if (id === srvid) all.push(data.readUInt32LE(0));
        });
        const data = Buffer.alloc(4);
        for (const i of numbers) {
          data.writeUInt32LE(i);
          c0.sendMessage(1, srvid, data);
        }
        // The copy for the wild card is a packet of its own: it may come later.
        await awaitCondition("all messages", { timeoutMs: 60_000 }, () =>
          [first, second, all].every((list) => list.length >= numbers.length),
        );
        for (const subscription of [...subscriptions, wildcard]) await subscription.close();
        assert.deepEqual(first, numbers);
        assert.deepEqual(second, numbers);
        assert.deepEqual(all, numbers);
      });

      test("a message of 10 MB and a full queue drain", async () => {
        const srvid = 0xbe00_0000_0000_0055n;
        let receive = (_length: number): void => {};
        const got = new Promise<number>((resolve) => {
          receive = resolve;
        });
        await using _ = await c1.onMessage(srvid, (data) => receive(data.length));
        c0.sendMessage(1, srvid, Buffer.alloc(10_000_000));
        assert.ok(c0.queuedBytes > 0);
        await c0.drained();
        assert.equal(c0.queuedBytes, 0);
        assert.equal(await got, 10_000_000);
        c0.sendMessage(0, 1n, Buffer.alloc(10));
        await c0.drained();
      });

      test("a notify is sent when its client goes away", async () => {
        const srvid = 0xbe00_0000_0000_0077n;
        const watcher = await connect({ socketPath: cluster.node(0).socketPath });
        await watcher.registerNotify(srvid, Buffer.from("gone"));
        await assert.rejects(watcher.registerNotify(srvid, Buffer.from("again")), ControlFailedError);
        const got = new Promise<string>((resolve) => {
          void c1.onMessage(srvid, (data) => resolve(data.toString())).then(() => watcher.close());
        });
        assert.equal(await got, "gone");
      });

      test("a traverse delivers the records of all nodes, also when it is read slowly, and can be left early", async () => {
        await using db0 = await c0.attach("traverse.tdb");
        await using db1 = await c1.attach("traverse.tdb");
        for (let i = 0; i < 50; i += 1) {
          await db0.withRecord(`a${i}`, (record) => record.store(Buffer.from(`value ${i}`)));
          await db1.withRecord(`b${i}`, (record) => record.store(Buffer.from(`value ${i}`)));
        }
        const seen = new Map<string, string>();
        for await (const record of db0.traverse()) {
          seen.set(record.key.toString(), `${record.dmaster} ${record.value}`);
          if (seen.size === 10) await db0.withRecord("a1", () => {});
        }
        assert.equal(seen.size, 100);
        assert.equal(seen.get("a7"), "0 value 7");
        assert.equal(seen.get("b49"), "1 value 49");
        let count = 0;
        for await (const _ of db1.traverse()) {
          count += 1;
          if (count === 3) break;
        }
        const local: string[] = [];
        for await (const record of db0.traverseLocal()) local.push(record.key.toString());
        assert.equal(local.length, 50);
        assert.ok(local.every((key) => key.startsWith("a")));
      });

      test("tunnels carry requests and replies between nodes", async () => {
        const id = 0xffff_ffff_0000_0042n;
        await using service1 = await c1.openTunnelService(id, async (data, from) => {
          if (data.toString() === "fail") throw new Error("as you wish");
          return Buffer.from(`${data} from ${from}`);
        });
        assert.equal(service1.id, id);
        await using service0 = await c0.openTunnelService(id);
        assert.equal((await service0.request(1, Buffer.from("hello"))).toString(), "hello from 0");
        await assert.rejects(service0.request(1, Buffer.from("fail")), /as you wish/);
        await assert.rejects(
          c0.openTunnel(id, () => {}),
          /open in this client already/,
        );
      });

      test("a persistent database is read through its file and refuses record locks", async () => {
        await using db = await c0.attach("lasting.tdb", { type: "persistent" });
        await using _ = await c1.attach("lasting.tdb", { type: "persistent" });
        assert.equal(db.type, "persistent");
        assert.equal(await db.read("nothing"), undefined);
        await assert.rejects(db.fetchLock("key"), DatabaseTypeError);
        await cluster.node(1).ctdbOk(["pstore", "lasting.tdb", "key", "persistent value"]);
        assert.equal((await db.read("key"))?.toString(), "persistent value");
      });
    });
});
