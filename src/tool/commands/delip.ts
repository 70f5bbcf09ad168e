// `ctdb delip IP`: takes a public address from a node until it restarts (control DEL_PUBLIC_IP).
import { sameIp } from "../../protocol/index.js";
import { parseIp } from "../arguments/addresses.js";
import type { ClusterCommand } from "../command.js";

const command: ClusterCommand = {
  async run({ cluster, targetPnn, args, terminal }) {
    const text = args[0] ?? "";
    const addr = parseIp(text);
    if (addr === undefined) {
      terminal.complain(`Invalid IP address ${text}`);
      return 1;
    }
    const known = await cluster.tryControl("GET_PUBLIC_IPS", undefined, targetPnn);
    if (!known.ok) {
      cluster.complainAbout("GET_PUBLIC_IPS", targetPnn, known);
      terminal.complain(`Failed to get Public IPs from node ${targetPnn}`);
      return 1;
    }
    if (!known.reply.ips.some((ip) => sameIp(ip.addr, addr))) {
      terminal.complain(`Node does not know about IP address ${addr.address}`);
      return 0;
    }
    const outcome = await cluster.tryControl("DEL_PUBLIC_IP", { addr, mask: 0, iface: null }, targetPnn);
    if (outcome.ok) return 0;
    cluster.complainAbout("DEL_PUBLIC_IP", targetPnn, outcome);
    terminal.complain(`Failed to delete public IP from node ${targetPnn}`);
    return outcome.result;
  },
};
export default command;
