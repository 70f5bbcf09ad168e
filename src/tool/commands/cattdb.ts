// `ctdb cattdb DB`: all records of the local copy of a database, empty ones too.
import type { ClusterCommand, JsonValue } from "../command.js";
import { attachForRecords } from "../fetch/attach.js";
import { findDatabase } from "../fetch/databases.js";
import { openDatabaseFile, visitRecords } from "../fetch/local-file.js";
import { storedRecord } from "../fetch/stored-record.js";
import { recordJson, recordText } from "../print/records.js";

const command: ClusterCommand = {
  async run(context) {
    const { terminal, args, options } = context;
    const db = await attachForRecords(context, await findDatabase(context, args[0] ?? ""));
    const file = openDatabaseFile(db, terminal);
    const documents: JsonValue[] = [];
    let count = 0;
    visitRecords(file, (key, data) => {
      const record = storedRecord(key, data);
      if (record === undefined) return;
      count += 1;
      if (options.json) documents.push(recordJson(record));
      else terminal.out(recordText(record));
    });
    file.close();
    if (options.json) context.reportJson({ database: db.name, records: documents });
    else terminal.out(`Dumped ${count} record(s)\n`);
    return 0;
  },
};
export default command;
