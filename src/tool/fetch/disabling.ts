// Forbids recoveries or takeover runs on nodes for a while, and allows them again. Called by moveip, reloadips, reloadnodes.
import { DisableMessage } from "../../protocol/index.js";
import type { ClusterAccess } from "../cluster-access.js";

const ANSWER_BYTES = 4;

/**
 * Asks each of the nodes, and waits until all have answered. `timeoutSeconds` 0 allows again. Returns false if a node
 * refuses. Nodes that do not answer in time count as done, as in C.
 */
export async function disableOn(
  cluster: ClusterAccess,
  srvid: bigint,
  pnns: readonly number[],
  timeoutSeconds: number,
): Promise<boolean> {
  const replySrvid = cluster.privateSrvid();
  const waiting = new Set(pnns);
  let settle: (granted: boolean) => void = () => undefined;
  const settled = new Promise<boolean>((resolve) => {
    settle = resolve;
  });
  const subscription = await cluster.client.onMessage(replySrvid, (data) => {
    if (data.length !== ANSWER_BYTES) return;
    const answer = new DataView(data.buffer, data.byteOffset).getInt32(0, true);
    if (answer < 0) settle(false);
    waiting.delete(answer);
    if (waiting.size === 0) settle(true);
  });
  try {
    const payload = DisableMessage.encode({ pnn: cluster.localPnn, srvid: replySrvid, timeout: timeoutSeconds });
    for (const pnn of pnns) cluster.client.sendMessage(pnn, srvid, payload);
    return (await cluster.within(settled)) ?? true;
  } finally {
    await subscription.close();
  }
}
