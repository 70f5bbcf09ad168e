// One volatile database on all nodes, opened through libtdb as Samba does it, and the fetch-lock rule on a record.
import { join } from "node:path";
import {
  CallFlag,
  CallId,
  PacketWriter,
  Pnn,
  RECORD_HEADER_SIZE,
  recordHeaderDmaster,
  writeReqCall,
} from "../../src/protocol/index.js";
import { libtdbOpener } from "../../src/tdb/libtdb.js";
import type { TdbFile } from "../../src/tdb/tdb-file.js";
import type { LoadContext } from "../benchmark.js";
import type { ClientSet } from "./client-set.js";
import { request } from "./requests.js";

const ATTACH_TIMEOUT_MS = 10_000;
const EMPTY = Buffer.alloc(0);

export interface SharedDatabase {
  readonly dbId: number;
  /** The files by position of the node in the context. */
  readonly files: readonly TdbFile[];
  close(): void;
}

/** Attaches `name` on all nodes; `clientOf(i)` is a client of node i. */
export function attachEverywhere(
  clients: ClientSet,
  context: LoadContext,
  name: string,
  clientOf: (position: number) => number,
): SharedDatabase {
  let dbId = 0;
  const files = context.nodes.map((node, i) => {
    dbId = request(clients, clientOf(i), "DB_ATTACH", name);
    const flags = request(clients, clientOf(i), "DB_OPEN_FLAGS", dbId);
    return libtdbOpener.open({ path: join(node.volatileDirectory, `${name}.${node.pnn}`), flags, create: false });
  });
  const deadline = performance.now() + ATTACH_TIMEOUT_MS;
  for (const [i] of context.nodes.entries()) {
    while (!request(clients, clientOf(i), "GET_DBMAP", undefined).dbs.some((entry) => entry.dbId === dbId)) {
      if (performance.now() > deadline) throw new Error(`${name} is not attached on all nodes`);
    }
  }
  return {
    dbId,
    files,
    close() {
      for (const file of files) file.close();
    },
  };
}

const header = Buffer.alloc(RECORD_HEADER_SIZE);

/**
 * One try of the fetch-lock rule: when the record `key` is here, calls `change` under its chain lock with the old value and
 * stores what that gives; says false when the record has to migrate first.
 */
export function changeIfHere(
  file: TdbFile,
  pnn: number,
  key: Uint8Array,
  change: (value: Buffer) => Uint8Array,
): boolean {
  file.chainLock(key);
  try {
    const record = file.fetch(key);
    if (record === undefined || record.length < RECORD_HEADER_SIZE || recordHeaderDmaster(record, 0) !== pnn)
      return false;
    record.copy(header, 0, 0, RECORD_HEADER_SIZE);
    file.storeWithHeader(key, header, change(record.subarray(RECORD_HEADER_SIZE)));
    return true;
  } finally {
    file.chainUnlock(key);
  }
}

/** A REQ_CALL that asks for a record to come to the client's node. */
export function migrationRequest(dbId: number, key: Uint8Array, reqid: number): PacketWriter {
  const writer = new PacketWriter();
  writeReqCall(writer, 0, Pnn.CURRENT_NODE, 0, reqid, CallFlag.IMMEDIATE_MIGRATION, dbId, CallId.NULL, 0, key, EMPTY);
  return writer;
}
