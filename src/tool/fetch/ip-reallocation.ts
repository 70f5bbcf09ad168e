// Asks the leader to spread the public addresses anew, and waits until it has. Called by every command that changes which
// nodes may host addresses.
import { Pnn, Srvid, SrvidMessage } from "../../protocol/index.js";
import type { ClusterAccess } from "../cluster-access.js";

const ANSWER_BYTES = 4;

/**
 * Sends TAKEOVER_RUN to all connected nodes until the leader answers; that is after the takeover run has ended. Returns 0,
 * or the leader's negative result. Without a leader it goes on until the program's runtime limit.
 */
export async function reallocateIps(cluster: ClusterAccess): Promise<number> {
  const srvid = cluster.privateSrvid();
  let answer: ((result: number) => void) | undefined;
  const subscription = await cluster.client.onMessage(srvid, (data) => {
    if (data.length !== ANSWER_BYTES) return;
    answer?.(new DataView(data.buffer, data.byteOffset).getInt32(0, true));
  });
  try {
    for (;;) {
      const heard = new Promise<number>((resolve) => {
        answer = resolve;
      });
      cluster.client.sendMessage(
        Pnn.BROADCAST_CONNECTED,
        Srvid.TAKEOVER_RUN,
        SrvidMessage.encode({ pnn: cluster.localPnn, srvid }),
      );
      const result = await cluster.within(heard);
      if (result !== undefined) return Math.min(result, 0);
    }
  } finally {
    await subscription.close();
  }
}
