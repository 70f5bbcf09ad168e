// Gives the lead to a chosen node, so that tests can say who leads.
import { awaitCondition } from "./await-condition.js";
import type { LocalCluster } from "./local-cluster.js";

const TIMEOUT_MS = 120_000;

/** The other nodes give up the leader role until node `pnn` has taken the lead. The cluster is healthy afterwards. */
export async function makeLeader(cluster: LocalCluster, pnn: number): Promise<void> {
  const others = cluster.nodes.filter((node) => node.pnn !== pnn);
  for (const node of others) await node.ctdbOk(["setleaderrole", "off"]);
  await awaitCondition(`node ${pnn} leads`, { timeoutMs: TIMEOUT_MS, intervalMs: 100 }, async () => {
    const seen = await Promise.all(cluster.nodes.map((node) => cluster.leader(node.pnn)));
    return seen.every((leader) => leader === pnn);
  });
  for (const node of others) await node.ctdbOk(["setleaderrole", "on"]);
  await cluster.healthy();
}
