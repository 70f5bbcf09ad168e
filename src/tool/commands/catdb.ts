// `ctdb catdb DB`: the records of all nodes' copies of a database, newest each (control TRAVERSE_START_EXT).
import { RecData, Srvid } from "../../protocol/index.js";
import type { ClusterCommand, JsonValue } from "../command.js";
import { attachForRecords } from "../fetch/attach.js";
import { findDatabase } from "../fetch/databases.js";
import { storedRecord } from "../fetch/stored-record.js";
import { type RecordReport, recordJson, recordText } from "../print/records.js";

const command: ClusterCommand = {
  async run(context) {
    const { cluster, terminal, args, localPnn, options } = context;
    const db = await attachForRecords(context, await findDatabase(context, args[0] ?? ""));
    const documents: JsonValue[] = [];
    let count = 0;
    const print = (record: RecordReport): void => {
      count += 1;
      if (options.json) documents.push(recordJson(record));
      else terminal.out(recordText(record));
    };
    const finish = (result: number): number => {
      if (options.json) context.reportJson({ database: db.name, records: documents });
      else terminal.out(`Dumped ${count} records\n`);
      return result;
    };

    const srvid = Srvid.CLIENT_RANGE | BigInt(process.pid);
    let ended: (failure?: unknown) => void = () => undefined;
    const end = new Promise<void>((resolve, reject) => {
      ended = (failure) => (failure === undefined ? resolve() : reject(failure));
    });
    await cluster.client.onMessage(srvid, (bytes) => {
      try {
        const { key, data } = RecData.decode(bytes);
        if (key.length === 0 && data.length === 0) {
          ended();
          return;
        }
        const record = storedRecord(key, Buffer.from(data));
        if (record !== undefined && record.data.length > 0) print(record);
      } catch (error) {
        ended(error);
      }
    });
    const request = { dbId: db.id, reqid: 0, srvid, withEmptyRecords: false };
    const started = await cluster.tryControl("TRAVERSE_START_EXT", request, localPnn);
    if (!started.ok) {
      const what = started.replied ? "control reply failed" : "control failed";
      terminal.complain(`traverse: ${what}, ret=${started.result}`);
      return finish(started.result);
    }
    await end;
    return finish(0);
  },
};
export default command;
