// `ctdb writekey DB KEY VALUE`: stores a record of a volatile database.
import { parseArgumentBytes } from "../arguments/record-arguments.js";
import type { ClusterCommand } from "../command.js";
import { lockRecord, openVolatile } from "../fetch/volatile-record.js";

const command: ClusterCommand = {
  async run(context) {
    const { args, terminal } = context;
    const [databaseText = "", keyText = "", valueText = ""] = args;
    const database = await openVolatile(context, databaseText);
    const key = parseArgumentBytes("key", keyText, terminal);
    const value = parseArgumentBytes("value", valueText, terminal);
    const record = await lockRecord(context, database, key, `Failed to lock record for key ${databaseText}`);
    record.store(value);
    record.release();
    await context.cluster.flushed();
    return 0;
  },
};
export default command;
