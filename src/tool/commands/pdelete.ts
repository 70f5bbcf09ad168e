// `ctdb pdelete DB KEY`: empties a record of a persistent or replicated database on all nodes.
import { parseArgumentBytes } from "../arguments/record-arguments.js";
import type { ClusterCommand } from "../command.js";
import { inWriteTransaction, openTransactional } from "../fetch/transaction.js";

const command: ClusterCommand = {
  async run(context) {
    const { args, terminal } = context;
    const [databaseText = "", keyText = ""] = args;
    const database = await openTransactional(context, databaseText);
    const key = parseArgumentBytes("key", keyText, terminal);
    await inWriteTransaction(context, database, (transaction) => transaction.store(key, Buffer.alloc(0)));
    return 0;
  },
};
export default command;
