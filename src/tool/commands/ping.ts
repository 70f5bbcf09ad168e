// `ctdb ping`: round trip to a node, and how many clients it has (control PING).
import { performance } from "node:perf_hooks";
import type { ClusterCommand } from "../command.js";
import { pingPrinter } from "../print/values.js";

const command: ClusterCommand = {
  async run(context) {
    const sentAt = performance.now();
    const clients = await context.cluster.control("PING", undefined, context.targetPnn);
    const seconds = (performance.now() - sentAt) / 1000;
    context.report(pingPrinter, { pnn: context.targetPnn, seconds, clients });
    return 0;
  },
};
export default command;
