// Cuts what comes through a pipe into frames that begin with their length (u32, little endian, itself included). For ctdbd and its
// helper processes.

const FRAME_BYTES_MIN = 8;
/** More does not fit into a packet either. */
const FRAME_BYTES_MAX = 0x7fff_ffff;

export class BadFrameError extends Error {
  override readonly name = "BadFrameError";
}

/** Cuts a stream of bytes into frames. */
export class FrameCutter {
  private chunks: Buffer[] = [];
  private buffered = 0;

  constructor(private readonly onFrame: (frame: Buffer) => void) {}

  /** `bytes` must stay unchanged until their frame is complete. Throws BadFrameError; nothing can be read after that. */
  push(bytes: Uint8Array): void {
    this.chunks.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    this.buffered += bytes.byteLength;
    while (this.buffered >= 4) {
      const length = this.firstLength();
      if (length < FRAME_BYTES_MIN || length > FRAME_BYTES_MAX) throw new BadFrameError(`a frame of ${length} bytes`);
      if (this.buffered < length) return;
      const all = this.joined();
      const rest = all.subarray(length);
      this.chunks = rest.length > 0 ? [rest] : [];
      this.buffered = rest.length;
      this.onFrame(all.subarray(0, length));
    }
  }

  private firstLength(): number {
    const first = this.chunks[0];
    return (first !== undefined && first.length >= 4 ? first : this.joined()).readUInt32LE(0);
  }

  private joined(): Buffer {
    const [first] = this.chunks;
    if (first !== undefined && this.chunks.length === 1) return first;
    const all = Buffer.concat(this.chunks);
    this.chunks = [all];
    return all;
  }
}
