// Transactions of the client library on three of our nodes while nodes are killed: the leader, the writer's own, all of them.
import { test } from "node:test";
import { awaitCondition } from "./await-condition.js";
import type { ClusterNode } from "./cluster-node.js";
import { CounterWriter, checkCounters } from "./counter-writer.js";
import { type LocalCluster, withCluster } from "./local-cluster.js";
import { checkEqualCopies, persistentFile } from "./persistent-files.js";

const P = "p.tdb";
const R = "r.tdb";
/** A lock record that is vacuumed and made again between two looks at the cluster begins with a lower rsn. */
const TUNABLES = { RerecoveryTimeout: 1, VacuumInterval: 600 };
/** Rounds of "transactions on all nodes, SIGKILL of some nodes, restart"; 200 take half an hour. */
const KILL_ROUNDS = Number(process.env["CTDB_TEST_KILL_ROUNDS"] ?? "4");
const OPTIONS = { timeoutMs: 20_000 };
const LIMIT_MS = 300_000;

const fileOf = (node: ClusterNode): string => persistentFile(node, P);
const total = (writers: readonly CounterWriter[]): number => writers.reduce((sum, each) => sum + each.acknowledged, 0);

async function moreThan(writers: readonly CounterWriter[], count: number): Promise<void> {
  const target = total(writers) + count;
  await awaitCondition(`${count} transactions`, { timeoutMs: LIMIT_MS, intervalMs: 1 }, () => total(writers) >= target);
}

async function withWriters(
  type: "persistent" | "replicated",
  work: (cluster: LocalCluster, writers: readonly CounterWriter[]) => Promise<void>,
): Promise<void> {
  await withCluster({ kinds: ["ts", "ts", "ts"], tunables: TUNABLES }, async (cluster) => {
    const name = type === "persistent" ? P : R;
    const writers: CounterWriter[] = [];
    for (const node of cluster.nodes)
      writers.push(await CounterWriter.open(node, name, type, `of ${node.pnn}`, OPTIONS));
    try {
      await work(cluster, writers);
    } finally {
      for (const writer of writers) await writer.close();
    }
  });
}

test("the leader is killed amid transactions of all nodes: none that was acknowledged is lost, and they go on", async () => {
  await withWriters("persistent", async (cluster, writers) => {
    for (let round = 0; round < 2; round++) {
      const leader = await awaitCondition("a leader", { timeoutMs: LIMIT_MS }, () => cluster.leader());
      for (const writer of writers) writer.start();
      await moreThan(writers, 20);
      await cluster.node(leader).kill();
      // The others' locks and commits survive it.
      await moreThan(
        writers.filter((_, pnn) => pnn !== leader),
        20,
      );
      cluster.node(leader).start();
      await cluster.healthy();
      await moreThan(writers, 20);
      for (const writer of writers) await writer.stop();
      // A last transaction that failed makes for a recovery.
      await cluster.checkAtRest();
      checkCounters(checkEqualCopies(cluster, fileOf), writers);
    }
  });
});

test("a replicated database lives through the death of each node in turn", async () => {
  await withWriters("replicated", async (cluster, writers) => {
    for (const writer of writers) writer.start();
    for (const victim of [0, 1, 2]) {
      await moreThan(writers, 20);
      await cluster.node(victim).kill();
      await moreThan(
        writers.filter((_, pnn) => pnn !== victim),
        20,
      );
      cluster.node(victim).start();
      await cluster.healthy();
    }
    for (const writer of writers) await writer.stop();
    await cluster.checkAtRest();
    checkCounters(
      checkEqualCopies(cluster, (node) => node.volatileFile(R)),
      writers,
    );
  });
});

test(`of ${KILL_ROUNDS} rounds of transactions on all nodes and SIGKILL none that was acknowledged is lost and none is half done`, async (context) => {
  await withWriters("persistent", async (cluster, writers) => {
    let seed = 34_007;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fff_ffff;
      return (seed >>> 8) % below;
    };
    for (let round = 0; round < KILL_ROUNDS; round++) {
      for (const writer of writers) writer.start();
      await moreThan(writers, 1 + random(40));
      const victims = new Set(round % 3 === 2 ? [0, 1, 2] : [random(3), random(3)]);
      await Promise.all([...victims].map((pnn) => cluster.node(pnn).kill()));
      const survivors = writers.filter((_, pnn) => !victims.has(pnn));
      if (survivors.length > 0 && round % 2 === 0) await moreThan(survivors, 3);
      for (const pnn of victims) cluster.node(pnn).start();
      await cluster.healthy();
      await moreThan(writers, 3);
      for (const writer of writers) await writer.stop();
      // A last transaction that failed makes for a recovery.
      await cluster.checkAtRest();
      checkCounters(checkEqualCopies(cluster, fileOf), writers);
    }
    const unknown = writers.reduce((sum, writer) => sum + writer.unknown, 0);
    const refused = writers.reduce((sum, writer) => sum + writer.refused, 0);
    context.diagnostic(`${total(writers)} acknowledged, ${unknown} unknown, ${refused} not stored`);
  });
});
