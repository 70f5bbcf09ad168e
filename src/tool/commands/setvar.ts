// `ctdb setvar NAME VALUE`: changes a tunable until the daemon restarts (controls LIST_TUNABLES, SET_TUNABLE).
import { strtoul } from "../arguments/numbers.js";
import type { ClusterCommand } from "../command.js";
import { Errno } from "../errors.js";
import { requireTunable } from "../fetch/tunables.js";

/** Status of SET_TUNABLE for a tunable that has no effect any more. */
const STATUS_OBSOLETE = 1;

const command: ClusterCommand = {
  async run(context) {
    const { cluster, targetPnn, terminal, args } = context;
    const name = args[0] ?? "";
    await requireTunable(context, name);
    const value = strtoul(args[1] ?? "");
    if (value === undefined) return Errno.EINVAL;
    const outcome = await cluster.tryControl("SET_TUNABLE", { value, name }, targetPnn);
    if (outcome.ok) return 0;
    if (outcome.replied && outcome.result === STATUS_OBSOLETE) {
      terminal.complain(`Setting obsolete tunable variable '${name}'`);
      return 0;
    }
    cluster.complainAbout("SET_TUNABLE", targetPnn, outcome);
    return outcome.result;
  },
};
export default command;
