// `ctdb continue`: a stopped node joins the cluster again (control CONTINUE_NODE).
import { NodeFlag } from "../../protocol/index.js";
import type { ClusterCommand } from "../command.js";
import { changeNodeFlag } from "../fetch/node-flag-change.js";

const command: ClusterCommand = {
  run(context) {
    const { cluster, targetPnn } = context;
    return changeNodeFlag(context, {
      flag: NodeFlag.STOPPED,
      set: false,
      alreadyText: "is not stopped",
      send: () => cluster.tryControl("CONTINUE_NODE", undefined, targetPnn),
      complain: (failure) => cluster.complainAbout("CONTINUE_NODE", targetPnn, failure),
      failureText: `Failed to continue stopped node ${targetPnn}`,
    });
  },
};
export default command;
