// `ctdb leader`: which node leads the cluster.
import type { ClusterCommand } from "../command.js";
import { LeaderWatch } from "../fetch/leader.js";
import { leaderPrinter } from "../print/values.js";

const command: ClusterCommand = {
  async run(context) {
    const watch = await LeaderWatch.start(context.cluster, context.terminal);
    context.report(leaderPrinter, await watch.leader());
    return 0;
  },
};
export default command;
