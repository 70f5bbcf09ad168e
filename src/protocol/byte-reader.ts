// Bounds-checked little-endian reader over a payload. Used by every codec of cold data; hot packets have accessors instead.
import { isUtf8 } from "node:buffer";
import { ProtocolError } from "./errors.js";

/** Largest upper half of a u64 that still fits into a JavaScript safe integer. */
const SAFE_HIGH_MAX = 0x1fffff;
const TWO_32 = 0x1_0000_0000;

/** Views `bytes` as a Buffer without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export class ByteReader {
  /** Position of the next byte, relative to the start of the bytes given to the constructor. */
  offset: number;
  /** Told about bytes that carry nothing (start, length): C peers leave there what their memory held. */
  onPadding: ((start: number, length: number) => void) | undefined;
  readonly #bytes: Buffer;
  readonly #end: number;
  readonly #what: string;

  /** Reads `bytes` from `start` up to `end`; `what` (structure or packet name) begins the field name in errors. */
  constructor(bytes: Uint8Array, what: string, start = 0, end = bytes.length) {
    this.#bytes = asBuffer(bytes);
    this.#what = what;
    this.offset = start;
    this.#end = end;
  }

  get remaining(): number {
    return this.#end - this.offset;
  }

  /** Throws a ProtocolError at the current position. */
  fail(field: string, reason: string): never {
    throw new ProtocolError(this.offset, `${this.#what} ${field}`, reason);
  }

  /** Claims `length` bytes and returns where they start. */
  #take(length: number, field: string): number {
    const start = this.offset;
    if (length > this.#end - start) {
      this.fail(field, `needs ${length} bytes, ${this.#end - start} are left`);
    }
    this.offset = start + length;
    return start;
  }

  u8(field: string): number {
    return this.#bytes.readUInt8(this.#take(1, field));
  }

  u16(field: string): number {
    return this.#bytes.readUInt16LE(this.#take(2, field));
  }

  u32(field: string): number {
    return this.#bytes.readUInt32LE(this.#take(4, field));
  }

  i32(field: string): number {
    return this.#bytes.readInt32LE(this.#take(4, field));
  }

  u64(field: string): bigint {
    return this.#bytes.readBigUInt64LE(this.#take(8, field));
  }

  /** A u64 as a number; values above 2^53-1 are refused. */
  safe64(field: string): number {
    const start = this.#take(8, field);
    const high = this.#bytes.readUInt32LE(start + 4);
    if (high > SAFE_HIGH_MAX) {
      this.offset = start;
      this.fail(field, "is larger than 2^53-1");
    }
    return high * TWO_32 + this.#bytes.readUInt32LE(start);
  }

  /** An i64 as a number; values outside of +-(2^53-1) are refused. */
  i64(field: string): number {
    const start = this.#take(8, field);
    const value = Number(this.#bytes.readBigInt64LE(start));
    if (!Number.isSafeInteger(value)) {
      this.offset = start;
      this.fail(field, "is outside of +-(2^53-1)");
    }
    return value;
  }

  f64(field: string): number {
    return this.#bytes.readDoubleLE(this.#take(8, field));
  }

  /** One byte, 0 or 1. */
  bool(field: string): boolean {
    const start = this.#take(1, field);
    const value = this.#bytes.readUInt8(start);
    if (value > 1) {
      this.offset = start;
      this.fail(field, `is ${value}, not 0 or 1`);
    }
    return value === 1;
  }

  /** Passes over bytes that carry nothing. */
  padding(length: number): void {
    const start = this.#take(length, "padding");
    this.onPadding?.(start, length);
  }

  /** Advances over bytes that were read as a view. */
  skip(length: number, field: string): void {
    this.#take(length, field);
  }

  /** A copy of the next `length` bytes. */
  bytes(length: number, field: string): Uint8Array {
    const start = this.#take(length, field);
    return new Uint8Array(this.#bytes.subarray(start, start + length));
  }

  /** A view of the next `length` bytes. */
  view(length: number, field: string): Buffer {
    const start = this.#take(length, field);
    return this.#bytes.subarray(start, start + length);
  }

  /** A view of all that is left, without advancing. */
  restView(): Buffer {
    return this.#bytes.subarray(this.offset, this.#end);
  }

  /** The u32 number of elements of a list. Refused when that many elements of `elementSizeMin` bytes cannot follow. */
  count(elementSizeMin: number, field: string): number {
    const start = this.offset;
    const count = this.u32(field);
    if (count * elementSizeMin > this.remaining) {
      const left = this.remaining;
      this.offset = start;
      this.fail(field, `counts ${count} elements of at least ${elementSizeMin} bytes, ${left} bytes are left`);
    }
    return count;
  }

  /** Bytes up to the first NUL or the end of `length` bytes, as UTF-8. */
  #string(length: number, field: string, lossy: boolean): string {
    const start = this.#take(length, field);
    const view = this.#bytes.subarray(start, start + length);
    const nul = view.indexOf(0);
    const text = nul < 0 ? view : view.subarray(0, nul);
    if (!lossy && !isUtf8(text)) {
      this.offset = start;
      this.fail(field, "is not UTF-8");
    }
    return text.toString("utf8");
  }

  /** string: NUL terminated text that is the rest of the payload; no bytes at all mean an absent string. */
  stringToEnd(field: string, lossy: boolean): string | null {
    return this.remaining === 0 ? null : this.#string(this.remaining, field, lossy);
  }

  /** stringn: u32 length with the NUL, then the text; length 0 means an absent string. */
  stringn(field: string, lossy: boolean): string | null {
    const length = this.count(1, `${field} length`);
    return length === 0 ? null : this.#string(length, field, lossy);
  }

  /** Like `stringToEnd` where a string must be there. */
  requiredStringToEnd(field: string, lossy: boolean): string {
    return this.stringToEnd(field, lossy) ?? this.fail(field, "is missing");
  }

  /** Like `stringn` where a string must be there. */
  requiredStringn(field: string, lossy: boolean): string {
    return this.stringn(field, lossy) ?? this.fail(field, "is missing");
  }

  /** Text in a field of fixed size, filled up with NULs; the last byte must be NUL. */
  fixedText(size: number, field: string): string {
    const start = this.#take(size, field);
    if (this.#bytes.readUInt8(start + size - 1) !== 0) {
      this.offset = start;
      this.fail(field, "does not end with NUL");
    }
    this.offset = start;
    return this.#string(size, field, true);
  }
}
