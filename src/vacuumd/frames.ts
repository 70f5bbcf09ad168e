// What ctdbd and ctdb-vacuumd say to each other over a pipe; both ends are always of the same build. {length, type, run, ...}, all
// u32, little endian.
import { BadFrameError } from "../platform/frame-cutter.js";
import type { RunOrder, RunOutcome } from "../vacuum/vacuum-worker.js";

/** To ctdb-vacuumd: RUN (order as JSON), BATCH (marshall buffer; empty: no more), ABORT. */
export const ToVacuumd = { RUN: 1, BATCH: 2, ABORT: 3 } as const;
/** From ctdb-vacuumd: NEXT (places kept of the batch before), REMEMBER (marshall buffer), ENDED (outcome as JSON). */
export const FromVacuumd = { NEXT: 16, REMEMBER: 17, ENDED: 18 } as const;

const HEADER_BYTES = 12;

export interface Frame {
  readonly type: number;
  readonly run: number;
  /** A view. */
  readonly payload: Buffer;
}

export function encodeFrame(type: number, run: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  frame.writeUInt32LE(frame.length, 0);
  frame.writeUInt32LE(type, 4);
  frame.writeUInt32LE(run, 8);
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/** Throws BadFrameError. */
export function decodeFrame(frame: Buffer): Frame {
  if (frame.length < HEADER_BYTES) throw new BadFrameError(`a frame of ${frame.length} bytes`);
  return { type: frame.readUInt32LE(4), run: frame.readUInt32LE(8), payload: frame.subarray(HEADER_BYTES) };
}

export function encodePlaces(places: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * places.length);
  for (const [i, place] of places.entries()) bytes.writeUInt32LE(place, 4 * i);
  return bytes;
}

export function decodePlaces(bytes: Buffer): number[] {
  const places: number[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4) places.push(bytes.readUInt32LE(at));
  return places;
}

export function encodeJson(value: RunOrder | RunOutcome): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** Both ends are of one build, so the shape is known. */
export function decodeOrder(payload: Buffer): RunOrder {
  return JSON.parse(payload.toString()) as RunOrder;
}

export function decodeOutcome(payload: Buffer): RunOutcome {
  return JSON.parse(payload.toString()) as RunOutcome;
}
