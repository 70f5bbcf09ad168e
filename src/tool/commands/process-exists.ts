// `ctdb process-exists PID [SRVID]`: whether a client with this pid is connected to a node, and has registered the message
// id (controls PROCESS_EXISTS, CHECK_PID_SRVID).
import { atoi, strtoull } from "../arguments/numbers.js";
import type { ClusterCommand } from "../command.js";
import { Errno } from "../errors.js";
import { processPrinter } from "../print/values.js";

const command: ClusterCommand = {
  async run({ cluster, targetPnn, args, report }) {
    const pid = atoi(args[0] ?? "");
    const srvid = args[1] === undefined ? 0n : strtoull(args[1]);
    if (srvid === undefined) return Errno.EINVAL;
    const name = srvid === 0n ? "PROCESS_EXISTS" : "CHECK_PID_SRVID";
    const outcome =
      srvid === 0n
        ? await cluster.tryControl("PROCESS_EXISTS", pid, targetPnn)
        : await cluster.tryControl("CHECK_PID_SRVID", { pid, srvid }, targetPnn);
    if (!outcome.ok && !outcome.replied) {
      cluster.complainAbout(name, targetPnn, outcome);
      return outcome.result;
    }
    report(processPrinter, { pid, srvid, exists: outcome.ok });
    return outcome.ok ? 0 : outcome.result;
  },
};
export default command;
