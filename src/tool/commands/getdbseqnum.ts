// `ctdb getdbseqnum DB`: the sequence number of a database (control GET_DB_SEQNUM).
import type { ClusterCommand } from "../command.js";
import { findDatabase } from "../fetch/databases.js";
import { sequenceNumberPrinter } from "../print/databases.js";

const command: ClusterCommand = {
  async run(context) {
    const { cluster, targetPnn, terminal } = context;
    const { id, name } = await findDatabase(context, context.args[0] ?? "");
    const outcome = await cluster.tryControl("GET_DB_SEQNUM", id, targetPnn);
    if (!outcome.ok) {
      cluster.complainAbout("GET_DB_SEQNUM", targetPnn, outcome);
      terminal.complain(`Failed to get sequence number for DB ${name}`);
      return outcome.result;
    }
    context.report(sequenceNumberPrinter, { name, sequenceNumber: BigInt(outcome.reply) });
    return 0;
  },
};
export default command;
