// What holds of persistent and replicated databases whenever nothing moves: I12 and I13.
import { describeKey, type NodeDump, type StoredRecord, type Violation } from "./dump.js";

const SEQUENCE_NUMBER_KEY = "__db_sequence_number__\0";

/** I12, I13 of one database; `nodes` are the active ones. */
export function checkReplicatedDatabase(database: string, nodes: readonly NodeDump[]): Violation[] {
  const violations: Violation[] = [];
  const dumps = nodes.flatMap(({ pnn, databases }) => {
    const records = databases.get(database)?.records;
    return records === undefined ? [] : [{ pnn, records }];
  });
  const keys = new Set(dumps.flatMap(({ records }) => [...records.keys()]));
  for (const key of keys) {
    const contents = dumps.map(({ pnn, records }) => ({ pnn, content: contentOf(records.get(key)) }));
    if (new Set(contents.map(({ content }) => content)).size <= 1) continue;
    const text = contents.map(({ pnn, content }) => `node ${pnn}: ${content.slice(0, 100)}`).join("; ");
    const invariant = key === SEQUENCE_NUMBER_KEY ? "I13" : "I12";
    violations.push({ invariant, text: `${database}, ${describeKey(key)} is not the same everywhere (${text})` });
  }
  return violations;
}

/** Empty records are no records: a mere fetch makes one on its node. */
function contentOf(record: StoredRecord | undefined): string {
  if (record === undefined || record.data.length === 0) return "nothing";
  const { rsn, dmaster, flags, data } = record;
  return `rsn ${rsn} dmaster ${dmaster} flags 0x${flags.toString(16)} data ${Buffer.from(data).toString("hex")}`;
}
