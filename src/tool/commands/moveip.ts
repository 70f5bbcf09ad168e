// `ctdb moveip IP PNN`: moves a public address to another node (controls RELEASE_IP, TAKEOVER_IP).
import { setTimeout as delay } from "node:timers/promises";
import { type SockAddr, Srvid, sameIp } from "../../protocol/index.js";
import { parseIp } from "../arguments/addresses.js";
import { strtoul } from "../arguments/numbers.js";
import type { ClusterCommand, ClusterContext } from "../command.js";
import { disableOn } from "../fetch/disabling.js";
import { activePnns, connectedPnns, fetchNodeMap } from "../fetch/node-map.js";

const ATTEMPTS_MAX = 5;
const RETRY_INTERVAL_MS = 3000;

async function moveOnce(context: ClusterContext, addr: SockAddr, pnn: number): Promise<number> {
  const { cluster, terminal, options } = context;
  const known = await cluster.tryControl("GET_PUBLIC_IPS", undefined, pnn);
  if (!known.ok) {
    cluster.complainAbout("GET_PUBLIC_IPS", pnn, known);
    terminal.complain(`Failed to get Public IPs from node ${pnn}`);
    return known.result;
  }
  if (!known.reply.ips.some((ip) => sameIp(ip.addr, addr))) {
    terminal.complain(`Node ${pnn} CANNOT host IP address ${addr.address}`);
    return 1;
  }
  const nodes = await fetchNodeMap(cluster, terminal);
  const others = activePnns(nodes, pnn);
  if (others.length === 0) {
    terminal.complain("Memory allocation error");
    return 1;
  }
  const connected = connectedPnns(nodes);
  if (!(await disableOn(cluster, Srvid.DISABLE_TAKEOVER_RUNS, connected, 2 * options.timeLimitSeconds))) {
    terminal.complain("Failed to disable takeover runs");
    return 1;
  }
  const ip = { pnn, addr };
  const released = await cluster.controlAll("RELEASE_IP", ip, others);
  if (released.result !== 0) {
    terminal.complain("Failed to release IP on nodes");
    return released.result;
  }
  const taken = await cluster.tryControl("TAKEOVER_IP", ip, pnn);
  if (!taken.ok) {
    cluster.complainAbout("TAKEOVER_IP", pnn, taken);
    terminal.complain(`Failed to takeover IP on node ${pnn}`);
    return taken.result;
  }
  if (!(await disableOn(cluster, Srvid.DISABLE_TAKEOVER_RUNS, connected, 0))) {
    terminal.complain("Failed to enable takeover runs");
    return 1;
  }
  const told = await cluster.controlAll("IPREALLOCATED", undefined, connected);
  if (told.result !== 0) terminal.complain("Failed to send ipreallocated");
  return told.result;
}

const command: ClusterCommand = {
  async run(context) {
    const { terminal, args } = context;
    const [text = "", pnnText = ""] = args;
    const addr = parseIp(text);
    if (addr === undefined) {
      terminal.complain(`Invalid IP address ${text}`);
      return 1;
    }
    const pnn = strtoul(pnnText, 10);
    if (pnn === undefined) {
      terminal.complain(`Invalid PNN ${pnnText}`);
      return 1;
    }
    for (let attempt = 1; ; attempt += 1) {
      const result = await moveOnce(context, addr, pnn);
      if (result === 0) return 0;
      await delay(RETRY_INTERVAL_MS);
      if (attempt === ATTEMPTS_MAX) {
        terminal.complain(`Failed to move IP ${text} to node ${pnn}`);
        return result;
      }
    }
  },
};
export default command;
