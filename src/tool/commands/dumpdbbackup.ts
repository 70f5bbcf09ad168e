// `ctdb dumpdbbackup FILE`: the records of a backup file; no daemon is asked.

import { ProtocolError } from "../../protocol/index.js";
import { BackupFormatError, decodeBackupBuffers, visitBackupRecords } from "../backup-file.js";
import type { JsonValue, LocalCommand } from "../command.js";
import { Errno, UsageError } from "../errors.js";
import { readBackup } from "../fetch/backup-source.js";
import { dateText, isoText } from "../print/clock-text.js";
import { type RecordReport, recordJson, recordText } from "../print/records.js";

const command: LocalCommand = {
  async run({ args, terminal, options, reportJson }) {
    const [path] = args;
    if (path === undefined || args.length !== 1) throw new UsageError(true);
    const { file, header } = readBackup(path, terminal);
    const documents: JsonValue[] = [];
    const print = (record: RecordReport): void => {
      if (options.json) documents.push(recordJson(record));
      else terminal.out(recordText(record));
    };
    if (!options.json) {
      terminal.out(`Dumping database ${header.name} from backup @ ${dateText(header.time)}\n`);
    }
    let count = 0;
    try {
      for (const buffer of decodeBackupBuffers(file, header.bufferCount)) {
        visitBackupRecords(buffer, (record) => {
          count += 1;
          if (!record.hasHeader) return;
          const { key, dmaster, rsn, flags, value } = record;
          print({ key, dmaster, rsn, flags, data: value });
        });
      }
    } catch (error) {
      if (error instanceof BackupFormatError) {
        terminal.complain("Failed to read records");
        return Errno.ENOENT;
      }
      if (!(error instanceof ProtocolError)) throw error;
      terminal.complain("Failed to dump records");
      return Errno.EMSGSIZE;
    }
    if (options.json) {
      reportJson({ database: header.name, time: isoText(header.time), records: documents });
    } else {
      terminal.out(`Dumped ${count} record(s)\n`);
    }
    return 0;
  },
};
export default command;
