// `ctdb setdbsticky DB`: makes a volatile database of one node sticky (control SET_DB_STICKY).
import type { ClusterCommand } from "../command.js";
import { findDatabase, isVolatile } from "../fetch/databases.js";

const command: ClusterCommand = {
  async run(context) {
    const { id, flags } = await findDatabase(context, context.args[0] ?? "");
    if (!isVolatile(flags)) {
      context.terminal.complain("STICKY can be set only on volatile DB");
      return 1;
    }
    await context.cluster.control("SET_DB_STICKY", id, context.targetPnn);
    return 0;
  },
};
export default command;
