// `ctdb getpid`: the process id of a daemon (control GET_PID).
import type { ClusterCommand } from "../command.js";
import { pidPrinter } from "../print/values.js";

const command: ClusterCommand = {
  async run(context) {
    context.report(pidPrinter, await context.cluster.control("GET_PID", undefined, context.targetPnn));
    return 0;
  },
};
export default command;
