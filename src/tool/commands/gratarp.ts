// `ctdb gratarp IP IFACE`: has a node tell its network where an address is (control SEND_GRATUITOUS_ARP).
import { parseIp } from "../arguments/addresses.js";
import type { ClusterCommand } from "../command.js";

const command: ClusterCommand = {
  async run({ cluster, targetPnn, args, terminal }) {
    const [text = "", iface = ""] = args;
    const addr = parseIp(text);
    if (addr === undefined) {
      terminal.complain(`Invalid IP address ${text}`);
      return 1;
    }
    const outcome = await cluster.tryControl("SEND_GRATUITOUS_ARP", { addr, mask: 0, iface }, targetPnn);
    if (outcome.ok) return 0;
    cluster.complainAbout("SEND_GRATUITOUS_ARP", targetPnn, outcome);
    terminal.complain(`Unable to send gratuitous arp from node ${targetPnn}`);
    return outcome.result;
  },
};
export default command;
