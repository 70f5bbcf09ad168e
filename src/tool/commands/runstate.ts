// `ctdb runstate [STATE...]`: the run state of a daemon, or whether it is one of these (control GET_RUNSTATE).
import type { ClusterCommand } from "../command.js";
import { RUNSTATE_NAMES, runstateName } from "../fetch/runstate.js";
import { runstatePrinter } from "../print/values.js";

const command: ClusterCommand = {
  async run(context) {
    const name = runstateName(await context.cluster.control("GET_RUNSTATE", undefined, context.targetPnn));
    if (context.args.length === 0) {
      context.report(runstatePrinter, name);
      return 0;
    }
    for (const wanted of context.args) {
      if (!RUNSTATE_NAMES.includes(wanted.toUpperCase())) {
        context.terminal.out(`Invalid run state (${wanted})\n`);
        return 1;
      }
      if (wanted.toUpperCase() === name) {
        context.report(runstatePrinter, name);
        return 0;
      }
    }
    context.terminal.out(`CTDB not in required run state (got ${name})\n`);
    return 1;
  },
};
export default command;
