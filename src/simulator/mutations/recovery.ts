// Mutations of recoveries, freezes and attaches.
import type { Mutation } from "./mutation.js";

const CONTROLS = "src/databases/recovery-controls.ts";
const COLLECTED = "src/recovery/record-store.ts";

export const recoveryMutations: readonly Mutation[] = [
  {
    name: "recovery-takes-older-copies",
    rule: "of the copies of a record the one with the highest rsn survives a recovery",
    file: COLLECTED,
    code: "if (low !== storedLow) return low > storedLow;",
    mutant: "if (low !== storedLow) return low < storedLow;",
  },
  {
    name: "recovery-without-migrated-mark",
    rule: "what a recovery pushes to all nodes is marked as having been elsewhere with data",
    file: COLLECTED,
    code: "view.setUint32(header + FLAGS_OFFSET, flags | RecordFlag.MIGRATED_WITH_DATA, true);",
    mutant: "view.setUint32(header + FLAGS_OFFSET, flags, true);",
  },
  {
    name: "recovery-takes-any-sequence-number",
    rule: "a persistent database is taken from a node with the highest sequence number",
    file: "src/recovery/collect.ts",
    code: "seqnum > bestSeqnum || (seqnum === bestSeqnum && pnn === context.ownPnn)",
    mutant: "best === undefined",
  },
  {
    name: "recovery-leaves-missing-databases",
    rule: "databases that some nodes lack are attached there",
    file: "src/recovery/database-recovery.ts",
    code: "if (missing.length > 0) {",
    mutant: "if (false) {",
  },
  {
    name: "inactive-node-offers-its-records",
    rule: "what an inactive node has is old: none of it is pulled when it comes back",
    file: CONTROLS,
    code: "if (database.invalidRecords) {",
    mutant: "if (false) {",
  },
  {
    name: "thaw-without-commit",
    rule: "a database is thawed after the transaction of its recovery is committed",
    file: "src/recovery/database-recovery.ts",
    code: '    await context.all("DB_TRANSACTION_COMMIT", { dbId, tid: generation });\n',
    mutant: "",
  },
];
