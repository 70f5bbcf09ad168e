// `ctdb dbstatistics DB`: the counters of a database (control GET_DB_STATISTICS).
import type { ClusterCommand } from "../command.js";
import { findDatabase } from "../fetch/databases.js";
import { databaseStatisticsPrinter } from "../print/statistics.js";

const command: ClusterCommand = {
  async run(context) {
    const { cluster, targetPnn, terminal } = context;
    const { id, name } = await findDatabase(context, context.args[0] ?? "");
    const outcome = await cluster.tryControl("GET_DB_STATISTICS", id, targetPnn);
    if (!outcome.ok) {
      cluster.complainAbout("GET_DB_STATISTICS", targetPnn, outcome);
      terminal.complain(`Failed to get statistics for DB ${name}`);
      return outcome.result;
    }
    context.report(databaseStatisticsPrinter, { name, statistics: outcome.reply });
    return 0;
  },
};
export default command;
