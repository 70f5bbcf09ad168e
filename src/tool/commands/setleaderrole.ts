// `ctdb setleaderrole on|off`: whether a node may lead the cluster (control SET_RECMASTERROLE).
import { parseOnOff } from "../arguments/on-off.js";
import type { ClusterCommand } from "../command.js";

const command: ClusterCommand = {
  async run(context) {
    await context.cluster.control("SET_RECMASTERROLE", parseOnOff(context.args[0]), context.targetPnn);
    return 0;
  },
};
export default command;
