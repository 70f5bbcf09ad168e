// `ctdb statistics`: the counters of a daemon (control STATISTICS).
import type { ClusterCommand } from "../command.js";
import { statisticsPrinter } from "../print/statistics.js";

const command: ClusterCommand = {
  async run(context) {
    context.report(statisticsPrinter, await context.cluster.control("STATISTICS", undefined, context.targetPnn));
    return 0;
  },
};
export default command;
