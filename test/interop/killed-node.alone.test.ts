// Nodes killed one after another under load, the leader among them: how soon the others serve again, and that nothing is lost.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { RecoveryMode } from "../../src/protocol/index.js";
import { awaitCondition } from "../cluster/await-condition.js";
import type { ClusterNode } from "../cluster/cluster-node.js";
import { type LocalCluster, type NodeView, withCluster } from "../cluster/local-cluster.js";
import { runClientWorker, WORKER_VARIABLE } from "./client-counter-worker.js";
import { chosenMixes, kindsOf, LONG, mixTitle } from "./cluster-mixes.js";
import { CounterWorker, DAEMON_GONE, type Increment, nowNs } from "./counter-workers.js";
import { checkOwners } from "./record-dump.js";

const DATABASE = "killed.tdb";
const KEYS = 10;
const KILLS = LONG ? 10 : 3;
/** What a cluster of our nodes promises; C nodes need several seconds. */
const RECOVERY_TIMEOUT_MS = 60_000;
/** Increments of each worker before a kill and after a recovery. */
const LOAD_INCREMENTS = 50;

const workerArguments = process.env[WORKER_VARIABLE];
if (workerArguments !== undefined) await runClientWorker(workerArguments);
else defineTests();

function startWorker(node: ClusterNode): Promise<CounterWorker> {
  // Half of the load comes from libtdb and python, half from the client library.
  return CounterWorker.start(node, {
    kind: node.pnn % 2 === 0 ? "python" : "client",
    database: DATABASE,
    keys: KEYS,
    pauseMs: 1,
  });
}

function loaded(workers: readonly CounterWorker[], sinceNs: number): Promise<boolean> {
  return awaitCondition("increments by every worker", { timeoutMs: 60_000, intervalMs: 50 }, () =>
    workers.every((worker) => {
      if (worker.isEnded()) throw new Error(`worker on node ${worker.node.pnn} ended: ${worker.errors}`);
      return worker.increments().filter((increment) => increment.beginNs > sinceNs).length >= LOAD_INCREMENTS;
    }),
  );
}

/** Waits until the survivors are NORMAL with one new generation and a VNN map without the others. */
async function recovered(
  cluster: LocalCluster,
  survivors: readonly number[],
  oldGeneration: number,
): Promise<NodeView> {
  const wanted = [...survivors].sort().join();
  return awaitCondition("recovery of the others", { timeoutMs: RECOVERY_TIMEOUT_MS, intervalMs: 5 }, async () => {
    const views = await Promise.all(survivors.map((pnn) => cluster.view(pnn)));
    const [first] = views;
    if (first === undefined || first.generation === oldGeneration) return undefined;
    const agreed = views.every(
      (view) =>
        view.recoveryMode === RecoveryMode.NORMAL &&
        view.generation === first.generation &&
        view.map.join() === first.map.join() &&
        [...view.map].sort().join() === wanted,
    );
    return agreed ? first : undefined;
  });
}

/** No value was given out twice between two moments; with `finals`, all values up to those are accounted for. */
function checkIncrements(
  increments: readonly Increment[],
  fromNs: number,
  toNs: number,
  finals?: readonly number[],
): void {
  for (let key = 0; key < KEYS; key++) {
    const ofKey = increments.filter((increment) => increment.key === key && increment.endNs < toNs);
    const inside = ofKey.filter((increment) => increment.beginNs > fromNs).map((increment) => increment.value);
    assert.equal(
      new Set(inside).size,
      inside.length,
      `counter ${key}: a value was given out twice, an increment is lost`,
    );
    const final = finals?.[key];
    if (final === undefined || inside.length === 0) continue;
    // An increment that began before the recovery may have been confirmed after it.
    const confirmed = new Set(
      ofKey.filter((increment) => increment.endNs > fromNs).map((increment) => increment.value),
    );
    for (let value = Math.min(...inside); value <= final; value++) {
      assert.ok(confirmed.has(value), `counter ${key}: ${value} of ${final} is nobody's increment`);
    }
    assert.equal(Math.max(...confirmed), final, `counter ${key}: the record lacks confirmed increments`);
  }
}

async function killAgainAndAgain(cluster: LocalCluster, context: TestContext): Promise<void> {
  await cluster.attach(DATABASE);
  const workers = new Map<number, CounterWorker>();
  const all: CounterWorker[] = [];
  const startOn = async (node: ClusterNode) => {
    const worker = await startWorker(node);
    workers.set(node.pnn, worker);
    all.push(worker);
  };
  for (const node of cluster.nodes) await startOn(node);
  let stableSinceNs = nowNs();
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      await loaded([...workers.values()], nowNs());
      const before = await cluster.view(0);
      const leader = (await cluster.leader()) ?? 0;
      const victim = kill % 2 === 0 ? leader : (leader + 1) % cluster.nodes.length;
      const survivors = cluster.nodes.map((node) => node.pnn).filter((pnn) => pnn !== victim);

      const killedNs = nowNs();
      const [killedAt, view, recoveredAt] = await Promise.all([
        cluster.node(victim).kill(),
        recovered(cluster, survivors, before.generation),
      ]).then(([at, seen]) => [at, seen, performance.now()] as const);
      const recoveryMs = recoveredAt - killedAt;
      context.diagnostic(
        `kill ${kill + 1}: node ${victim}${victim === leader ? " (leader)" : ""}, recovered in ${recoveryMs.toFixed(0)} ms`,
      );
      const increments = () => all.flatMap((worker) => worker.increments());
      checkIncrements(increments(), stableSinceNs, killedNs);

      const recoveredNs = nowNs();
      stableSinceNs = recoveredNs;
      assert.equal(await workers.get(victim)?.ended(10_000), DAEMON_GONE, workers.get(victim)?.errors);
      workers.delete(victim);
      await loaded([...workers.values()], recoveredNs);
      for (const worker of workers.values()) assert.equal(await worker.stop(), 0, worker.errors);
      const owned = checkOwners(cluster, DATABASE, survivors, view.map);
      const finals = Array.from({ length: KEYS }, (_, key) => owned.get(`counter ${key}`)?.value.readUInt32LE(0) ?? 0);
      checkIncrements(increments(), recoveredNs, Number.POSITIVE_INFINITY, finals);

      // The node comes back under load.
      for (const pnn of survivors) await startOn(cluster.node(pnn));
      cluster.node(victim).start();
      await cluster.healthy();
      await startOn(cluster.node(victim));
    }
  } finally {
    for (const worker of all) await worker.kill();
  }
}

function defineTests(): void {
  for (const mix of chosenMixes(["ttt", "ctt"], ["cct", "ccc"])) {
    test(`${KILLS} times a node of ${mixTitle(mix)} is killed under load, and the others recover and lose no confirmed increment`, async (context) => {
      await withCluster({ kinds: kindsOf(mix), tunables: { RerecoveryTimeout: 1 } }, (cluster) =>
        killAgainAndAgain(cluster, context),
      );
    });
  }
}
