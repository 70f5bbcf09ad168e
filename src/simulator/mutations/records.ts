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
    name: "deferred-packets-of-any-generation",
    rule: "packets that wait for a lock are dropped when the generation has changed",
    file: CALLS,
    code: "if (database.generation !== generation) {",
    mutant: "if (false) {",
  },
  {
    name: "call-forgotten-in-recovery",
    rule: "calls under way are sent again after a recovery: else nobody answers them",
    file: CALLS,
    code: "const calls = [...this.pending].filter(([, call]) => call.database === database);",
    mutant: "const calls: Array<[number, PendingCall]> = [];",
  },
  {
    name: "dmaster-from-anybody",
    rule: "the lmaster takes a record only from the node that it knows as owner, and else has the cluster recovered",
    file: CALLS,
    code: "if (records.dmaster !== srcnode) {",
    mutant: "if (false) {",
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
    name: "readers-before-the-writer",
    rule: "after a revoke the writers come first and the readers a second later: else one revoke follows the other",
    file: READ_ONLY,
    code: "if (success && !call.wantsReadOnly) call.process();\n      else later.push(call);",
    mutant: "if (success && call.wantsReadOnly) call.process();\n      else later.push(call);",
  },
  {
    name: "revoke-creates-records",
    rule: "an update of a volatile database creates no records",
    file: "src/databases/volatile-update.ts",
    code: "if (local === undefined || local.length < RECORD_HEADER_SIZE) continue;",
    mutant: "if (local === undefined || local.length < RECORD_HEADER_SIZE) { accepted.push(update); continue; }",
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
    name: "refused-dmaster-keeps-the-lock",
    rule: "every exit path gives the chain lock back, that of a forced recovery, too",
    file: CALLS,
    code: `        database.unlock(key);
        this.modules.forceRecovery("a dmaster request came from a node that is not the recorded dmaster");`,
    mutant: `        this.modules.forceRecovery("a dmaster request came from a node that is not the recorded dmaster");`,
  },
  {
    name: "empty-record-is-a-value",
    rule: "a record without data is one that was deleted",
    file: "src/client/fetch-lock.ts",
    code: "this.end(data.length === 0 ? undefined : Buffer.from(data));",
    mutant: "this.end(Buffer.from(data));",
  },
];
