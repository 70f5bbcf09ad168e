// u32 in packets and records, read and written in place. The methods of Buffer do the same, but V8 neither inlines them nor their two
// checks: three calls and a property look-up for each integer, three to eight times the time, and a packet has dozens.

/** The u32 at `offset`. Throws RangeError when it does not lie inside `bytes`. */
export function readU32(bytes: Uint8Array, offset: number): number {
  const low = bytes[offset];
  const high = bytes[offset + 3];
  if (low === undefined || high === undefined) throw outside(bytes, offset);
  return (low | ((bytes[offset + 1] ?? 0) << 8) | ((bytes[offset + 2] ?? 0) << 16) | (high << 24)) >>> 0;
}

/** Stores `value`. Throws RangeError for anything but a u32, and when the place does not lie inside `bytes`. */
export function writeU32(bytes: Uint8Array, offset: number, value: number): void {
  if (value >>> 0 !== value) throw new RangeError(`${value} is no u32`);
  if (bytes[offset] === undefined || offset + 4 > bytes.length) throw outside(bytes, offset);
  bytes[offset] = value;
  bytes[offset + 1] = value >>> 8;
  bytes[offset + 2] = value >>> 16;
  bytes[offset + 3] = value >>> 24;
}

function outside(bytes: Uint8Array, offset: number): RangeError {
  return new RangeError(`4 bytes at ${offset} do not lie inside ${bytes.length} bytes`);
}
