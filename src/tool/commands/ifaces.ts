// `ctdb ifaces`: the interfaces that carry public addresses (control GET_IFACES).
import type { ClusterCommand } from "../command.js";
import { interfacesPrinter } from "../print/addresses.js";

const command: ClusterCommand = {
  async run({ cluster, targetPnn, report }) {
    const { ifaces } = await cluster.control("GET_IFACES", undefined, targetPnn);
    report(interfacesPrinter, { pnn: targetPnn, interfaces: ifaces });
    return 0;
  },
};
export default command;
