// `ctdb ipinfo IP`: one public address with its interfaces (control GET_PUBLIC_IP_INFO).
import { parseIp } from "../arguments/addresses.js";
import type { ClusterCommand } from "../command.js";
import { publicIpReport } from "../fetch/public-ips.js";
import { publicIpInfoPrinter } from "../print/addresses.js";

/** Status of the daemon for an address that it does not know. */
const STATUS_UNKNOWN_ADDRESS = -1;

const command: ClusterCommand = {
  async run({ cluster, targetPnn, args, terminal, report }) {
    const text = args[0] ?? "";
    const addr = parseIp(text);
    if (addr === undefined) {
      terminal.complain(`Invalid IP address ${text}`);
      return 1;
    }
    const outcome = await cluster.tryControl("GET_PUBLIC_IP_INFO", addr, targetPnn);
    if (outcome.ok) {
      report(publicIpInfoPrinter, { askedPnn: targetPnn, ip: publicIpReport(outcome.reply) });
      return 0;
    }
    cluster.complainAbout("GET_PUBLIC_IP_INFO", targetPnn, outcome);
    if (outcome.replied && outcome.result === STATUS_UNKNOWN_ADDRESS) {
      terminal.out(`Node ${targetPnn} does not know about IP ${text}\n`);
    }
    return outcome.result;
  },
};
export default command;
