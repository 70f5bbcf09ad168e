// `ctdb pfetch DB KEY`: the value of a record of a persistent or replicated database.
import { parseArgumentBytes } from "../arguments/record-arguments.js";
import type { ClusterCommand } from "../command.js";
import { inReadTransaction, openTransactional } from "../fetch/transaction.js";
import { cText } from "../print/c-text.js";

const command: ClusterCommand = {
  async run(context) {
    const { args, terminal, options, reportJson } = context;
    const [databaseText = "", keyText = ""] = args;
    const database = await openTransactional(context, databaseText);
    const key = parseArgumentBytes("key", keyText, terminal);
    const value = (await inReadTransaction(context, database, (view) => view.fetch(key))) ?? Buffer.alloc(0);
    if (options.json) reportJson({ key: key.toString("base64"), data: value.toString("base64") });
    else terminal.out(Buffer.concat([cText(value), Buffer.from("\n")]));
    return 0;
  },
};
export default command;
