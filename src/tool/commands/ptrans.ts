// `ctdb ptrans DB [FILE]`: stores many records of a persistent or replicated database in one transaction; lines of `"KEY"
// "VALUE"` from a file or from standard input.
import { readFileSync } from "node:fs";
import { parseTransactionLines } from "../arguments/transaction-lines.js";
import type { ClusterCommand } from "../command.js";
import { inTransaction, openTransactional } from "../fetch/transaction.js";

const STDIN = 0;

const command: ClusterCommand = {
  async run(context) {
    const { args, terminal } = context;
    const [databaseText = "", path] = args;
    const database = await openTransactional(context, databaseText);
    let input: Buffer;
    try {
      input = readFileSync(path ?? STDIN);
    } catch {
      terminal.complain(`Failed to open file ${path ?? "(stdin)"}`);
      return 1;
    }
    const lines = [...parseTransactionLines(input, terminal)];
    await inTransaction(context, database, (transaction) => {
      for (const { key, value } of lines) transaction.store(key, value);
    });
    return 0;
  },
};
export default command;
