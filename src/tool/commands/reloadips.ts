// `ctdb reloadips [all|PNN,...]`: nodes read their public addresses file again (control RELOAD_PUBLIC_IPS).
import { Srvid } from "../../protocol/index.js";
import { selectNodes } from "../arguments/node-list.js";
import type { ClusterCommand } from "../command.js";
import { disableOn } from "../fetch/disabling.js";
import { reallocateIps } from "../fetch/ip-reallocation.js";
import { activePnns, connectedPnns, fetchNodeMap } from "../fetch/node-map.js";

const command: ClusterCommand = {
  async run({ cluster, terminal, args, localPnn, options }) {
    const nodes = await fetchNodeMap(cluster, terminal);
    const chosen = activePnns(selectNodes(nodes, args[0], localPnn, terminal));
    const connected = connectedPnns(nodes);
    if (connected.length === 0 || chosen.length === 0) {
      terminal.complain("Memory allocation error");
      return 1;
    }
    if (!(await disableOn(cluster, Srvid.DISABLE_TAKEOVER_RUNS, connected, 2 * options.timeLimitSeconds))) {
      terminal.complain("Failed to disable takeover runs");
      return 1;
    }
    const reloaded = await cluster.controlAll("RELOAD_PUBLIC_IPS", undefined, chosen);
    if (reloaded.result !== 0) terminal.complain("Failed to reload IPs on some nodes.");
    if (!(await disableOn(cluster, Srvid.DISABLE_TAKEOVER_RUNS, connected, 0))) {
      terminal.complain("Failed to enable takeover runs");
      return 1;
    }
    return reallocateIps(cluster);
  },
};
export default command;
