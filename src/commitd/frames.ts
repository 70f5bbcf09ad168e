// What ctdbd and its commit helpers say to each other over a pipe. Both ends are always of the same build; all numbers are u32,
// little endian. Orders: {length, job, tdb flags, bytes of path, path, marshall buffer}. Answers: {length, job, ok, reason}.
import { BadFrameError } from "../platform/frame-cutter.js";

const ORDER_HEADER_BYTES = 16;
const ANSWER_HEADER_BYTES = 12;

export interface Order {
  readonly job: number;
  readonly tdbFlags: number;
  readonly path: string;
  /** A view. Empty: only what a torn commit left in the file is put right. */
  readonly records: Buffer;
}

export interface Answer {
  readonly job: number;
  readonly ok: boolean;
  readonly reason: string;
}

export function encodeOrder(job: number, tdbFlags: number, path: string, records: Uint8Array): Buffer {
  const pathBytes = Buffer.from(path, "utf8");
  const frame = Buffer.allocUnsafe(ORDER_HEADER_BYTES + pathBytes.length + records.length);
  frame.writeUInt32LE(frame.length, 0);
  frame.writeUInt32LE(job, 4);
  frame.writeUInt32LE(tdbFlags, 8);
  frame.writeUInt32LE(pathBytes.length, 12);
  frame.set(pathBytes, ORDER_HEADER_BYTES);
  frame.set(records, ORDER_HEADER_BYTES + pathBytes.length);
  return frame;
}

/** Throws BadFrameError. */
export function decodeOrder(frame: Buffer): Order {
  if (frame.length < ORDER_HEADER_BYTES) throw new BadFrameError(`an order of ${frame.length} bytes`);
  const pathEnd = ORDER_HEADER_BYTES + frame.readUInt32LE(12);
  if (pathEnd > frame.length) throw new BadFrameError(`a path that ends at ${pathEnd} of ${frame.length} bytes`);
  return {
    job: frame.readUInt32LE(4),
    tdbFlags: frame.readUInt32LE(8),
    path: frame.toString("utf8", ORDER_HEADER_BYTES, pathEnd),
    records: frame.subarray(pathEnd),
  };
}

export function encodeAnswer({ job, ok, reason }: Answer): Buffer {
  const text = Buffer.from(reason, "utf8");
  const frame = Buffer.allocUnsafe(ANSWER_HEADER_BYTES + text.length);
  frame.writeUInt32LE(frame.length, 0);
  frame.writeUInt32LE(job, 4);
  frame.writeUInt32LE(ok ? 1 : 0, 8);
  frame.set(text, ANSWER_HEADER_BYTES);
  return frame;
}

/** Throws BadFrameError. */
export function decodeAnswer(frame: Buffer): Answer {
  if (frame.length < ANSWER_HEADER_BYTES) throw new BadFrameError(`an answer of ${frame.length} bytes`);
  return {
    job: frame.readUInt32LE(4),
    ok: frame.readUInt32LE(8) === 1,
    reason: frame.toString("utf8", ANSWER_HEADER_BYTES),
  };
}
