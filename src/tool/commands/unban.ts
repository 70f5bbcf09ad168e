// `ctdb unban`: ends the ban of a node (control SET_BAN_STATE with time 0).
import { NodeFlag } from "../../protocol/index.js";
import type { ClusterCommand } from "../command.js";
import { changeNodeFlag } from "../fetch/node-flag-change.js";

const command: ClusterCommand = {
  run(context) {
    const { cluster, targetPnn } = context;
    return changeNodeFlag(context, {
      flag: NodeFlag.BANNED,
      set: false,
      alreadyText: "is not banned",
      send: () => cluster.tryControl("SET_BAN_STATE", { pnn: targetPnn, time: 0 }, targetPnn),
      complain: (failure) => cluster.complainAbout("SET_BAN_STATE", targetPnn, failure),
      failureText: `Failed to unban node ${targetPnn}`,
    });
  },
};
export default command;
