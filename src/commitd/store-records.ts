// UPDATE_RECORD's rule for persistent and replicated databases: all records of a marshall buffer in one transaction, or none.
// Called by the commit helper process, which may block; and by nobody else.
import { ProtocolError, RECORD_HEADER_SIZE, RecBufferReader, recordHeaderRsn, TdbFlag } from "../protocol/index.js";
import type { TdbFile } from "../tdb/tdb-file.js";

type TransactionFile = Pick<
  TdbFile,
  "path" | "fetch" | "store" | "transactionStart" | "transactionCommit" | "transactionCancel" | "inTransaction"
>;

/** A record here has changed otherwise than the update believes. */
export class StaleUpdateError extends Error {
  override readonly name = "StaleUpdateError";
  constructor(path: string, key: Buffer, localRsn: number, newRsn: number) {
    super(
      `${path}: record ${key.toString("hex")} has rsn ${localRsn} and other data than the update with rsn ${newRsn}`,
    );
  }
}

const NOTHING = Buffer.alloc(0);

/** Throws StaleUpdateError, ProtocolError or TdbError; then nothing is stored. */
export function storeRecords(file: TransactionFile, marshalled: Buffer): void {
  file.transactionStart();
  try {
    const reader = new RecBufferReader(marshalled);
    while (reader.next()) {
      const { key, data } = reader;
      if (data.length < RECORD_HEADER_SIZE) {
        throw new ProtocolError(reader.dataOffset, "record of an update", "is shorter than its header");
      }
      const local = file.fetch(key);
      const present = local !== undefined && local.length >= RECORD_HEADER_SIZE;
      const localRsn = present ? recordHeaderRsn(local, 0) : 0;
      const localData = present ? local.subarray(RECORD_HEADER_SIZE) : NOTHING;
      const newRsn = recordHeaderRsn(data, 0);
      if (localRsn >= newRsn && !localData.equals(data.subarray(RECORD_HEADER_SIZE))) {
        throw new StaleUpdateError(file.path, key, localRsn, newRsn);
      }
      file.store(key, data);
    }
    file.transactionCommit();
  } finally {
    if (file.inTransaction) file.transactionCancel();
  }
}

/** The flags to open a file with whose daemon has it open with `flags`. */
export function openFlags(flags: number): number {
  return flags & ~TdbFlag.NOLOCK;
}
