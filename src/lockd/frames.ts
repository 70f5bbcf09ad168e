// What ctdbd and its lock helper processes say to each other over a pipe: frames of
// {u32 length, u32 type, u32 a, u32 b, u32 c, payload}, little endian. Both ends are always of the same build.

export const Frame = {
  // To the waiting process.
  OPEN: 1, // a: database number, b: hash size, c: 1 = mutexes; payload: path
  CLOSE: 2, // a: database number
  WAIT: 3, // a: wait id, b: database number, c: chain
  RELEASE: 5, // a: wait id, or hold id
  FIND_HOLDERS: 6, // a: query id, b: database number, c: chain + 1, 0 = all
  // To a holding process.
  HOLD: 7, // a: hold id, b: tdb flags; payload: path
  // Answers.
  GRANTED: 101, // a: wait id or hold id, b: thread that owns the mutex
  FAILED: 102, // a: wait id or hold id; payload: reason
  HOLDERS: 103, // a: query id; payload: JSON
  RELEASED: 104, // a: hold id
} as const;

const HEADER_BYTES = 20;
/** A longer frame is a bug, not a message. */
const FRAME_BYTES_MAX = 16 * 1024 * 1024;

export function encodeFrame(type: number, a: number, b = 0, c = 0, payload = ""): Buffer {
  const text = Buffer.from(payload, "utf8");
  const frame = Buffer.allocUnsafe(HEADER_BYTES + text.length);
  frame.writeUInt32LE(frame.length, 0);
  frame.writeUInt32LE(type, 4);
  frame.writeUInt32LE(a, 8);
  frame.writeUInt32LE(b, 12);
  frame.writeUInt32LE(c, 16);
  text.copy(frame, HEADER_BYTES);
  return frame;
}

export type FrameHandler = (type: number, a: number, b: number, c: number, payload: string) => void;

export class BadFrameError extends Error {
  override readonly name = "BadFrameError";
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  private rest = Buffer.alloc(0);

  constructor(private readonly handler: FrameHandler) {}

  /** Throws BadFrameError; nothing can be read after that. */
  push(bytes: Uint8Array): void {
    let input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.rest.length > 0) input = Buffer.concat([this.rest, input]);
    let offset = 0;
    while (input.length - offset >= HEADER_BYTES) {
      const length = input.readUInt32LE(offset);
      if (length < HEADER_BYTES || length > FRAME_BYTES_MAX) throw new BadFrameError(`frame of ${length} bytes`);
      if (input.length - offset < length) break;
      const payload = length === HEADER_BYTES ? "" : input.toString("utf8", offset + HEADER_BYTES, offset + length);
      const type = input.readUInt32LE(offset + 4);
      const a = input.readUInt32LE(offset + 8);
      const b = input.readUInt32LE(offset + 12);
      const c = input.readUInt32LE(offset + 16);
      offset += length;
      this.handler(type, a, b, c, payload);
    }
    this.rest = Buffer.from(input.subarray(offset));
  }
}
