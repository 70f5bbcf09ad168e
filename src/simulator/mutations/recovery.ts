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
    name: "recovery-pushes-empty-records",
    rule: "a recovery drops records without data",
    file: COLLECTED,
    code: "view.getUint32(read + 12, true) > LTDB_HEADER_BYTES",
    mutant: "view.getUint32(read + 12, true) >= LTDB_HEADER_BYTES",
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
    name: "recovery-believes-its-own-map",
    rule: "each node is asked for its own flags: the leader's map is old",
    file: "src/recovery/cluster-recovery.ts",
    code: "const flags = replies.get(pnn)?.nodes.find((node) => node.pnn === pnn)?.flags",
    mutant: "const flags = own.nodes.find((node) => node.pnn === pnn)?.flags",
  },
  {
    name: "recovery-leaves-missing-databases",
    rule: "databases that some nodes lack are attached there",
    file: "src/recovery/database-recovery.ts",
    code: "if (missing.length > 0) {",
    mutant: "if (false) {",
  },
  {
    name: "streams-share-a-srvid",
    rule: "each pull has a srvid of its own: records of another one do not count",
    file: "src/recovery/recovery-context.ts",
    code: "this.next = (this.next + 1) >>> 0;",
    mutant: "",
  },
  {
    name: "inactive-node-offers-its-records",
    rule: "what an inactive node has is old: none of it is pulled when it comes back",
    file: CONTROLS,
    code: "if (database.invalidRecords) {",
    mutant: "if (false) {",
  },
  {
    name: "stopped-node-is-not-frozen",
    rule: "a node freezes its databases when it becomes inactive, not when somebody looks after it later",
    file: "src/cluster/node-state.ts",
    code: "    databases.freezeAllInvalid();\n",
    mutant: "",
  },
  {
    name: "attach-during-recovery",
    rule: "clients attach databases after a recovery, not during one",
    file: "src/databases/attach-controls.ts",
    code: "if (!forRecovery && (state.isRecovering || state.runState < RunState.STARTUP)) {",
    mutant: "if (false) {",
  },
  {
    name: "normal-with-any-generation",
    rule: "recovery mode becomes NORMAL only when all databases have the generation of the VNN map",
    file: "src/cluster/cluster-controls.ts",
    code: "if (other !== undefined) {",
    mutant: "if (false) {",
  },
  {
    name: "thaw-without-commit",
    rule: "a database is thawed after the transaction of its recovery is committed",
    file: "src/recovery/database-recovery.ts",
    code: '    await context.all("DB_TRANSACTION_COMMIT", { dbId, tid: generation });\n',
    mutant: "",
  },
  {
    name: "push-goes-on",
    rule: "a push that was begun for another recovery ends when its transaction does",
    file: "src/databases/database-set.ts",
    code: `    // Another leader's push must not go on into this one's transaction.
    database.endPush();`,
    mutant: "",
  },
];
