// `ctdb listvars`: all tunables with their values (controls LIST_TUNABLES, GET_TUNABLE).
import type { ClusterCommand } from "../command.js";
import { type TunableReport, tunablesPrinter } from "../print/values.js";

const command: ClusterCommand = {
  async run({ cluster, targetPnn, report }) {
    const tunables: TunableReport[] = [];
    for (const name of await cluster.control("LIST_TUNABLES", undefined, targetPnn)) {
      const outcome = await cluster.tryControl("GET_TUNABLE", name, targetPnn);
      if (outcome.ok) tunables.push({ name, value: outcome.reply });
      else cluster.complainAbout("GET_TUNABLE", targetPnn, outcome);
    }
    report(tunablesPrinter, tunables);
    return 0;
  },
};
export default command;
