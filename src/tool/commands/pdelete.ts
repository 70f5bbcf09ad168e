// `ctdb pdelete DB KEY`: empties a record of a persistent or replicated database on all nodes.
import { parseArgumentBytes } from "../arguments/record-arguments.js";
import type { ClusterCommand } from "../command.js";
import { inTransaction, openTransactional } from "../fetch/transaction.js";

const command: ClusterCommand = {
  async run(context) {
    const { args, terminal } = context;
    const [databaseText = "", keyText = ""] = args;
    const database = await openTransactional(context, databaseText);
    const key = parseArgumentBytes("key", keyText, terminal);
    await inTransaction(context, database, (transaction) => transaction.delete(key));
    return 0;
  },
};
export default command;
