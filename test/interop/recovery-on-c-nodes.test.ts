// Our leader election and recovery against Debian's C daemons: their own recovery daemons are stopped, ours do the work.
import assert from "node:assert/strict";
import { setMaxListeners } from "node:events";
import { describe, it } from "node:test";
import { connect, RecoveryMode } from "../../src/client/index.js";
import { clusterLockFile } from "../../src/tool/companions/local-cluster/node-directory.js";
import { awaitCondition } from "../cluster/await-condition.js";
import { LocalCluster } from "../cluster/local-cluster.js";
import { type RunningManager, startManagers } from "./managers-on-c-nodes.js";

setMaxListeners(0);

async function withManagedCluster(
  clusterLock: boolean,
  body: (cluster: LocalCluster, managers: RunningManager[]) => Promise<void>,
): Promise<void> {
  const cluster = await LocalCluster.create({
    kinds: ["c", "c", "c"],
    clusterLock,
    tunables: { RerecoveryTimeout: 1 },
    // Their recovery daemons would elect a leader after 5 s, if they had not been stopped by then.
    configLines: { cluster: ["leader timeout = 600"] },
  });
  let managers: RunningManager[] = [];
  try {
    cluster.startAll();
    managers = await startManagers(cluster, clusterLock ? clusterLockFile(cluster.directory) : undefined);
    await cluster.healthy();
    await body(cluster, managers);
  } catch (error) {
    const lines = managers.flatMap(({ log }) => log.lines).sort((a, b) => Number.parseFloat(a) - Number.parseFloat(b));
    if (error instanceof Error) error.message += `\n${lines.join("\n")}`;
    throw cluster.failed(error);
  } finally {
    await Promise.allSettled(managers.map((manager) => manager.stop()));
    await cluster.stop();
  }
}

describe("our cluster managers on C daemons", { timeout: 300_000, concurrency: true }, () => {
  for (const lock of [false, true]) {
    const how = lock ? "with a cluster lock" : "without a cluster lock";
    it(`elect a leader ${how}, recover all databases with the best copies, and do so again after a loss`, async () => {
      await withManagedCluster(lock, async (cluster, managers) => {
        const leaders = managers.filter(({ manager }) => manager.election.isLeader);
        assert.equal(leaders.length, 1);
        assert.equal(await cluster.leader(0), leaders[0]?.manager.view.ownPnn);

        const clients = await Promise.all(cluster.nodes.map((node) => connect({ socketPath: node.socketPath })));
        try {
          const databases = await Promise.all(clients.map((client) => client.attach("recovered.tdb")));
          const [first, second] = databases;
          assert.ok(first && second);
          const count = 3000;
          for (let i = 0; i < count; i++) {
            await first.withRecord(`key ${i}`, (record) => record.store(Buffer.from(`first ${i}`)));
          }
          // Every other record moves on and gets a newer value.
          for (let i = 0; i < count; i += 2) {
            await second.withRecord(`key ${i}`, (record) => record.store(Buffer.from(`second ${i}`)));
          }
          const before = (await clients[0]?.control("GETVNNMAP"))?.generation;
          const startedAt = performance.now();
          await clients[0]?.control("SET_RECMODE", RecoveryMode.ACTIVE);
          await awaitCondition("a new generation everywhere", { timeoutMs: 60_000 }, async () => {
            const maps = await Promise.all(clients.map((client) => client.control("GETVNNMAP")));
            const modes = await Promise.all(clients.map((client) => client.control("GET_RECMODE")));
            return (
              maps.every((map) => map.generation !== before) && modes.every((mode) => mode === RecoveryMode.NORMAL)
            );
          });
          console.log(`recovery after ${(performance.now() - startedAt).toFixed(0)} ms`);
          for (let i = 0; i < count; i++) {
            const expected = i % 2 === 0 ? `second ${i}` : `first ${i}`;
            const database = databases[i % 3];
            assert.ok(database);
            const value = await database.read(`key ${i}`);
            assert.equal(value?.toString(), expected);
          }
          await Promise.all(databases.map((database) => database.close()));
        } finally {
          await Promise.all(clients.map((client) => client.close()));
        }

        // Loss of the node that leads, with its manager.
        const victim = leaders[0]?.manager.view.ownPnn ?? 0;
        const rest = [0, 1, 2].filter((pnn) => pnn !== victim);
        await cluster.node(victim).kill();
        await leaders[0]?.stop();
        const killedAt = performance.now();
        await cluster.healthy(rest);
        console.log(
          `healthy ${(performance.now() - killedAt).toFixed(0)} ms after the loss of the leader (polling only)`,
        );
      });
    });
  }
});
