// `ctdb deletekey DB KEY`: empties a record of a volatile database and has it vacuumed (control SCHEDULE_FOR_DELETION).
import { parseArgumentBytes } from "../arguments/record-arguments.js";
import type { ClusterCommand } from "../command.js";
import { lockRecord, openVolatile } from "../fetch/volatile-record.js";

const command: ClusterCommand = {
  async run(context) {
    const { args, terminal } = context;
    const [databaseText = "", keyText = ""] = args;
    const database = await openVolatile(context, databaseText);
    const key = parseArgumentBytes("key", keyText, terminal);
    const record = await lockRecord(context, database, key, `Failed to fetch record for key ${keyText}`);
    record.delete();
    record.release();
    await context.cluster.flushed();
    return 0;
  },
};
export default command;
