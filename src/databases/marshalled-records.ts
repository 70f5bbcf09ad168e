// Payloads with many records (TRANS3_COMMIT, UPDATE_RECORD, TRY_DELETE_RECORDS), checked but left as bytes: there may be a hundred
// thousand of them.
import { ProtocolError, RECORD_HEADER_SIZE, RecBufferReader, recordHeaderRsn } from "../protocol/index.js";

export interface MarshalledRecords {
  readonly dbId: number;
  readonly count: number;
  /** The marshall buffer, without anything behind its last record. */
  readonly bytes: Buffer;
}

/** Checks a marshall buffer, whose records must have headers with an rsn below 2^53; the result is a view. Throws ProtocolError. */
export function readMarshalledRecords(data: Buffer): MarshalledRecords {
  return read(data, (reader) => {
    if (reader.dataLength < RECORD_HEADER_SIZE) {
      throw new ProtocolError(reader.dataOffset, "marshalled record", "is shorter than its header");
    }
    recordHeaderRsn(data, reader.dataOffset);
  });
}

/** The same for a list of keys (VACUUM_FETCH). */
export function readMarshalledKeys(data: Buffer): MarshalledRecords {
  return read(data, () => {});
}

function read(data: Buffer, check: (reader: RecBufferReader) => void): MarshalledRecords {
  const reader = new RecBufferReader(data);
  while (reader.next()) check(reader);
  return { dbId: reader.dbId, count: reader.count, bytes: data.subarray(0, reader.offset) };
}
