// The 24 bytes in front of the data of every record, in TDB files and on the wire. Hot path: plain reads at an offset.
import { defineCodec, type StructCodec } from "./codec.js";
import { ProtocolError } from "./errors.js";
import { readU32, writeU32 } from "./little-endian.js";

/** Bytes of a record header; a stored record that is shorter counts as "no record". */
export const RECORD_HEADER_SIZE = 24;

const TWO_32 = 0x1_0000_0000;
const SAFE_HIGH_MAX = 0x1fffff;

/** A u64 at `offset` as a number. Throws ProtocolError above 2^53-1. The caller has checked the bounds. */
export function readSafe64(buffer: Buffer, offset: number, field: string): number {
  const high = readU32(buffer, offset + 4);
  if (high > SAFE_HIGH_MAX) throw new ProtocolError(offset, field, "is larger than 2^53-1");
  return high * TWO_32 + readU32(buffer, offset);
}

/** Stores a non-negative safe integer as u64. Throws RangeError for anything else. */
export function writeSafe64(buffer: Buffer, offset: number, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no non-negative safe integer`);
  const high = Math.floor(value / TWO_32);
  writeU32(buffer, offset, value - high * TWO_32);
  writeU32(buffer, offset + 4, high);
}

/** rsn, the record sequence number, of the header at `offset`. Throws ProtocolError above 2^53-1. */
export function recordHeaderRsn(buffer: Buffer, offset: number): number {
  return readSafe64(buffer, offset, "record header rsn");
}

/** Whether the rsn of the header at `offset` is one that `recordHeaderRsn` gives: at most 2^53-1. */
export function hasSafeRsn(buffer: Buffer, offset: number): boolean {
  return readU32(buffer, offset + 4) <= SAFE_HIGH_MAX;
}

/** dmaster: pnn of the node that owns the record. */
export function recordHeaderDmaster(buffer: Buffer, offset: number): number {
  return readU32(buffer, offset + 8);
}

/** Record flags (`RecordFlag`). */
export function recordHeaderFlags(buffer: Buffer, offset: number): number {
  return readU32(buffer, offset + 16);
}

/** Writes a whole header; the reserved word and the padding become zero. */
export function writeRecordHeader(buffer: Buffer, offset: number, rsn: number, dmaster: number, flags: number): void {
  writeSafe64(buffer, offset, rsn);
  writeU32(buffer, offset + 8, dmaster);
  writeU32(buffer, offset + 12, 0);
  writeU32(buffer, offset + 16, flags);
  writeU32(buffer, offset + 20, 0);
}

/** A record header as an object, for cold code. */
export interface RecordHeader {
  /** Record sequence number: grows by one with each change of owner or content. */
  rsn: number;
  /** pnn of the owner. */
  dmaster: number;
  /** Record flags. */
  flags: number;
}

export const RecordHeader: StructCodec<RecordHeader> = defineCodec<RecordHeader>({
  name: "RecordHeader",
  exact: false,
  size: () => RECORD_HEADER_SIZE,
  read(r) {
    const rsn = r.safe64("rsn");
    const dmaster = r.u32("dmaster");
    r.padding(4);
    const flags = r.u32("flags");
    r.padding(4);
    return { rsn, dmaster, flags };
  },
  write(w, value) {
    w.safe64(value.rsn);
    w.u32(value.dmaster);
    w.pad(4);
    w.u32(value.flags);
    w.pad(4);
  },
});
