// `ctdb loop [reset]`: what the event loop of a daemon ran, how long that took, and which turns were long (controls LOOP_TIMES and
// LOOP_RESET, which only our daemons know).
import type { ClusterCommand } from "../command.js";
import { UsageError } from "../errors.js";
import { ownControl } from "../fetch/own-control.js";
import { loopPrinter } from "../print/loop.js";

const command: ClusterCommand = {
  async run(context) {
    const [action] = context.args;
    if (action === "reset") {
      await ownControl(context, "LOOP_RESET", undefined);
      return 0;
    }
    if (action !== undefined) throw new UsageError();
    const times = await ownControl(context, "LOOP_TIMES", undefined);
    context.report(loopPrinter, { pnn: context.targetPnn, times });
    return 0;
  },
};
export default command;
