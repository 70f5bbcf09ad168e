// Mutations of the vacuuming.
import type { Mutation } from "./mutation.js";

const RUN = "src/vacuum/vacuum-run.ts";
const REMOVAL = "src/vacuum/record-removal.ts";
const COPIES = "src/vacuum/copy-removal.ts";

export const vacuumMutations: readonly Mutation[] = [
  {
    name: "vacuum-compares-with-itself",
    rule: "a node that is asked to remove its copy compares the header that came with its own, not with itself",
    file: COPIES,
    code: `        if (recordHeaderRsn(value, 0) > record.rsn) return false;
        if ((recordHeaderFlags(value, 0) & RO_FLAGS) !== 0) return false;
        if (recordHeaderDmaster(value, 0) === this.modules.ownPnn) return false;`,
    mutant: `        if (record.rsn > record.rsn) return false;
        if ((record.flags & RO_FLAGS) !== 0) return false;
        if (record.dmaster === this.modules.ownPnn) return false;`,
  },
  {
    name: "vacuum-removes-owned-records",
    rule: "a node does not remove the record that it owns because another one says so",
    file: COPIES,
    code: `        if (recordHeaderRsn(value, 0) > record.rsn) return false;
        if ((recordHeaderFlags(value, 0) & RO_FLAGS) !== 0) return false;
        if (recordHeaderDmaster(value, 0) === this.modules.ownPnn) return false;`,
    mutant: "        if ((recordHeaderFlags(value, 0) & RO_FLAGS) !== 0) return false;",
  },
  {
    name: "vacuum-asks-nobody",
    rule: "the lmaster removes a record last, after all other nodes have removed their copies",
    file: REMOVAL,
    code: 'if (((scheduled.flags | this.storedFlags) & RecordFlag.MIGRATED_WITH_DATA) !== 0) return "ask";',
    mutant: "",
  },
  {
    name: "vacuum-last-answer-ignored",
    rule: "all records of the answer to TRY_DELETE_RECORDS count, the last one, too",
    file: RUN,
    code: "for (const { key } of reply.records) refused",
    mutant: "for (const { key } of reply.records.slice(0, -1)) refused",
  },
  {
    name: "vacuum-failed-node-ignored",
    rule: "a record stays while a node has not answered that its copy is gone",
    file: RUN,
    code: "          this.nodeFailed = true;",
    mutant: "",
  },
  {
    name: "vacuum-absent-node-ignored",
    rule: "nothing is removed while a node is away that may come back with an old copy",
    file: RUN,
    code: "const complete = this.order.lmasters.every((pnn) => active.includes(pnn));",
    mutant: "const complete = true;",
  },
  {
    name: "vacuum-forgets-rsn",
    rule: "a record is removed only while it is as it was when it was scheduled",
    file: REMOVAL,
    code: "if (recordHeaderDmaster(value, 0) !== this.ownPnn || recordHeaderRsn(value, 0) !== rsn)",
    mutant: "if (recordHeaderDmaster(value, 0) !== this.ownPnn)",
  },
  {
    name: "vacuum-forgets-owner",
    rule: "only the owner of a record removes it",
    file: REMOVAL,
    code: "if (recordHeaderDmaster(value, 0) !== this.ownPnn || recordHeaderRsn(value, 0) !== rsn)",
    mutant: "if (false)",
  },
  {
    name: "vacuum-removes-delegated-records",
    rule: "records with read-only copies elsewhere are not removed",
    file: REMOVAL,
    code: 'if ((this.storedFlags & RO_FLAGS) !== 0) return "readOnly";',
    mutant: "",
  },
  {
    name: "delete-queue-survives-wipe",
    rule: "a wipe clears the queues of deleted records: they are not those that come after it",
    file: "src/databases/recovery-controls.ts",
    code: "        database.deletions.clear();\n        database.fetches.clear();",
    mutant: "",
  },
];
