// `ctdb ip [all]`: the public addresses and the nodes that host them (controls GET_PUBLIC_IPS, GET_PUBLIC_IP_INFO).
import type { ClusterCommand } from "../command.js";
import { UsageError } from "../errors.js";
import { fetchAllIps, fetchNodeIps, publicIpReport } from "../fetch/public-ips.js";
import { type PublicIpReport, publicIpsPrinter } from "../print/addresses.js";

const command: ClusterCommand = {
  async run(context) {
    const { args, cluster, targetPnn, options } = context;
    if (args[0] !== undefined && args[0] !== "all") throw new UsageError();
    const all = args[0] === "all";
    const hosted = all ? await fetchAllIps(context) : await fetchNodeIps(context, targetPnn);
    const addresses: PublicIpReport[] = [];
    for (const { addr, pnn } of hosted) {
      if (all && pnn < 0) {
        addresses.push({ address: addr.address, pnn, interfaces: [], activeInterface: undefined });
        continue;
      }
      const info = await cluster.control("GET_PUBLIC_IP_INFO", addr, all ? pnn : targetPnn);
      addresses.push({ ...publicIpReport(info, pnn), address: addr.address });
    }
    context.report(publicIpsPrinter, { pnn: all ? undefined : targetPnn, addresses, verbose: options.verbose });
    return 0;
  },
};
export default command;
