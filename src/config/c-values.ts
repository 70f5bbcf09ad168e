// Values as C's library functions read them, since files written for the C daemon rely on it.

const INT_MAX = 2 ** 31 - 1;
const ULONG_MAX = 2n ** 64n - 1n;
const NUMBER = /^[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)/;

function digitsToNumber(digits: string): bigint {
  return BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
}

/** strtol with base 0, text behind the number is ignored, no number is 0. Undefined outside 0..INT_MAX. */
export function parseCInteger(text: string): number | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return 0;
  const magnitude = digitsToNumber(match[2] ?? "0");
  if (magnitude === 0n) return 0;
  return match[1] === "-" || magnitude > BigInt(INT_MAX) ? undefined : Number(magnitude);
}

/** strtoul with base 0 over the whole text, kept in 32 bits; undefined for garbage, a sign, or more than 64 bits. */
export function parseWholeUnsigned(text: string): number | undefined {
  const match = NUMBER.exec(text);
  if (match === null || match[0].length !== text.length || match[1] === "-") return undefined;
  const value = digitsToNumber(match[2] ?? "0");
  return value > ULONG_MAX ? undefined : Number(BigInt.asUintN(32, value));
}

/** true/yes and false/no in any case; undefined for everything else. */
export function parseBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (word === "true" || word === "yes") return true;
  return word === "false" || word === "no" ? false : undefined;
}
