// Read-only copies, traverses and stopped nodes in clusters of C daemons and ours, seen through clients of all nodes. What the
// files hold at the end is looked over by LocalCluster.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Client, connect, type Database } from "../../src/client/index.js";
import { lmasterOf, RecordFlag, RecoveryMode } from "../../src/protocol/index.js";
import { awaitCondition, pauseMs } from "../cluster/await-condition.js";
import { makeLeader } from "../cluster/leadership.js";
import { LocalCluster } from "../cluster/local-cluster.js";
import { chosenMixes, kindsOf, mixTitle } from "./cluster-mixes.js";

const MIXES = chosenMixes(["ctt"], ["tcc", "ttt", "ccc", "tct", "ctc"]);
const NODES = [0, 1, 2] as const;
const LIMIT_MS = 60_000;
const VALUES = 9;
const PINDOWN_MS = 400;
/** Deleted records stay until they are vacuumed: not within these tests. */
const TUNABLES = { RerecoveryTimeout: 1, VacuumInterval: 600, HopcountMakeSticky: 1, StickyPindown: PINDOWN_MS };

/** A client and a database on every node. */
async function withDatabases(
  cluster: LocalCluster,
  name: string,
  options: { readonly readonly?: boolean; readonly sticky?: boolean },
  body: (databases: readonly Database[], clients: readonly Client[]) => Promise<void>,
): Promise<void> {
  const clients = await Promise.all(cluster.nodes.map((node) => connect({ socketPath: node.socketPath })));
  try {
    const databases: Database[] = [];
    for (const client of clients) databases.push(await client.attach(name, options));
    await body(databases, clients);
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`there is no item ${index}`);
  return item;
}

async function write(database: Database, key: string, value: string): Promise<void> {
  await database.withRecord(key, (record) => record.store(Buffer.from(value)));
}

/** The copy of the database's node with its header; `tryReadHeader` sees none while a daemon has the chain locked. */
const stored = (database: Database, key: string) => database.readStored(Buffer.from(key), {});

const read = async (database: Database, key: string): Promise<string | undefined> =>
  (await database.read(key))?.toString();

for (const mix of MIXES) {
  describe(`records of ${mixTitle(mix)}`, { timeout: 300_000 }, () => {
    const kinds = kindsOf(mix);
    let cluster: LocalCluster;
    before(async () => {
      cluster = await LocalCluster.start({ kinds, tunables: TUNABLES });
    });
    after(async () => {
      await cluster?.stop();
    });

    test("read-only copies are given to all readers and taken back before anything is written", async () => {
      await withDatabases(cluster, "copies.tdb", { readonly: true }, async (databases) => {
        for (const owner of NODES) {
          const key = `of node ${owner}`;
          // Only who has an old copy asks for a read-only one.
          for (const pnn of NODES) await write(at(databases, pnn), key, "old");
          await write(at(databases, owner), key, "first");
          const readers = NODES.filter((pnn) => pnn !== owner);
          for (const pnn of readers) assert.equal(await read(at(databases, pnn), key), "first");
          const owned = await stored(at(databases, owner), key);
          assert.notEqual(owned.flags & RecordFlag.RO_HAVE_DELEGATIONS, 0);
          for (const pnn of readers) {
            const copy = await stored(at(databases, pnn), key);
            assert.notEqual(copy.flags & RecordFlag.RO_HAVE_READONLY, 0);
            assert.deepEqual([copy.dmaster, copy.rsn], [owner, owned.rsn - 2]);
          }
          for (const [i, writer] of [owner, at(readers, 0), at(readers, 1)].entries()) {
            await write(at(databases, writer), key, `value ${i}`);
            for (const pnn of NODES) assert.equal(await read(at(databases, pnn), key), `value ${i}`);
          }
        }
      });
    });

    test("a value that was written is read from then on, whoever has copies", async () => {
      await withDatabases(cluster, "later.tdb", { readonly: true }, async (databases) => {
        for (const database of databases) await write(database, "counter", "0");
        let written = 0;
        let done = false;
        const writer = async (): Promise<void> => {
          for (let value = 1; value <= VALUES; value++) {
            await write(at(databases, value % NODES.length), "counter", String(value));
            written = value;
          }
          done = true;
        };
        const reader = async (database: Database): Promise<void> => {
          while (!done) {
            await pauseMs(0);
            const before = written;
            const value = Number(await read(database, "counter"));
            assert.ok(value >= before, `${value} was read after ${before} was written`);
            assert.ok(value <= written + 1);
          }
        };
        await Promise.all([writer(), ...databases.map(reader)]);
        for (const database of databases) assert.equal(await read(database, "counter"), String(VALUES));
      });
    });

    test("a backup that is restored after a wipe brings back what its node had, and the records move on from there", async () => {
      await withDatabases(cluster, "backup.tdb", {}, async (databases) => {
        // Each key was on two nodes: one owns it, the other has an old copy.
        const keys = Array.from({ length: 30 }, (_, i) => `key${i}`);
        for (const [i, key] of keys.entries()) {
          await write(at(databases, (i + 1) % 3), key, "old");
          await write(at(databases, i % 3), key, `value ${i}`);
        }
        for (const [pnn, node] of cluster.nodes.entries()) {
          const backup = join(cluster.directory, `backup of ${pnn}`);
          await node.ctdbOk(["backupdb", "backup.tdb", backup]);
          const here = new Set<string>();
          for (const key of keys) if ((await stored(at(databases, pnn), key)).value.length > 0) here.add(key);
          assert.ok(here.size > 0);
          const other = cluster.node((pnn + 1) % 3);
          await other.ctdbOk(["wipedb", "backup.tdb"]);
          assert.match(await node.ctdbOk(["catdb", "backup.tdb"]), /^Dumped 0 records$/m);
          await other.ctdbOk(["restoredb", backup]);
          for (const [i, key] of keys.entries()) {
            const expected: (string | undefined)[] = here.has(key) ? ["old", `value ${i}`] : [undefined];
            for (const database of databases) assert.ok(expected.includes(await read(database, key)), key);
            // The next backup has them all again.
            await write(at(databases, (i + 2) % 3), key, "old");
            await write(at(databases, (i + pnn) % 3), key, `value ${i}`);
          }
        }
        for (const database of databases) {
          for (const [i, key] of keys.entries()) assert.equal(await read(database, key), `value ${i}`);
        }
      });
    });

    test("a sticky record stays for a moment where it comes", async () => {
      await withDatabases(cluster, "sticky.tdb", { sticky: true }, async (databases) => {
        for (const lmaster of NODES) {
          const [first = 0, second = 0] = NODES.filter((pnn) => pnn !== lmaster);
          const key = keyWithLmaster(lmaster);
          // The request of the second node takes a hop at the lmaster, which makes the record sticky at the first.
          for (const pnn of [first, second]) await write(at(databases, pnn), key, "fought for");
          const sentMs = performance.now();
          await write(at(databases, first), key, "stays");
          const cameMs = performance.now();
          await write(at(databases, second), key, "leaves");
          const leftMs = performance.now();
          // A daemon's timer counts from the beginning of its turn of the loop, which may have been a while ago.
          assert.ok(leftMs - sentMs >= PINDOWN_MS / 2, `it left ${leftMs - cameMs} ms after it had come`);
        }
      });
    });

    test("a traverse from any node shows each record once, and no deleted one", async () => {
      await withDatabases(cluster, "walk.tdb", {}, async (databases) => {
        const expected: string[] = [];
        for (let i = 0; i < 60; i++) {
          const key = `key${i}`;
          await write(at(databases, i % 3), key, "first");
          await write(at(databases, (i + Math.floor(i / 3)) % 3), key, `value ${i}`);
          if (i % 5 === 0) await at(databases, (i + 1) % 3).withRecord(key, (record) => record.delete());
          else expected.push(`${key} value ${i}`);
        }
        for (const [pnn, database] of databases.entries()) {
          const seen: string[] = [];
          for await (const { key, value } of database.traverse()) seen.push(`${key.toString()} ${value?.toString()}`);
          assert.deepEqual(seen.sort(), expected.sort());
          const dumped = await cluster.node(pnn).ctdbOk(["catdb", "walk.tdb"]);
          assert.match(dumped, new RegExp(`^Dumped ${expected.length} records$`, "m"));
        }
        // A client that leaves in the middle leaves nothing behind.
        for await (const _ of at(databases, 1).traverse()) break;
        assert.equal((await at(databases, 2).read("key1"))?.toString(), "value 1");
      });
    });

    for (const leader of [kinds.indexOf("c"), kinds.indexOf("ts")].filter((pnn) => pnn >= 0)) {
      const [stopped = 0, other = 0] = NODES.filter((pnn) => pnn !== leader);
      test(`node ${stopped}, stopped and continued, brings no old record back when node ${leader} leads`, async () => {
        await makeLeader(cluster, leader);
        await withDatabases(cluster, `zombie${leader}.tdb`, {}, async (databases) => {
          // All have a copy, the node that will be stopped has the newest one.
          for (const key of ["deleted", "changed", "kept"]) {
            for (const pnn of [other, leader, stopped]) await write(at(databases, pnn), key, `of node ${pnn}`);
          }
          await cluster.node(leader).ctdbOk(["stop", "-n", String(stopped)]);
          await rest(cluster, [leader, other]);
          const waiting = callOn(cluster, stopped, at(databases, 0).id, "kept");

          await at(databases, other).withRecord("deleted", (record) => record.delete());
          await write(at(databases, leader), "changed", "later");
          await cluster.node(leader).ctdbOk(["continue", "-n", String(stopped)]);
          await cluster.healthy();
          await waiting;
          for (const pnn of [stopped, other, leader]) {
            assert.equal(await read(at(databases, pnn), "deleted"), undefined);
            assert.equal(await read(at(databases, pnn), "changed"), "later");
            assert.match((await read(at(databases, pnn), "kept")) ?? "", /^of node/);
          }
        });
      });
    }
  });
}

function keyWithLmaster(pnn: number): string {
  for (let i = 0; ; i++) {
    const key = `key${i}`;
    if (lmasterOf(NODES, Buffer.from(key)) === pnn) return key;
  }
}

/** The nodes `pnns` have recovered without the others. */
async function rest(cluster: LocalCluster, pnns: readonly number[]): Promise<void> {
  await awaitCondition(`recovery of nodes ${pnns.join(", ")}`, { timeoutMs: LIMIT_MS, intervalMs: 50 }, async () => {
    const views = await Promise.all(pnns.map((pnn) => cluster.view(pnn)));
    return views.every(
      ({ recoveryMode, map }) =>
        recoveryMode === RecoveryMode.NORMAL && [...map].sort().join() === [...pnns].sort().join(),
    );
  });
}

/** A call of a client of a stopped node: it is answered when the node takes part again. */
async function callOn(cluster: LocalCluster, pnn: number, dbId: number, key: string): Promise<void> {
  const probe = await cluster.node(pnn).probe();
  await probe.call(dbId, Buffer.from(key), { migrate: true, timeoutMs: LIMIT_MS });
}
