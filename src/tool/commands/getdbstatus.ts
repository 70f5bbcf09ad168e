// `ctdb getdbstatus DB`: type, path and health of one database (controls GETDBPATH, DB_GET_HEALTH).
import type { ClusterCommand } from "../command.js";
import { fetchDatabase, findDatabase } from "../fetch/databases.js";
import { databaseStatusPrinter } from "../print/databases.js";

const command: ClusterCommand = {
  async run(context) {
    const { id, flags, name } = await findDatabase(context, context.args[0] ?? "");
    context.report(databaseStatusPrinter, await fetchDatabase(context, id, flags, name));
    return 0;
  },
};
export default command;
