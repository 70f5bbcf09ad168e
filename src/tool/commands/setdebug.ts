// `ctdb setdebug LEVEL`: changes the log level of a daemon (control SET_DEBUG).
import { parseLogLevel } from "../../platform/logging/log-levels.js";
import type { ClusterCommand } from "../command.js";

const command: ClusterCommand = {
  async run({ cluster, targetPnn, args, terminal }) {
    const text = args[0] ?? "";
    // No text at all is the beginning of each name; the first one is taken.
    const level = parseLogLevel(text === "" ? "ERROR" : text);
    if (level === undefined) {
      terminal.complain(`Invalid debug level '${text}'. Valid levels are:`);
      terminal.complain("\tERROR | WARNING | NOTICE | INFO | DEBUG");
      return 1;
    }
    await cluster.control("SET_DEBUG", level, targetPnn);
    return 0;
  },
};
export default command;
