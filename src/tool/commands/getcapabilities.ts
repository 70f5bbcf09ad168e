// `ctdb getcapabilities`: which roles a node may take (control GET_CAPABILITIES).
import { Capability } from "../../protocol/index.js";
import type { ClusterCommand } from "../command.js";
import { capabilitiesPrinter } from "../print/values.js";

const command: ClusterCommand = {
  async run(context) {
    const bits = await context.cluster.control("GET_CAPABILITIES", undefined, context.targetPnn);
    context.report(capabilitiesPrinter, {
      leader: (bits & Capability.RECMASTER) !== 0,
      lmaster: (bits & Capability.LMASTER) !== 0,
    });
    return 0;
  },
};
export default command;
