// A record as it is stored, for printing. Called by the commands that dump records.
import { RECORD_HEADER_SIZE, recordHeaderDmaster, recordHeaderFlags, recordHeaderRsn } from "../../protocol/index.js";
import type { RecordReport } from "../print/records.js";

/** Undefined if `stored` is too short for a record header. The data is a view of it. */
export function storedRecord(key: Uint8Array, stored: Buffer): RecordReport | undefined {
  if (stored.length < RECORD_HEADER_SIZE) return undefined;
  return {
    key,
    dmaster: recordHeaderDmaster(stored, 0),
    rsn: recordHeaderRsn(stored, 0),
    flags: recordHeaderFlags(stored, 0),
    data: stored.subarray(RECORD_HEADER_SIZE),
  };
}
