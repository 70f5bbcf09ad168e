// The counters of our daemon beside those of Debian's after the same work, read with Debian's tool: each one that C fills is filled here.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "../../src/client/index.js";
import type { ClusterNode, NodeKind } from "../cluster/cluster-node.js";
import { withCluster } from "../cluster/local-cluster.js";

const DATABASES = ["volatile.tdb", "persistent.tdb"] as const;
/** Chance decides whether these are above zero after so little work. */
const BY_CHANCE =
  /frozen|recovering|pending|num_current|timeouts|failed|reply_error|_ro_|tunnel|keepalive|num_call|hop/;

/** Column -> value of the machine readable form. */
async function statisticsOf(node: ClusterNode): Promise<Map<string, number>> {
  const [names = "", values = ""] = (await node.ctdbOk(["-X", "statistics"])).split("\n");
  const numbers = values.split("|");
  return new Map(names.split("|").map((name, i) => [name, Number(numbers[i])]));
}

async function work(nodes: readonly ClusterNode[]): Promise<void> {
  const [first, second] = nodes;
  assert.ok(first !== undefined && second !== undefined);
  const [volatile, persistent] = DATABASES;
  await first.ctdbOk(["attach", volatile]);
  await first.ctdbOk(["attach", persistent, "persistent"]);
  for (const node of [first, second, first, second]) {
    await using client = await connect({ socketPath: node.socketPath });
    const database = await client.attach(volatile);
    for (let i = 0; i < 50; i++) {
      const record = await database.fetchLock(`key ${i}`);
      record.store(Buffer.from("value"));
      record.release();
    }
    await node.ctdbOk(["pstore", persistent, "key", "value"]);
  }
}

test("after the same work our daemon has filled every counter that Debian's has", async () => {
  const filledBy = async (kind: NodeKind): Promise<Map<string, number>> => {
    const sums = new Map<string, number>();
    await withCluster({ kinds: [kind, kind] }, async (cluster) => {
      await work(cluster.nodes);
      for (const node of cluster.nodes) {
        for (const [name, value] of await statisticsOf(node)) sums.set(name, (sums.get(name) ?? 0) + value);
      }
    });
    return sums;
  };
  const [c, ts] = await Promise.all([filledBy("c"), filledBy("ts")]);
  assert.deepEqual([...ts.keys()], [...c.keys()]);
  const missing = [...c].filter(([name, value]) => value > 0 && !BY_CHANCE.test(name) && !((ts.get(name) ?? 0) > 0));
  assert.deepEqual(missing, []);
});
