// `ctdb ban SECONDS`: shuts a node out of the cluster for a while (control SET_BAN_STATE).
import { NodeFlag } from "../../protocol/index.js";
import { strtoul } from "../arguments/numbers.js";
import type { ClusterCommand } from "../command.js";
import { Errno } from "../errors.js";
import { changeNodeFlag } from "../fetch/node-flag-change.js";

const command: ClusterCommand = {
  run(context) {
    const { cluster, targetPnn, terminal, args } = context;
    const time = strtoul(args[0] ?? "");
    return changeNodeFlag(context, {
      flag: NodeFlag.BANNED,
      set: true,
      alreadyText: "is already banned",
      check() {
        if (time === 0) terminal.complain("Ban time cannot be zero");
        return time === undefined || time === 0 ? Errno.EINVAL : 0;
      },
      send: () => cluster.tryControl("SET_BAN_STATE", { pnn: targetPnn, time: time ?? 0 }, targetPnn),
      complain: (failure) => cluster.complainAbout("SET_BAN_STATE", targetPnn, failure),
      failureText: `Failed to ban node ${targetPnn}`,
    });
  },
};
export default command;
