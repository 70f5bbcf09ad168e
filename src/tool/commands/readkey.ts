// `ctdb readkey DB KEY [readonly]`: the value of a record of a volatile database, brought to this node.
import { parseArgumentBytes } from "../arguments/record-arguments.js";
import type { ClusterCommand } from "../command.js";
import { UsageError } from "../errors.js";
import { lockRecord, openVolatile, readRecord } from "../fetch/volatile-record.js";
import { cText } from "../print/c-text.js";

const command: ClusterCommand = {
  async run(context) {
    const { args, terminal, options, reportJson } = context;
    const [databaseText = "", keyText = "", mode] = args;
    if (mode !== undefined && mode !== "readonly") throw new UsageError();
    const database = await openVolatile(context, databaseText);
    const key = parseArgumentBytes("key", keyText, terminal);
    const complaint = `Failed to read record for key ${keyText}`;
    let value: Buffer;
    if (mode === "readonly") {
      value = (await readRecord(context, database, key, complaint)) ?? Buffer.alloc(0);
    } else {
      const record = await lockRecord(context, database, key, complaint);
      value = record.value ?? Buffer.alloc(0);
      record.release();
    }
    if (options.json) reportJson({ key: key.toString("base64"), data: value.toString("base64") });
    else
      terminal.out(Buffer.concat([Buffer.from(`Data: size:${value.length} ptr:[`), cText(value), Buffer.from("]\n")]));
    return 0;
  },
};
export default command;
