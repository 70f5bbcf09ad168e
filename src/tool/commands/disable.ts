// `ctdb disable`: a node gives up its public addresses (control DISABLE_NODE).
import { NodeFlag } from "../../protocol/index.js";
import type { ClusterCommand } from "../command.js";
import { changeNodeFlag } from "../fetch/node-flag-change.js";

const command: ClusterCommand = {
  run(context) {
    const { cluster, targetPnn } = context;
    return changeNodeFlag(context, {
      flag: NodeFlag.PERMANENTLY_DISABLED,
      set: true,
      alreadyText: "is already disabled",
      send: () => cluster.tryControl("DISABLE_NODE", undefined, targetPnn),
      complain: (failure) => cluster.complainAbout("DISABLE_NODE", targetPnn, failure),
      failureText: `Failed to disable node ${targetPnn}`,
    });
  },
};
export default command;
