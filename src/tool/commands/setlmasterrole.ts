// `ctdb setlmasterrole on|off`: whether a node may be lmaster (control SET_LMASTERROLE); a recovery puts it into effect.
import { parseOnOff } from "../arguments/on-off.js";
import type { ClusterCommand } from "../command.js";

const command: ClusterCommand = {
  async run(context) {
    await context.cluster.control("SET_LMASTERROLE", parseOnOff(context.args[0]), context.targetPnn);
    return 0;
  },
};
export default command;
