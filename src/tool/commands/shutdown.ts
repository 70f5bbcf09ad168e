// `ctdb shutdown`: ends a daemon (control SHUTDOWN, without reply). For the local one it waits until it is gone.
import type { ClusterCommand } from "../command.js";

const command: ClusterCommand = {
  async run({ cluster, targetPnn, localPnn }) {
    cluster.client.sendControlNoReply("SHUTDOWN", undefined, { pnn: targetPnn });
    if (targetPnn === localPnn) await cluster.closed();
    else await cluster.flushed();
    return 0;
  },
};
export default command;
