// `ctdb enable`: a disabled node may host public addresses again (control ENABLE_NODE).
import { NodeFlag } from "../../protocol/index.js";
import type { ClusterCommand } from "../command.js";
import { changeNodeFlag } from "../fetch/node-flag-change.js";

const command: ClusterCommand = {
  run(context) {
    const { cluster, targetPnn } = context;
    return changeNodeFlag(context, {
      flag: NodeFlag.PERMANENTLY_DISABLED,
      set: false,
      alreadyText: "is not disabled",
      send: () => cluster.tryControl("ENABLE_NODE", undefined, targetPnn),
      complain: (failure) => cluster.complainAbout("ENABLE_NODE", targetPnn, failure),
      failureText: `Failed to enable node ${targetPnn}`,
    });
  },
};
export default command;
