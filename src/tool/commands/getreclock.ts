// `ctdb getreclock`: the cluster lock as it is configured (control GET_RECLOCK_FILE).
import type { ClusterCommand } from "../command.js";
import { clusterLockPrinter } from "../print/values.js";

const command: ClusterCommand = {
  async run(context) {
    context.report(clusterLockPrinter, await context.cluster.control("GET_RECLOCK_FILE", undefined, context.targetPnn));
    return 0;
  },
};
export default command;
