// `ctdb setdbreadonly DB`: makes a volatile database of one node readonly (control SET_DB_READONLY).
import type { ClusterCommand } from "../command.js";
import { findDatabase, isVolatile } from "../fetch/databases.js";

const command: ClusterCommand = {
  async run(context) {
    const { id, flags } = await findDatabase(context, context.args[0] ?? "");
    if (!isVolatile(flags)) {
      context.terminal.complain("READONLY can be set only on volatile DB");
      return 1;
    }
    await context.cluster.control("SET_DB_READONLY", id, context.targetPnn);
    return 0;
  },
};
export default command;
