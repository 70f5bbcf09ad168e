// `ctdb tfetch FILE KEY [OUT]`: a record of a TDB file, read without the daemon's help.
import { writeFileSync } from "node:fs";
import { parseArgumentBytes } from "../arguments/record-arguments.js";
import type { ClusterCommand } from "../command.js";
import { openPlainFile } from "../fetch/local-file.js";
import { storedRecord } from "../fetch/stored-record.js";
import { recordBodyText, recordJson } from "../print/records.js";

const OWNER_ONLY = 0o600;

const command: ClusterCommand = {
  async run({ args, terminal, options, reportJson }) {
    const [path = "", keyText = "", outputPath] = args;
    const file = openPlainFile(path);
    if (file === undefined) {
      terminal.complain(`Failed to open TDB file ${path}`);
      return 1;
    }
    const key = parseArgumentBytes("key", keyText, terminal);
    const stored = file.fetch(key);
    if (stored === undefined) {
      terminal.complain(`No record for key ${keyText}`);
      return 1;
    }
    const record = storedRecord(key, stored);
    if (record === undefined) {
      terminal.complain(`Invalid record for key ${keyText}`);
      return 1;
    }
    if (outputPath !== undefined) {
      try {
        writeFileSync(outputPath, stored, { mode: OWNER_ONLY });
      } catch {
        terminal.complain(`Failed to open output file ${outputPath}`);
      }
    }
    if (options.json) reportJson(recordJson(record));
    else terminal.out(recordBodyText(record));
    file.close();
    return 0;
  },
};
export default command;
