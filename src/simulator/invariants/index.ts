// The invariants of a quiet cluster, as pure functions over dumps of its nodes.
import { DbFlag } from "../../protocol/index.js";
import { checkAgreement } from "./agreement.js";
import type { NodeDump, Violation } from "./dump.js";
import { checkReplicatedDatabase } from "./replicated.js";
import { checkVolatileDatabase } from "./volatile.js";

export { checkAgreement } from "./agreement.js";
export type { DatabaseDump, Invariant, NodeDump, StoredRecord, Violation } from "./dump.js";
export { OwnerHistory } from "./owner-history.js";
export { checkReplicatedDatabase } from "./replicated.js";
export { checkNoEmptyRecords, checkTraverse, checkVolatileDatabase, ownedKeys } from "./volatile.js";

/** I1 to I7 and I11 to I13 of all databases; `nodes` are the active ones. */
export function checkQuietCluster(nodes: readonly NodeDump[]): Violation[] {
  const violations = checkAgreement(nodes);
  const databases = new Map(nodes.flatMap((node) => [...node.databases].map(([name, dump]) => [name, dump.flags])));
  for (const [name, flags] of databases) {
    const replicated = (flags & (DbFlag.PERSISTENT | DbFlag.REPLICATED)) !== 0;
    violations.push(...(replicated ? checkReplicatedDatabase(name, nodes) : checkVolatileDatabase(name, nodes)));
  }
  return violations;
}
