// What ctdbd and its lock helper processes say to each other over a pipe: frames of
// {u32 length, u32 type, u32 a, u32 b, u32 c, payload}, little endian. Both ends are always of the same build.
import { BadFrameError, FrameCutter } from "../platform/frame-cutter.js";

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

/** Cuts a stream of bytes into frames and takes these apart. */
export class FrameReader {
  private readonly cutter: FrameCutter;

  constructor(handler: FrameHandler) {
    this.cutter = new FrameCutter((frame) => {
      if (frame.length < HEADER_BYTES) throw new BadFrameError(`a frame of ${frame.length} bytes`);
      const payload = frame.length === HEADER_BYTES ? "" : frame.toString("utf8", HEADER_BYTES);
      const a = frame.readUInt32LE(8);
      const b = frame.readUInt32LE(12);
      const c = frame.readUInt32LE(16);
      handler(frame.readUInt32LE(4), a, b, c, payload);
    });
  }

  /** `bytes` must stay unchanged until their frame is complete. Throws BadFrameError; nothing can be read after that. */
  push(bytes: Uint8Array): void {
    this.cutter.push(bytes);
  }
}
