// `ctdb dumpmemory`: the daemon's report on its memory (control DUMP_MEMORY).
import type { ClusterCommand } from "../command.js";
import { textPrinter } from "../print/values.js";

const command: ClusterCommand = {
  async run(context) {
    context.report(textPrinter, await context.cluster.control("DUMP_MEMORY", undefined, context.targetPnn));
    return 0;
  },
};
export default command;
