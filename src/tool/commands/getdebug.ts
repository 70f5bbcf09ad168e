// `ctdb getdebug`: the log level of a daemon (control GET_DEBUG).
import { logLevelName } from "../../platform/logging/log-levels.js";
import type { ClusterCommand } from "../command.js";
import { debugLevelPrinter } from "../print/values.js";

const command: ClusterCommand = {
  async run(context) {
    const level = await context.cluster.control("GET_DEBUG", undefined, context.targetPnn);
    context.report(debugLevelPrinter, logLevelName(level));
    return 0;
  },
};
export default command;
