// The payload of TRANS3_COMMIT and UPDATE_RECORD, checked but left as bytes: a transaction may have a hundred thousand records.
import { ProtocolError, RECORD_HEADER_SIZE, RecBufferReader } from "../protocol/index.js";

export interface MarshalledRecords {
  readonly dbId: number;
  readonly count: number;
  /** The marshall buffer, without anything behind its last record. */
  readonly bytes: Buffer;
}

/** Checks a marshall buffer, whose records must have their headers; the result is a view. Throws ProtocolError. */
export function readMarshalledRecords(data: Buffer): MarshalledRecords {
  const reader = new RecBufferReader(data);
  while (reader.next()) {
    if (reader.dataLength < RECORD_HEADER_SIZE) {
      throw new ProtocolError(reader.dataOffset, "record of a transaction", "is shorter than its header");
    }
  }
  return { dbId: reader.dbId, count: reader.count, bytes: data.subarray(0, reader.offset) };
}
