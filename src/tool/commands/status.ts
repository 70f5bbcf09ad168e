// `ctdb status`: the nodes, the VNN map, the recovery mode and the leader.
import { NodeFlag } from "../../protocol/index.js";
import type { ClusterCommand, ClusterContext } from "../command.js";
import { LeaderWatch } from "../fetch/leader.js";
import { fetchNodeMap } from "../fetch/node-map.js";
import { nodeReport, withKnownStates } from "../fetch/node-states.js";
import { type NodeReport, nodeCountLine, nodeHeader, nodeMachineLine, nodePlainLine } from "../print/nodes.js";
import { type ClusterReport, clusterText, statusJson } from "../print/status.js";

async function fetchCluster({ cluster, targetPnn }: ClusterContext, watch: LeaderWatch): Promise<ClusterReport> {
  const map = await cluster.control("GETVNNMAP", undefined, targetPnn);
  const mode = await cluster.control("GET_RECMODE", undefined, targetPnn);
  return {
    generation: map.generation,
    lmasters: map.map,
    recoveryActive: mode !== 0,
    leader: await watch.leader(),
  };
}

const command: ClusterCommand = {
  async run(context) {
    const { options, terminal } = context;
    const nodesOnly = options.machineReadable && !options.json;
    // Listening begins first: the leader announces itself only once a second.
    const watch = nodesOnly ? undefined : await LeaderWatch.start(context.cluster, terminal);
    const nodes = await withKnownStates(context, await fetchNodeMap(context.cluster, terminal));
    const live = nodes.filter((node) => (node.flags & NodeFlag.DELETED) === 0);
    const deleted = nodes.length - live.length;

    // All that may fail comes before the first line.
    const cluster = watch === undefined ? undefined : await fetchCluster(context, watch);
    if (!options.json) {
      terminal.out(nodesOnly ? nodeHeader(options.separator) : nodeCountLine(nodes.length, deleted));
    }
    const reports: NodeReport[] = [];
    for (const node of live) {
      const report = await nodeReport(context, node);
      reports.push(report);
      if (options.json) continue;
      terminal.out(nodesOnly ? nodeMachineLine(report, options.separator) : nodePlainLine(report));
    }
    if (cluster === undefined) return 0;
    if (options.json) context.reportJson(statusJson(reports, deleted, cluster));
    else terminal.out(clusterText(cluster));
    return 0;
  },
};
export default command;
