// Numbers in the forms that the C tool reads: strtoul with base 0 or 10 (garbage behind the digits is accepted), and atoi.
// Called by the commands for their arguments.

const BASE_0 = /^[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|[0-9]+)/;
const BASE_10 = /^[ \t\n\v\f\r]*([+-]?)([0-9]+)/;
const U64_MAX = 2n ** 64n - 1n;

/** The value of C digits: 0x hexadecimal, leading 0 octal (it ends at the first 8 or 9), else decimal. */
function digitsValue(digits: string): bigint {
  if (/^0[xX]/.test(digits)) return BigInt(digits);
  if (digits.startsWith("0")) return BigInt(`0o0${/^0[0-7]*/.exec(digits)?.[0] ?? "0"}`);
  return BigInt(digits);
}

/**
 * A 64-bit unsigned number as smb_strtoull reads it: garbage behind the digits is ignored. Undefined where nothing
 * converts, for a negative number, and where 64 bits do not hold it.
 */
export function strtoull(text: string, base: 0 | 10 = 0): bigint | undefined {
  const match = (base === 0 ? BASE_0 : BASE_10).exec(text);
  if (match === null || match[1] === "-") return undefined;
  const value = base === 0 ? digitsValue(match[2] ?? "0") : BigInt(match[2] ?? "0");
  return value > U64_MAX ? undefined : value;
}

/** As strtoull, cut to 32 bits. */
export function strtoul(text: string, base: 0 | 10 = 0): number | undefined {
  const value = strtoull(text, base);
  return value === undefined ? undefined : Number(value & 0xffffffffn);
}

/** C's atoi: no error, garbage is 0; a signed 32-bit result. */
export function atoi(text: string): number {
  const match = BASE_10.exec(text);
  if (match === null) return 0;
  const size = BigInt(match[2] ?? "0");
  const limited = size > 2n ** 63n - 1n ? 2n ** 63n - 1n : size;
  return Number(BigInt.asIntN(32, match[1] === "-" ? -limited : limited));
}
