// `ctdb pnn`: the number of the node that we are connected to.
import type { ClusterCommand } from "../command.js";
import { pnnPrinter } from "../print/values.js";

const command: ClusterCommand = {
  async run(context) {
    context.report(pnnPrinter, context.localPnn);
    return 0;
  },
};
export default command;
