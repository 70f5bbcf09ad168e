// The buffer that all simulated files return what they fetch in, as the real ones do. A view that is used after its time shows:
// it is filled with a pattern that is in no record.

export const POISON = 0xdb;
const FIRST_BYTES = 65536;

// Two buffers in turn, so that an outlived view never shows the record that was fetched next.
let current = Buffer.allocUnsafeSlow(FIRST_BYTES);
let last = Buffer.allocUnsafeSlow(FIRST_BYTES);
let lastLength = 0;

/** Ends the time of the last view. */
export function poisonLastView(): void {
  if (lastLength > 0) last.fill(POISON, 0, lastLength);
  lastLength = 0;
}

/** A view of a copy of a range of `bytes`, valid until the next call of this or `poisonLastView`. */
export function viewOf(bytes: Buffer, start: number, length: number): Buffer {
  poisonLastView();
  if (length > current.length) current = Buffer.allocUnsafeSlow(2 * length);
  bytes.copy(current, 0, start, start + length);
  const filled = current;
  current = last;
  last = filled;
  lastLength = length;
  return filled.subarray(0, length);
}
