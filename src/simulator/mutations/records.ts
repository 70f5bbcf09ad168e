// Mutations of calls, migration and read-only copies.
import type { Mutation } from "./mutation.js";

const CALLS = "src/records/call-service.ts";
const READ_ONLY = "src/records/read-only.ts";
const STORE = "src/records/record-store.ts";

export const recordMutations: readonly Mutation[] = [
  {
    name: "owner-keeps-its-rsn",
    rule: "an owner that stores a record raises its rsn: else an old copy is as new",
    file: STORE,
    code: "if (owned) this.rsn += times;",
    mutant: "",
  },
  {
    name: "packets-of-any-generation",
    rule: "calls are processed in the generation alone in which they were sent",
    file: "src/transport/packet-router.ts",
    code: "nodes.isBanned(nodes.ownPnn) || packetGeneration(packet) !== this.modules.generation()",
    mutant: "nodes.isBanned(nodes.ownPnn)",
  },
  {
    name: "call-forgotten-in-recovery",
    rule: "calls under way are sent again after a recovery: else nobody answers them",
    file: CALLS,
    code: "const calls = [...this.pending].filter(([, call]) => call.database === database);",
    mutant: "const calls: Array<[number, PendingCall]> = [];",
  },
  {
    name: "delegation-without-a-mark",
    rule: "a record of which a copy was given away is marked as having been elsewhere with data, so that vacuuming asks",
    file: CALLS,
    code: "records.flags |= RecordFlag.RO_HAVE_DELEGATIONS | RecordFlag.MIGRATED_WITH_DATA;",
    mutant: "records.flags |= RecordFlag.RO_HAVE_DELEGATIONS;",
  },
  {
    name: "revoke-of-nobody",
    rule: "copies are taken back from all nodes that have one before the record changes",
    file: READ_ONLY,
    code: "for (const pnn of this.holders.get(keyText) ?? []) {",
    mutant: "for (const pnn of [...(this.holders.get(keyText) ?? [])].slice(1)) {",
  },
  {
    name: "failed-revoke-is-complete",
    rule: "when a node does not answer a revoke, the revoke is tried again: its copy is still there",
    file: READ_ONLY,
    code: "allAnswered &&= ok;",
    mutant: "",
  },
  {
    name: "copies-outlive-a-recovery",
    rule: "a recovery ends read-only copies: their flags are not stored again",
    file: STORE,
    code: "let flags = recordHeaderFlags(bytes, dataStart) & ~RO_FLAGS;",
    mutant: "let flags = recordHeaderFlags(bytes, dataStart);",
  },
  {
    name: "chain-locked-for-ever",
    rule: "every exit path gives the chain lock back, that of a call that waits for a revoke, too",
    file: CALLS,
    code: `    const process = keepCall();
    database.unlock(key);`,
    mutant: "    const process = keepCall();",
  },
  {
    name: "empty-record-is-a-value",
    rule: "a record without data is one that was deleted",
    file: "src/client/fetch-lock.ts",
    code: "this.end(data.length === 0 ? undefined : Buffer.from(data));",
    mutant: "this.end(Buffer.from(data));",
  },
  {
    name: "traverse-shows-copies",
    rule: "a traverse shows a record by its owner alone: else each old copy is shown, too",
    file: "src/databases/traverse.ts",
    code: "        if (recordHeaderDmaster(value, 0) !== this.modules.ownPnn) return;\n",
    mutant: "",
  },
];
