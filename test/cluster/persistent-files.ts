// What the files of a persistent or replicated database hold on all nodes, read with Debian's tdbdump.
import assert from "node:assert/strict";
import { join } from "node:path";
import { dumpFile, type StoredRecord } from "../interop/record-dump.js";
import type { ClusterNode } from "./cluster-node.js";
import type { LocalCluster } from "./local-cluster.js";
import { SEQUENCE_NUMBER_KEY } from "./pair-writer.js";

export function persistentFile(node: ClusterNode, database: string): string {
  return join(node.base, "db/persistent", `${database}.${node.pnn}`);
}

/** Checks that the nodes' copies are the same, without regard to empty records; gives the records by key. */
export function checkEqualCopies(
  cluster: LocalCluster,
  fileOf: (node: ClusterNode) => string,
  pnns: readonly number[] = cluster.nodes.map((node) => node.pnn),
): Map<string, StoredRecord> {
  let first: Map<string, StoredRecord> | undefined;
  for (const pnn of pnns) {
    const all = [...dumpFile(fileOf(cluster.node(pnn)))].filter(([, record]) => record.value.length > 0);
    const records = new Map(all.sort(([a], [b]) => (a < b ? -1 : 1)));
    first ??= records;
    assert.deepEqual(records, first, `node ${pnn} has what node ${pnns[0]} has`);
  }
  assert.ok(first);
  return first;
}

export function sequenceNumberIn(records: ReadonlyMap<string, StoredRecord>): number {
  const value = records.get(SEQUENCE_NUMBER_KEY)?.value;
  return value === undefined ? 0 : Number(value.readBigUInt64LE(0));
}
