// `ctdb nodestatus [all|PNN,...]`: node lines; the exit status is the OR of the nodes' flags.
import { selectNodes, withoutDeleted } from "../arguments/node-list.js";
import type { ClusterCommand } from "../command.js";
import { fetchNodeMap } from "../fetch/node-map.js";
import { nodeReport, withKnownStates } from "../fetch/node-states.js";
import {
  type NodeReport,
  nodeCountLine,
  nodeHeader,
  nodeJson,
  nodeMachineLine,
  nodePlainLine,
} from "../print/nodes.js";

const command: ClusterCommand = {
  async run(context) {
    const { options, terminal, args, targetPnn } = context;
    const { separator, machineReadable, json } = options;
    const all = await fetchNodeMap(context.cluster, terminal);
    const wanted = selectNodes(all, args[0], targetPnn, terminal);
    const live = withoutDeleted(await withKnownStates(context, wanted));

    if (!json) {
      if (machineReadable) terminal.out(nodeHeader(separator));
      else if (args[0] === "all") terminal.out(nodeCountLine(wanted.length, wanted.length - live.length));
    }
    const reports: NodeReport[] = [];
    for (const node of live) {
      const report = await nodeReport(context, node);
      reports.push(report);
      if (!json) terminal.out(machineReadable ? nodeMachineLine(report, separator) : nodePlainLine(report));
    }
    if (json) context.reportJson({ nodes: reports.map(nodeJson) });
    return reports.reduce((flags, node) => flags | node.flags, 0);
  },
};
export default command;
