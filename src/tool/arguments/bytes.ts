// Keys and values of records as the tool's arguments spell them: literal text, or hexadecimal after `0x`.

/** A key or value that begins with 0x and is no hexadecimal text. The message is the C tool's. */
export class HexError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "HexError";
  }
}

/** The bytes of a key or value. Throws HexError. */
export function parseBytes(text: string): Buffer {
  return text.startsWith("0x") ? parseHex(text.slice(2)) : Buffer.from(text, "utf8");
}

/** The bytes of pairs of hexadecimal digits. `tail` is what complaints show behind them. Throws HexError. */
export function parseHex(digits: string, tail = ""): Buffer {
  if (digits.length % 2 !== 0) throw new HexError(`Key (${digits}${tail}) contains odd number of hex digits`);
  const bad = /[^0-9a-fA-F]/.exec(digits);
  if (bad !== null) throw new HexError(`Invalid hex: ${digits.slice(bad.index - (bad.index % 2))}${tail}`);
  return Buffer.from(digits, "hex");
}
