// `ctdb gettickles IP [PORT]`: the connections to a public address that get a tickle (control GET_TCP_TICKLE_LIST).
import { parseIp } from "../arguments/addresses.js";
import { strtoul } from "../arguments/numbers.js";
import type { ClusterCommand } from "../command.js";
import { Errno } from "../errors.js";
import { ticklesPrinter } from "../print/tickles.js";

const PORT_MASK = 0xffff;

const command: ClusterCommand = {
  async run({ cluster, targetPnn, args, terminal, report }) {
    const [text = "", portText] = args;
    // The second word is looked at first, as in C.
    const port = portText === undefined ? 0 : strtoul(portText, 10);
    if (port === undefined) return Errno.EINVAL;
    const addr = parseIp(text);
    if (addr === undefined) {
      terminal.complain(`Invalid IP address ${text}`);
      return 1;
    }
    const outcome = await cluster.tryControl("GET_TCP_TICKLE_LIST", { ...addr, port: port & PORT_MASK }, targetPnn);
    if (!outcome.ok) {
      cluster.complainAbout("GET_TCP_TICKLE_LIST", targetPnn, outcome);
      terminal.complain("Failed to get list of connections");
      return outcome.result;
    }
    report(ticklesPrinter, {
      address: text,
      connections: outcome.reply.connections.map(({ src, dst }) => ({ source: src, destination: dst })),
    });
    return 0;
  },
};
export default command;
