// Cuts a byte stream into CTDB packets (u32 length first, no other framing). Used for node links and client sockets.
// A packet that lies whole in one read is handed out as a view of the receive buffer; only split ones are copied.

import { readU32 } from "../protocol/index.js";

const HEADER_BYTES = 32;
const MAGIC = 0x43544442;
const VERSION = 1;

/** Largest packet that is accepted; CTDB itself has no limit below 4 GiB, this one only bounds a hostile length field. */
export const PACKET_SIZE_MAX_BYTES = 1024 * 1024 * 1024;
const FIRST_ALLOCATION_BYTES = 64 * 1024;
/** Buffers up to this size are used again for the next large packet, whoever gets it. */
const SPARE_MAX_BYTES = 4 * 1024 * 1024;
const SPARES_MAX = 4;

const spares: Buffer[] = [];

function takeBuffer(sizeBytes: number): Buffer {
  if (sizeBytes >= FIRST_ALLOCATION_BYTES) {
    const index = spares.findIndex((spare) => spare.length >= sizeBytes);
    const [spare] = index < 0 ? [] : spares.splice(index, 1);
    if (spare !== undefined) return spare;
  }
  return Buffer.allocUnsafe(sizeBytes);
}

/** The largest are kept, so that the next large packet need not grow through all sizes again. */
function giveBack(buffer: Buffer): void {
  const { length } = buffer;
  if (length <= FIRST_ALLOCATION_BYTES || length > SPARE_MAX_BYTES) return;
  spares.push(buffer);
  spares.sort((a, b) => b.length - a.length);
  if (spares.length > SPARES_MAX) spares.pop();
}

/** What a stream does with a packet whose magic or version is wrong. */
export type BadHeaderPolicy =
  /** Node links: the connection is given up. */
  | "close"
  /** Client sockets: the packet is skipped, unbuffered, and the connection stays. */
  | "skip";

export interface PacketFramerHandlers {
  /** `packet` is valid during the call only. Returning false stops the framer (the connection was closed). */
  onPacket(packet: Buffer): boolean;
  /** The stream cannot be followed any further. Called at most once. */
  onBroken(reason: string): void;
  /** A packet was skipped (policy "skip"). */
  onSkipped?(reason: string): void;
}

export class PacketFramer {
  private partial: Buffer | undefined;
  private partialLength = 0;
  private skipBytes = 0;
  private broken = false;

  constructor(
    private readonly policy: BadHeaderPolicy,
    private readonly handlers: PacketFramerHandlers,
  ) {}

  push(bytes: Buffer): void {
    if (this.broken) return;
    let offset = 0;
    if (this.skipBytes > 0) {
      offset = Math.min(this.skipBytes, bytes.length);
      this.skipBytes -= offset;
    }
    if (this.partial !== undefined) {
      offset = this.continuePartial(bytes, offset);
      if (this.broken) return;
    }
    while (offset < bytes.length) {
      const available = bytes.length - offset;
      if (available < 4) break;
      const length = readU32(bytes, offset);
      if (!this.acceptLength(length)) return;
      const verdict = this.judgeHeader(bytes, offset, available, length);
      if (verdict === "stop") return;
      if (verdict === "skip") {
        const skipped = Math.min(length, available);
        this.skipBytes = length - skipped;
        offset += skipped;
        continue;
      }
      if (length > available) break;
      // The usual read is one packet: no view is made of it.
      const packet = length === bytes.length ? bytes : bytes.subarray(offset, offset + length);
      offset += length;
      if (!this.handlers.onPacket(packet)) {
        this.broken = true;
        return;
      }
    }
    if (offset < bytes.length) this.beginPartial(bytes, offset);
  }

  private break(reason: string): void {
    this.broken = true;
    this.partial = undefined;
    this.handlers.onBroken(reason);
  }

  private acceptLength(length: number): boolean {
    if (length === 0) {
      this.break("packet length 0");
      return false;
    }
    if (length < 4 || (this.policy === "close" && length < HEADER_BYTES)) {
      this.break(`packet length ${length} is shorter than a header`);
      return false;
    }
    if (this.policy === "close" && length % 8 !== 0) {
      this.break(`packet length ${length} is not a multiple of 8`);
      return false;
    }
    if (length > PACKET_SIZE_MAX_BYTES) {
      this.break(`packet length ${length} is over the limit of ${PACKET_SIZE_MAX_BYTES}`);
      return false;
    }
    return true;
  }

  /** Looks at magic and version as soon as they are there, so that a bad packet is never buffered. */
  private judgeHeader(bytes: Buffer, offset: number, available: number, length: number): "ok" | "skip" | "stop" {
    if (length < HEADER_BYTES) {
      this.handlers.onSkipped?.(`packet of ${length} bytes is shorter than a header`);
      return "skip";
    }
    let reason: string;
    if (available >= 8 && readU32(bytes, offset + 4) !== MAGIC) {
      reason = `wrong magic 0x${readU32(bytes, offset + 4).toString(16)}`;
    } else if (available >= 12 && readU32(bytes, offset + 8) !== VERSION) {
      reason = `wrong protocol version ${readU32(bytes, offset + 8)}`;
    } else {
      return "ok";
    }
    if (this.policy === "skip") {
      this.handlers.onSkipped?.(reason);
      return "skip";
    }
    this.break(reason);
    return "stop";
  }

  private beginPartial(bytes: Buffer, offset: number): void {
    const available = bytes.length - offset;
    const length = available >= 4 ? readU32(bytes, offset) : 4;
    this.partial = takeBuffer(Math.max(Math.min(length, FIRST_ALLOCATION_BYTES), HEADER_BYTES, available));
    bytes.copy(this.partial, 0, offset);
    this.partialLength = available;
  }

  /** Adds to the packet that earlier reads began; returns the offset behind what was taken. */
  private continuePartial(bytes: Buffer, start: number): number {
    let offset = start;
    while (this.partial !== undefined && offset < bytes.length) {
      const have = this.partialLength;
      let want: number;
      if (have < 4) {
        want = 4;
      } else {
        const length = readU32(this.partial, 0);
        if (have < 12 && length >= 12) want = 12;
        else want = length;
      }
      const take = Math.min(want - have, bytes.length - offset);
      this.reserve(have + take, want);
      bytes.copy(this.partial, have, offset, offset + take);
      this.partialLength = have + take;
      offset += take;
      if (this.partialLength < 4) continue;
      const length = readU32(this.partial, 0);
      if (!this.acceptLength(length)) return bytes.length;
      const verdict = this.judgeHeader(this.partial, 0, this.partialLength, length);
      if (verdict === "stop") return bytes.length;
      if (verdict === "skip") {
        const rest = length - this.partialLength;
        const skipped = Math.min(rest, bytes.length - offset);
        this.skipBytes = rest - skipped;
        offset += skipped;
        this.partial = undefined;
        return offset;
      }
      if (this.partialLength < length) continue;
      const whole = this.partial;
      this.partial = undefined;
      const going = this.handlers.onPacket(whole.subarray(0, length));
      giveBack(whole);
      if (!going) {
        this.broken = true;
        return bytes.length;
      }
    }
    return offset;
  }

  /** Grows the buffer by doubling, never by what a length field merely claims. */
  private reserve(needed: number, packetLength: number): void {
    const partial = this.partial;
    if (partial === undefined || partial.length >= needed) return;
    const size = Math.max(needed, Math.min(packetLength, partial.length * 2));
    const grown = takeBuffer(size);
    partial.copy(grown, 0, 0, this.partialLength);
    giveBack(partial);
    this.partial = grown;
  }
}
