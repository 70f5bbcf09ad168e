// `ctdb addip IP/MASK IFACE`: gives a node one more public address until it restarts (control ADD_PUBLIC_IP).
import { setTimeout as delay } from "node:timers/promises";
import { Pnn, Srvid, sameIp, U32 } from "../../protocol/index.js";
import { parseIpMask } from "../arguments/addresses.js";
import type { ClusterCommand } from "../command.js";

const ATTEMPTS_MAX = 5;
const RETRY_INTERVAL_MS = 3000;

const command: ClusterCommand = {
  async run({ cluster, targetPnn, args, terminal }) {
    const [text = "", iface = ""] = args;
    const parsed = parseIpMask(text);
    if (parsed === undefined) {
      terminal.complain(`Invalid IP/Mask ${text}`);
      return 1;
    }
    const { address: addr, mask } = parsed;
    const known = await cluster.tryControl("GET_PUBLIC_IPS", undefined, targetPnn);
    if (!known.ok) {
      cluster.complainAbout("GET_PUBLIC_IPS", targetPnn, known);
      terminal.complain(`Failed to get Public IPs from node ${targetPnn}`);
      return 1;
    }
    if (known.reply.ips.some((ip) => sameIp(ip.addr, addr))) {
      terminal.complain(`Node already knows about IP ${addr.address}`);
      return 0;
    }
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await cluster.tryControl("ADD_PUBLIC_IP", { addr, mask, iface }, targetPnn);
      if (outcome.ok) break;
      cluster.complainAbout("ADD_PUBLIC_IP", targetPnn, outcome);
      if (attempt === ATTEMPTS_MAX) {
        terminal.complain(`Failed to add public IP to node ${targetPnn}. Giving up`);
        return outcome.result;
      }
      await delay(RETRY_INTERVAL_MS);
    }
    cluster.client.sendMessage(Pnn.BROADCAST_CONNECTED, Srvid.REBALANCE_NODE, U32.encode(targetPnn));
    await cluster.flushed();
    return 0;
  },
};
export default command;
