// What every structure, payload and message codec offers. The generated structures and the few written by hand use it.

import { ByteReader } from "./byte-reader.js";
import { ByteWriter } from "./byte-writer.js";
import { ProtocolError } from "./errors.js";

/** Turns values of one layout into bytes and back. */
export interface Codec<T> {
  readonly name: string;
  /** Length of the encoded value in bytes. */
  size(value: T): number;
  /** Encodes into fresh bytes. Throws RangeError for a value that the layout cannot hold (a bug of the caller). */
  encode(value: T): Uint8Array;
  /** Decodes a copy: nothing of the result refers to `bytes`. Throws ProtocolError only. */
  decode(bytes: Uint8Array): T;
}

/** A codec that can also be a part of a larger layout. */
export interface StructCodec<T> extends Codec<T> {
  /** Decodes at the reader's position and advances it. */
  read(reader: ByteReader): T;
  /** Encodes at the writer's position and advances it. */
  write(writer: ByteWriter, value: T): void;
}

/** The part of a codec that is written by hand or generated; `defineCodec` adds the rest. */
export interface CodecBody<T> {
  readonly name: string;
  /** True: `decode` refuses bytes after the last field. False: they are ignored, as the C daemon does. */
  readonly exact: boolean;
  size(value: T): number;
  read(reader: ByteReader): T;
  write(writer: ByteWriter, value: T): void;
}

/** Completes a codec body with `encode` and `decode`. */
export function defineCodec<T>(body: CodecBody<T>): StructCodec<T> {
  return {
    name: body.name,
    size: body.size,
    read: body.read,
    write: body.write,
    encode(value) {
      const writer = new ByteWriter(body.size(value));
      body.write(writer, value);
      return writer.finish();
    },
    decode(bytes) {
      const reader = new ByteReader(bytes, body.name);
      const value = body.read(reader);
      if (body.exact && reader.remaining !== 0) {
        throw new ProtocolError(reader.offset, body.name, `${reader.remaining} bytes follow the last field`);
      }
      return value;
    },
  };
}
