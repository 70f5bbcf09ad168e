// `ctdb stop`: a node leaves the cluster for maintenance (control STOP_NODE).
import { NodeFlag } from "../../protocol/index.js";
import type { ClusterCommand } from "../command.js";
import { changeNodeFlag } from "../fetch/node-flag-change.js";

const command: ClusterCommand = {
  run(context) {
    const { cluster, targetPnn } = context;
    return changeNodeFlag(context, {
      flag: NodeFlag.STOPPED,
      set: true,
      alreadyText: "is already stopped",
      send: () => cluster.tryControl("STOP_NODE", undefined, targetPnn),
      complain: (failure) => cluster.complainAbout("STOP_NODE", targetPnn, failure),
      failureText: `Failed to stop node ${targetPnn}`,
    });
  },
};
export default command;
