// `ctdb getdbmap`: the databases of a node (controls GET_DBMAP, GET_DBNAME, GETDBPATH, DB_GET_HEALTH).
import type { ClusterCommand } from "../command.js";
import { fetchDatabase } from "../fetch/databases.js";
import {
  type DatabaseReport,
  databaseCountLine,
  databaseHeader,
  databaseLine,
  databaseMachineLine,
  databasesJson,
} from "../print/databases.js";

const command: ClusterCommand = {
  async run(context) {
    const { json, machineReadable, separator } = context.options;
    const { dbs } = await context.cluster.control("GET_DBMAP", undefined, context.targetPnn);
    if (!json) context.terminal.out(machineReadable ? databaseHeader(separator) : databaseCountLine(dbs.length));
    const reports: DatabaseReport[] = [];
    for (const { dbId, flags } of dbs) {
      const db = await fetchDatabase(context, dbId, flags);
      reports.push(db);
      if (!json) context.terminal.out(machineReadable ? databaseMachineLine(db, separator) : databaseLine(db));
    }
    if (json) context.reportJson(databasesJson(reports));
    return 0;
  },
};
export default command;
