// Vacuuming in clusters of C daemons and ours, with each kind in the lead: deleted records vanish everywhere, whoever owned them and
// whoever is their lmaster, and nothing comes back.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { lmasterOf } from "../../src/protocol/index.js";
import { awaitCondition } from "../cluster/await-condition.js";
import { DeletingUsers } from "../cluster/deleting-users.js";
import { makeLeader } from "../cluster/leadership.js";
import { keyNames, VacuumedDatabase } from "../cluster/vacuumed-database.js";
import { chosenMixes, kindsOf, mixTitle } from "./cluster-mixes.js";
import { checkOwners } from "./record-dump.js";
import { sharedCluster } from "./shared-cluster.js";

const NODES = [0, 1, 2];
const LIMIT_MS = 120_000;
const TUNABLES = { VacuumInterval: 1, VacuumFastPathCount: 2, RerecoveryTimeout: 1 };

for (const mix of chosenMixes(["ctt"], ["cct", "tct", "tcc", "ttc", "ttt", "ccc"])) {
  const kinds = kindsOf(mix);
  describe(`vacuuming on ${mixTitle(mix)}`, () => {
    const onCluster = sharedCluster({ kinds, tunables: TUNABLES });

    test("deleted records vanish from all files, whoever leads", async () => {
      await onCluster(async (cluster) => {
        await using db = await VacuumedDatabase.attach(cluster, "vanish.tdb");
        const leaders = [...new Set(kinds)].map((kind) => kinds.indexOf(kind));
        for (const leader of leaders) {
          await makeLeader(cluster, leader);
          const keys = keyNames(200, `led by ${leader}`.replaceAll(" ", "-"));
          for (const pnn of NODES) await db.store(pnn, keys, `from ${pnn}`);
          await db.store(leader, ["live"], `stays ${leader}`);
          for (const pnn of NODES)
            await db.remove(
              pnn,
              keys.filter((_, i) => i % 3 === pnn),
            );
          await db.onlyLeft(["live"]);
          // A recovery would bring to light what is left anywhere.
          await cluster.node(leader).ctdbOk(["recover"]);
          await cluster.healthy();
          for (const pnn of NODES) {
            for (const key of keys.slice(0, 20)) assert.equal(await db.read(pnn, key), undefined);
            assert.equal(await db.read(pnn, "live"), `stays ${leader}`);
          }
          await db.onlyLeft(["live"]);
        }
        checkOwners(cluster, db.name, NODES, (await cluster.view(0)).map);
      });
    });

    test("records that are deleted and created again all the time keep their last value", async () => {
      await onCluster(async (cluster) => {
        await using db = await VacuumedDatabase.attach(cluster, "busy.tdb");
        const users = new DeletingUsers(db, { keys: 40, concurrency: 12 });
        let vacuumed = false;
        const vacuuming = async (): Promise<void> => {
          const runs = await Promise.all(NODES.map((pnn) => db.runs(pnn)));
          await db.runsEnded(3 + Math.max(...runs));
          vacuumed = true;
        };
        await Promise.all([users.runUntil(() => vacuumed && users.deletions > 200), vacuuming()]);
        await users.check();
        await db.onlyLeft(users.liveKeys());
        await cluster.node(0).ctdbOk(["recover"]);
        await cluster.healthy();
        await users.check();
      });
    });

    test("records deleted while a node was stopped do not come back with it", async () => {
      await onCluster(async (cluster) => {
        await using db = await VacuumedDatabase.attach(cluster, "stopped.tdb");
        const keys = keyNames(60);
        for (const stopped of [...new Set(kinds)].map((kind) => kinds.lastIndexOf(kind))) {
          const [user] = NODES.filter((pnn) => pnn !== stopped);
          assert.ok(user !== undefined);
          for (const pnn of [stopped, user]) await db.store(pnn, keys, `from ${pnn}`);
          await cluster.node(stopped).ctdbOk(["stop"]);
          await awaitCondition(`recovery without node ${stopped}`, { timeoutMs: LIMIT_MS }, async () => {
            const view = await cluster.view(user);
            return view.recoveryMode === 0 && !view.map.includes(stopped);
          });
          await db.remove(user, keys);
          await awaitCondition("deleted on the others", { timeoutMs: LIMIT_MS, intervalMs: 100 }, () =>
            db.contents().every((line) => line.startsWith(`node ${stopped}:`)),
          );
          await cluster.node(stopped).ctdbOk(["continue"]);
          await cluster.healthy();
          await db.onlyLeft();
          for (const pnn of NODES) assert.equal(await db.read(pnn, "key-0"), undefined);
        }
      });
    });

    const ours = kinds.indexOf("ts");
    if (ours < 0) return;
    test("deleted records with read-only copies vanish with all old copies where our node is their lmaster", async () => {
      await onCluster(async (cluster) => {
        await using db = await VacuumedDatabase.attach(cluster, "copies.tdb", { readOnlyCopies: true });
        const { map } = await cluster.view(0);
        const keys = keyNames(60).filter((key) => lmasterOf(map, Buffer.from(key)) === ours);
        const others = NODES.filter((pnn) => pnn !== ours);
        await db.store(ours, keys, "first");
        for (const pnn of others) for (const key of keys) assert.equal(await db.readCopy(pnn, key), "first");
        await db.store(ours, keys, "second");
        await db.remove(ours, keys);
        await db.onlyLeft();
        await cluster.node(0).ctdbOk(["recover"]);
        await cluster.healthy();
        for (const pnn of NODES) for (const key of keys) assert.equal(await db.read(pnn, key), undefined);
        await db.onlyLeft();
        // Copies of nothing, then a full run, then a record.
        await db.store(ours, keys, "third");
        await db.remove(ours, keys);
        for (const pnn of others) for (const key of keys) assert.equal(await db.readCopy(pnn, key), undefined);
        await db.vacuumAll(ours);
        await db.store(ours, keys, "fourth");
        for (const pnn of NODES) for (const key of keys) assert.equal(await db.read(pnn, key), "fourth");
      });
    });
  });
}
