// `ctdb backupdb DB FILE`: writes the local copy of a database to a backup file.
import { BACKUP_HEADER_BYTES, BackupBufferWriter, encodeBackupHeader } from "../backup-file.js";
import type { ClusterCommand } from "../command.js";
import { attachForRecords } from "../fetch/attach.js";
import { openBackupTarget } from "../fetch/backup-target.js";
import { findDatabase } from "../fetch/databases.js";
import { openDatabaseFile, visitRecords } from "../fetch/local-file.js";

const command: ClusterCommand = {
  async run(context) {
    const { args, terminal } = context;
    const path = args[1] ?? "";
    const found = await findDatabase(context, args[0] ?? "");
    const db = await attachForRecords(context, found);
    const target = openBackupTarget(path, terminal);
    const file = openDatabaseFile(db, terminal);
    try {
      const time = Math.floor(Date.now() / 1000);
      const facts = { time, flags: found.flags, name: db.name };
      target.writeHeader(encodeBackupHeader({ ...facts, bufferCount: 0, recordCount: 0 }));
      let at = BACKUP_HEADER_BYTES;
      const writer = new BackupBufferWriter(db.id, (bytes) => {
        target.writeRecords(bytes, at);
        at += bytes.length;
      });
      visitRecords(file, (key, data) => writer.add(key, data));
      writer.finish();
      const { bufferCount, recordCount } = writer;
      target.writeHeader(encodeBackupHeader({ ...facts, bufferCount, recordCount }));
    } finally {
      file.close();
      target.close();
    }
    terminal.out(`Database backed up to ${path}\n`);
    return 0;
  },
};
export default command;
