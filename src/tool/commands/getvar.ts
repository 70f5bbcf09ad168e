// `ctdb getvar NAME`: the value of a tunable (controls LIST_TUNABLES, GET_TUNABLE).
import type { ClusterCommand } from "../command.js";
import { requireTunable } from "../fetch/tunables.js";
import { tunablePrinter } from "../print/values.js";

const command: ClusterCommand = {
  async run(context) {
    const name = context.args[0] ?? "";
    await requireTunable(context, name);
    const value = await context.cluster.control("GET_TUNABLE", name, context.targetPnn);
    context.report(tunablePrinter, { name, value });
    return 0;
  },
};
export default command;
