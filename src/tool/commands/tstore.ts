// `ctdb tstore FILE KEY VALUE [RSN [DMASTER]]`: writes a record into a TDB file without the daemon's help.
import { RECORD_HEADER_SIZE, writeRecordHeader } from "../../protocol/index.js";
import { TdbError } from "../../tdb/errors.js";
import { atoi, strtoull } from "../arguments/numbers.js";
import { parseArgumentBytes } from "../arguments/record-arguments.js";
import type { ClusterCommand } from "../command.js";
import { Errno } from "../errors.js";
import { openPlainFile } from "../fetch/local-file.js";

const command: ClusterCommand = {
  async run({ args, terminal }) {
    const [path = "", keyText = "", valueText = "", rsnText, dmasterText] = args;
    const file = openPlainFile(path);
    if (file === undefined) {
      terminal.complain(`Failed to open TDB file ${path}`);
      return 1;
    }
    const key = parseArgumentBytes("key", keyText, terminal);
    const value = parseArgumentBytes("value", valueText, terminal);
    const rsn = rsnText === undefined ? 0n : strtoull(rsnText);
    if (rsn === undefined) return Errno.EINVAL;
    const failure = `Failed to write record ${keyText} to file ${path}`;
    // Our daemons and tools refuse records that are newer than that.
    if (rsn > BigInt(Number.MAX_SAFE_INTEGER)) {
      terminal.complain(failure);
      return 1;
    }
    const header = Buffer.alloc(RECORD_HEADER_SIZE);
    writeRecordHeader(header, 0, Number(rsn), atoi(dmasterText ?? "0") >>> 0, 0);
    try {
      file.storeWithHeader(key, header, value);
    } catch (error) {
      if (!(error instanceof TdbError)) throw error;
      terminal.complain(failure);
      return 1;
    } finally {
      file.close();
    }
    return 0;
  },
};
export default command;
