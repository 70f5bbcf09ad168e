// One counter record raised by a worker on each node, through C daemons, ours, and both in one cluster, with each in the lead.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { makeLeader } from "../cluster/leadership.js";
import { type LocalCluster, withCluster } from "../cluster/local-cluster.js";
import { runClientWorker, WORKER_VARIABLE } from "./client-counter-worker.js";
import { chosenMixes, kindsOf, mixTitle } from "./cluster-mixes.js";
import { CounterWorker, type WorkerKind } from "./counter-workers.js";
import { checkOwners } from "./record-dump.js";

const DATABASE = "counter.tdb";
const INCREMENTS = 1000;

const workerArguments = process.env[WORKER_VARIABLE];
if (workerArguments !== undefined) await runClientWorker(workerArguments);
else defineTests();

async function raiseTogether(context: TestContext, cluster: LocalCluster, kinds: readonly WorkerKind[]): Promise<void> {
  const before = await cluster.healthy();
  const owned = checkOwners(cluster, DATABASE, before.map, before.map);
  const start = owned.get("counter 0")?.value.readUInt32LE(0) ?? 0;
  const workers = await Promise.all(
    cluster.nodes.map((node, i) =>
      CounterWorker.start(node, { kind: kinds[i % kinds.length] ?? "python", database: DATABASE, count: INCREMENTS }),
    ),
  );
  const statuses = await Promise.all(workers.map((worker) => worker.ended(120_000)));
  assert.deepEqual(
    statuses,
    cluster.nodes.map(() => 0),
    workers.map((worker) => worker.errors).join(),
  );

  const increments = workers.flatMap((worker) => worker.increments());
  const values = increments.map((increment) => increment.value).sort((a, b) => a - b);
  const sum = INCREMENTS * cluster.nodes.length;
  assert.deepEqual(
    values,
    Array.from({ length: sum }, (_, i) => start + i + 1),
    "every value was given out exactly once",
  );
  const longestMs = Math.max(...increments.map((increment) => (increment.endNs - increment.beginNs) / 1e6));
  context.diagnostic(`the longest wait of a worker was ${longestMs.toFixed(1)} ms`);

  const after = await cluster.healthy();
  assert.equal(after.generation, before.generation, "no recovery was needed");
  const counter = checkOwners(cluster, DATABASE, after.map, after.map).get("counter 0");
  assert.equal(counter?.value.readUInt32LE(0), start + sum);
}

function defineTests(): void {
  for (const mix of chosenMixes(["ttt", "ctt", "cct"], ["ccc"])) {
    test(`workers on ${mixTitle(mix)} raise one counter 1,000 times each without losing an increment, whoever leads`, async (context) => {
      await withCluster({ kinds: kindsOf(mix), tunables: { RerecoveryTimeout: 1 } }, async (cluster) => {
        await cluster.attach(DATABASE);
        const first = (await cluster.leader()) ?? 0;
        await raiseTogether(context, cluster, ["python"]);
        // One leader of each kind is enough: a C leader and one of ours.
        const other = cluster.nodes.find((node) => node.kind !== cluster.node(first).kind);
        if (other !== undefined) await makeLeader(cluster, other.pnn);
        await raiseTogether(context, cluster, ["client", "python"]);
      });
    });
  }
}
