// The scratch buffer in which outgoing packets are built. Each transport queue owns one; generated write functions fill it.

/** Scratch larger than this is given back once a smaller packet is written, so that one huge record does not pin memory. */
export const SCRATCH_KEEP_MAX = 1 << 20;
const SCRATCH_START = 4096;
/** Packet lengths are multiples of this on TCP links and in everything that ctdbd writes. */
export const PACKET_ALIGNMENT = 8;
/** The length field of a packet is a u32. */
export const PACKET_LENGTH_MAX = 0xffff_fff8;

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Arguments of write functions must not be views of this writer's own bytes. */
export class PacketWriter {
  /** The scratch bytes; the packet just written is `bytes[0 .. length)`. Replaced when it has to grow. */
  bytes: Buffer = Buffer.allocUnsafe(SCRATCH_START);
  /** The same bytes for integers: faster than the methods of Buffer. */
  view: DataView = viewOf(this.bytes);
  /** Length of the packet just written: rounded up to 8, equal to its length field. */
  length = 0;
  /** Its length without padding. */
  contentLength = 0;

  /**
   * Starts a packet of `size` bytes: makes room, rounds up to 8 and zeroes the padding. Called by generated writers only.
   * Throws RangeError for a packet that a u32 length cannot describe.
   */
  begin(size: number): Buffer {
    const length = Math.ceil(size / PACKET_ALIGNMENT) * PACKET_ALIGNMENT;
    if (length > PACKET_LENGTH_MAX)
      throw new RangeError(`a packet of ${size} bytes is larger than the protocol allows`);
    if (length > this.bytes.length) {
      this.#replace(Math.max(length, Math.min(this.bytes.length * 2, SCRATCH_KEEP_MAX)));
    } else if (this.bytes.length > SCRATCH_KEEP_MAX && length <= SCRATCH_START) {
      this.#replace(SCRATCH_START);
    }
    this.length = length;
    this.contentLength = size;
    // The padding is at most 7 bytes and lies in the last 8, which the content then overwrites.
    if (length !== size) {
      this.view.setUint32(length - 4, 0, true);
      this.view.setUint32(length - 8, 0, true);
    }
    return this.bytes;
  }

  #replace(size: number): void {
    this.bytes = Buffer.allocUnsafe(size);
    this.view = viewOf(this.bytes);
  }

  /** A view of the packet just written, valid until the next write. Copy it to keep it. */
  packet(): Buffer {
    return this.bytes.subarray(0, this.length);
  }
}
