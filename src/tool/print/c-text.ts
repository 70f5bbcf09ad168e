// Bytes as C prints a string: up to the first NUL.

export function cText(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}
