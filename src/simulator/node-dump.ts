// What a simulated node holds right now, read past its daemon: for checks and scenarios.
import type { CtdbNode } from "../daemon/node.js";
import type { Database } from "../databases/database.js";
import type { LockStatistics } from "../locks/lock-statistics.js";
import { RECORD_HEADER_SIZE, recordHeaderDmaster, recordHeaderFlags, recordHeaderRsn } from "../protocol/index.js";
import type { MemoryDisk } from "./files/memory-disk.js";
import type { DatabaseDump, NodeDump, StoredRecord } from "./invariants/dump.js";

/** Records of a file by key (latin1), without what an open transaction has changed; empty where there is no such file. */
export function dumpRecords(disk: MemoryDisk, path: string): Map<string, StoredRecord> {
  const dump = new Map<string, StoredRecord>();
  const records = disk.find(path)?.records;
  for (const chain of records?.chains() ?? []) {
    for (let record = records?.head(chain); record !== undefined; record = record.next) {
      const { bytes, keyLength, dataLength } = record;
      if (dataLength < RECORD_HEADER_SIZE) continue;
      const key = bytes.toString("latin1", 0, keyLength);
      dump.set(key, {
        rsn: recordHeaderRsn(bytes, keyLength),
        dmaster: recordHeaderDmaster(bytes, keyLength),
        flags: recordHeaderFlags(bytes, keyLength),
        data: Buffer.from(bytes.subarray(keyLength + RECORD_HEADER_SIZE, keyLength + dataLength)),
      });
    }
  }
  return dump;
}

/** The whole node, as its daemon and its disk have it. */
export function dumpNode(
  pnn: number,
  node: CtdbNode,
  disk: MemoryDisk,
  locksOf: (database: Database) => LockStatistics,
): NodeDump {
  const databases = new Map<string, DatabaseDump>();
  for (const database of node.databases.all) {
    const records = dumpRecords(disk, database.path);
    const { numCurrent, numPending } = locksOf(database);
    databases.set(database.name, {
      name: database.name,
      flags: database.flags,
      records,
      generation: database.generation,
      locksCurrent: numCurrent,
      locksPending: numPending,
      copyHolders: copyHolders(database, records.keys()),
    });
  }
  const { state } = node;
  return {
    pnn,
    generation: state.generation,
    vnnMap: [...state.vnnMap.map],
    recovering: state.isRecovering,
    databases,
  };
}

function copyHolders(database: Database, keys: Iterable<string>): Map<string, ReadonlySet<number>> {
  const holders = new Map<string, ReadonlySet<number>>();
  for (const key of keys) {
    const ofKey = database.readOnlyCopies?.holdersOf(key);
    if (ofKey !== undefined) holders.set(key, new Set(ofKey));
  }
  return holders;
}
