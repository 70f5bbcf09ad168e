// `ctdb statisticsreset`: sets the counters of a daemon to zero (control STATISTICS_RESET).
import type { ClusterCommand } from "../command.js";

const command: ClusterCommand = {
  async run({ cluster, targetPnn }) {
    await cluster.control("STATISTICS_RESET", undefined, targetPnn);
    return 0;
  },
};
export default command;
