// Little-endian writer into a buffer of known size. Used by every codec of cold data; hot packets have writers instead.

/** Thrown as RangeError: a value that the layout cannot hold is a bug of the caller, not of the peer. */
function refuse(reason: string): never {
  throw new RangeError(reason);
}

/** Length of `text` in UTF-8 with its terminating NUL; 0 for an absent string. */
export function stringSize(text: string | null): number {
  return text === null ? 0 : Buffer.byteLength(text, "utf8") + 1;
}

/** Length of a stringn: u32 length and the text with its NUL. */
export function stringnSize(text: string | null): number {
  return 4 + stringSize(text);
}

export class ByteWriter {
  /** Position of the next byte. */
  offset = 0;
  readonly #bytes: Buffer;

  /** All `size` bytes start as zeros, so that padding is zero. */
  constructor(size: number) {
    this.#bytes = Buffer.alloc(size);
  }

  /** The written bytes. Throws RangeError unless exactly `size` bytes were written. */
  finish(): Uint8Array {
    if (this.offset !== this.#bytes.length) {
      refuse(`size() said ${this.#bytes.length} bytes, ${this.offset} were written`);
    }
    return this.#bytes;
  }

  u8(value: number): void {
    this.offset = this.#bytes.writeUInt8(value, this.offset);
  }

  u16(value: number): void {
    this.offset = this.#bytes.writeUInt16LE(value, this.offset);
  }

  u32(value: number): void {
    this.offset = this.#bytes.writeUInt32LE(value, this.offset);
  }

  i32(value: number): void {
    this.offset = this.#bytes.writeInt32LE(value, this.offset);
  }

  u64(value: bigint): void {
    this.offset = this.#bytes.writeBigUInt64LE(value, this.offset);
  }

  /** A u64 given as a non-negative safe integer. */
  safe64(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) refuse(`${value} is no non-negative safe integer`);
    this.u64(BigInt(value));
  }

  i64(value: number): void {
    if (!Number.isSafeInteger(value)) refuse(`${value} is no safe integer`);
    this.offset = this.#bytes.writeBigInt64LE(BigInt(value), this.offset);
  }

  f64(value: number): void {
    this.offset = this.#bytes.writeDoubleLE(value, this.offset);
  }

  bool(value: boolean): void {
    this.u8(value ? 1 : 0);
  }

  /** Leaves `length` zero bytes. */
  pad(length: number): void {
    this.offset += length;
  }

  /** An array of fixed length must have that length. */
  arrayLength(has: number, wanted: number): void {
    if (has !== wanted) refuse(`the array has ${has} elements instead of ${wanted}`);
  }

  bytes(value: Uint8Array): void {
    if (value.length > this.#bytes.length - this.offset) refuse("bytes do not fit: size() was wrong");
    this.#bytes.set(value, this.offset);
    this.offset += value.length;
  }

  /** Text and a NUL; nothing for an absent string. */
  string(text: string | null): void {
    if (text === null) return;
    if (text.includes("\0")) refuse("a string on the wire cannot hold a NUL");
    this.offset += this.#bytes.write(text, this.offset, "utf8");
    this.u8(0);
  }

  stringn(text: string | null): void {
    this.u32(stringSize(text));
    this.string(text);
  }

  /** Text in `size` bytes; its last byte stays NUL. */
  fixedText(text: string, size: number): void {
    if (Buffer.byteLength(text, "utf8") > size - 1) refuse(`"${text}" is longer than ${size - 1} bytes`);
    this.#bytes.write(text, this.offset, "utf8");
    this.offset += size;
  }
}
