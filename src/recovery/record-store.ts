// The records of one database while it is recovered: the best copy of each key, kept as marshalled bytes in slabs that
// are themselves marshall buffers, so that a push sends slabs as they are. Filled by the pulls, emptied by the push.
import { asBuffer, RecordFlag } from "../protocol/index.js";
import { MalformedRecordsError } from "./errors.js";
import { SLAB_BYTES_FIRST, SLAB_BYTES_MAX } from "./limits.js";
import { indexHash, RecordIndex } from "./record-index.js";

// Marshall buffer: u32 db id, u32 count, records. Record: u32 length, u32 reqid, u32 keylen, u32 datalen, key, data.
// Data begins with the record header: u64 rsn @0, u32 dmaster @8, u32 reserved @12, u32 flags @16, 4 pad.
const BUFFER_HEADER_BYTES = 8;
const RECORD_HEADER_BYTES = 16;
const LTDB_HEADER_BYTES = 24;
const DMASTER_OFFSET = 8;
const FLAGS_OFFSET = 16;
/** Stands in the reqid field of a record in a slab that was replaced by a longer or shorter copy. */
const DEAD = 0xffffffff;
const LIVE = 0;

interface Slab {
  readonly bytes: Buffer;
  readonly view: DataView;
  used: number;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** One buffer to push: a marshall buffer and the number of records in it. */
export interface PushBuffer {
  readonly bytes: Buffer;
  readonly count: number;
}

export interface RecordStoreOptions {
  readonly dbId: number;
  /** The pnn that becomes dmaster of every record, and that loses ties against other dmasters. */
  readonly leaderPnn: number;
  /** RecBufferSizeLimit: bytes after which a pushed buffer is closed. */
  readonly bufferBytesMax: number;
  /** Any 32-bit number; seeds the key hash. */
  readonly seed: number;
}

/** A position inside a received buffer between two slices of its merging. */
export interface MergeCursor {
  offset: number;
  remaining: number;
}

export class RecordStore {
  private readonly index = new RecordIndex();
  private slabs: Slab[] = [];
  /** By source: the entry of its latest record. Nodes send a database in much the same order, so the next one is likely next. */
  private readonly lastEntries: number[] = [];
  private lastEntry = -1;
  private readonly slabBytesMax: number;
  /** Bytes of replaced copies that still lie in the slabs. */
  deadBytes = 0;

  constructor(private readonly options: RecordStoreOptions) {
    this.slabBytesMax = Math.max(SLAB_BYTES_FIRST, Math.min(options.bufferBytesMax, SLAB_BYTES_MAX));
  }

  /** Begins to merge a marshall buffer. Throws MalformedRecordsError when it is shorter than its own header. */
  openBuffer(bytes: Uint8Array): MergeCursor {
    if (bytes.length < BUFFER_HEADER_BYTES) throw this.malformed(`${bytes.length} bytes, a header has 8`);
    return { offset: BUFFER_HEADER_BYTES, remaining: asBuffer(bytes).readUInt32LE(4) };
  }

  /**
   * Merges records of a marshall buffer from `cursor` on until `bytesMax` bytes are done, and returns how many it read.
   * `source` is the position of the sending node in the list of nodes. The winner of a key does not depend on the order
   * in which buffers of different nodes arrive: highest rsn; among equals the first node in the list whose copy has a
   * dmaster other than the leader, else the last node. (That is what a pull of one node after the other, with "replace
   * when rsn is higher, or equal and the stored dmaster is the leader", comes to.)
   * Throws MalformedRecordsError; the buffer is then of no use, and so is the pull.
   */
  merge(input: Uint8Array, cursor: MergeCursor, source: number, bytesMax: number): number {
    const bytes = asBuffer(input);
    const view = viewOf(input);
    const end = Math.min(bytes.length, cursor.offset + bytesMax);
    let offset = cursor.offset;
    let count = 0;
    this.lastEntry = this.lastEntries[source] ?? -1;
    while (cursor.remaining > count && offset < end) {
      if (bytes.length - offset < RECORD_HEADER_BYTES) throw this.malformed(`record header cut at ${offset}`);
      const keyLength = view.getUint32(offset + 8, true);
      const dataLength = view.getUint32(offset + 12, true);
      const recordBytes = RECORD_HEADER_BYTES + keyLength + dataLength;
      if (recordBytes > bytes.length - offset) throw this.malformed(`record at ${offset} is cut`);
      if (view.getUint32(offset, true) !== recordBytes) throw this.malformed(`record at ${offset} has a wrong length`);
      if (dataLength < LTDB_HEADER_BYTES) throw this.malformed(`record at ${offset} has no record header`);
      this.mergeRecord(bytes, view, offset, recordBytes, keyLength, source);
      offset += recordBytes;
      count++;
    }
    this.lastEntries[source] = this.lastEntry;
    cursor.offset = offset;
    cursor.remaining -= count;
    if (cursor.remaining > 0 && offset >= bytes.length) throw this.malformed(`${cursor.remaining} records are missing`);
    return count;
  }

  /** Merges a whole marshall buffer; returns the number of records in it. */
  mergeAll(bytes: Uint8Array, source: number): number {
    return this.merge(bytes, this.openBuffer(bytes), source, Number.MAX_SAFE_INTEGER);
  }

  /**
   * Gives the records away as buffers to push, at least one (which may hold 0 records). Records without data are left
   * out. With `claim` the leader becomes dmaster and MIGRATED_WITH_DATA is set (volatile and replicated databases);
   * without it headers stay as they are (persistent ones). The store is empty afterwards; a buffer is valid until the
   * next one is asked for.
   */
  *drain(claim: boolean): Generator<PushBuffer, void, void> {
    const slabs = this.slabs;
    this.slabs = [];
    let sent = 0;
    for (let slab = slabs.shift(); slab !== undefined; slab = slabs.shift()) {
      const count = this.compact(slab, claim);
      if (count === 0) continue;
      sent++;
      yield { bytes: slab.bytes.subarray(0, slab.used), count };
    }
    if (sent === 0) {
      const empty = Buffer.alloc(BUFFER_HEADER_BYTES);
      empty.writeUInt32LE(this.options.dbId, 0);
      yield { bytes: empty, count: 0 };
    }
  }

  private mergeRecord(
    bytes: Buffer,
    view: DataView,
    offset: number,
    recordBytes: number,
    keyLength: number,
    source: number,
  ): void {
    const { index } = this;
    const keyStart = offset + RECORD_HEADER_BYTES;
    const likely = this.lastEntry + 1;
    if (likely < index.size && this.mergeInto(likely, bytes, view, offset, recordBytes, keyLength, source)) return;
    const hash = indexHash(bytes, keyStart, keyLength, this.options.seed);
    let probe = index.firstProbe(hash);
    for (let entry = index.entryAt(probe); entry >= 0; entry = index.entryAt(probe)) {
      if (index.hashOf(entry) === hash && this.mergeInto(entry, bytes, view, offset, recordBytes, keyLength, source))
        return;
      probe = index.nextProbe(probe);
    }
    const place = this.append(bytes, offset, recordBytes);
    this.lastEntry = index.size;
    index.add(hash, this.slabs.length - 1, place, source);
  }

  /** False: the entry has another key. */
  private mergeInto(
    entry: number,
    bytes: Buffer,
    view: DataView,
    offset: number,
    recordBytes: number,
    keyLength: number,
    source: number,
  ): boolean {
    const { index } = this;
    const slab = this.slabs[index.slabOf(entry)];
    if (slab === undefined) return false;
    const at = index.offsetOf(entry);
    const keyStart = offset + RECORD_HEADER_BYTES;
    if (slab.view.getUint32(at + 8, true) !== keyLength) return false;
    const storedKey = at + RECORD_HEADER_BYTES;
    const stored = slab.bytes;
    // From the end: keys of one database often begin alike.
    for (let i = keyLength - 1; i >= 0; i--) if (bytes[keyStart + i] !== stored[storedKey + i]) return false;
    this.lastEntry = entry;
    if (this.wins(view, keyStart + keyLength, source, slab.view, storedKey + keyLength, index.sourceOf(entry))) {
      this.replace(entry, slab, at, bytes, offset, recordBytes, source);
    }
    return true;
  }

  /** Does the new copy, whose record header is at `header`, replace the stored one? */
  private wins(
    view: DataView,
    header: number,
    source: number,
    stored: DataView,
    storedHeader: number,
    storedSource: number,
  ): boolean {
    const high = view.getUint32(header + 4, true);
    const storedHigh = stored.getUint32(storedHeader + 4, true);
    if (high !== storedHigh) return high > storedHigh;
    const low = view.getUint32(header, true);
    const storedLow = stored.getUint32(storedHeader, true);
    if (low !== storedLow) return low > storedLow;
    const ofLeader = view.getUint32(header + DMASTER_OFFSET, true) === this.options.leaderPnn;
    const storedOfLeader = stored.getUint32(storedHeader + DMASTER_OFFSET, true) === this.options.leaderPnn;
    if (ofLeader !== storedOfLeader) return storedOfLeader;
    return ofLeader ? source >= storedSource : source < storedSource;
  }

  private replace(
    entry: number,
    slab: Slab,
    at: number,
    bytes: Buffer,
    offset: number,
    recordBytes: number,
    source: number,
  ): void {
    if (slab.view.getUint32(at, true) === recordBytes) {
      bytes.copy(slab.bytes, at, offset, offset + recordBytes);
      slab.view.setUint32(at + 4, LIVE, true);
      this.index.move(entry, this.index.slabOf(entry), at, source);
      return;
    }
    slab.view.setUint32(at + 4, DEAD, true);
    this.deadBytes += slab.view.getUint32(at, true);
    const place = this.append(bytes, offset, recordBytes);
    this.index.move(entry, this.slabs.length - 1, place, source);
  }

  /** Copies a record to the end of the last slab, or of a new one, and returns its offset there. */
  private append(bytes: Buffer, offset: number, recordBytes: number): number {
    let slab = this.slabs.at(-1);
    if (slab === undefined || slab.bytes.length - slab.used < recordBytes) {
      const usual = slab === undefined ? SLAB_BYTES_FIRST : Math.min(slab.bytes.length * 2, this.slabBytesMax);
      const fresh = Buffer.allocUnsafeSlow(Math.max(usual, recordBytes + BUFFER_HEADER_BYTES));
      slab = { bytes: fresh, view: viewOf(fresh), used: BUFFER_HEADER_BYTES };
      this.slabs.push(slab);
    }
    const at = slab.used;
    bytes.copy(slab.bytes, at, offset, offset + recordBytes);
    slab.view.setUint32(at + 4, LIVE, true);
    slab.used += recordBytes;
    return at;
  }

  /** Leaves only what is to be pushed in a slab, with headers as they are to be; returns the number of records. */
  private compact(slab: Slab, claim: boolean): number {
    const { bytes, view } = slab;
    let read = BUFFER_HEADER_BYTES;
    let write = BUFFER_HEADER_BYTES;
    let count = 0;
    while (read < slab.used) {
      const recordBytes = view.getUint32(read, true);
      const dead = view.getUint32(read + 4, true) === DEAD;
      if (!dead && view.getUint32(read + 12, true) > LTDB_HEADER_BYTES) {
        if (write !== read) bytes.copyWithin(write, read, read + recordBytes);
        if (claim) {
          const header = write + RECORD_HEADER_BYTES + view.getUint32(write + 8, true);
          view.setUint32(header + DMASTER_OFFSET, this.options.leaderPnn, true);
          const flags = view.getUint32(header + FLAGS_OFFSET, true);
          view.setUint32(header + FLAGS_OFFSET, flags | RecordFlag.MIGRATED_WITH_DATA, true);
        }
        write += recordBytes;
        count++;
      }
      read += recordBytes;
    }
    slab.used = write;
    view.setUint32(0, this.options.dbId, true);
    view.setUint32(4, count, true);
    return count;
  }

  private malformed(detail: string): MalformedRecordsError {
    return new MalformedRecordsError(this.options.dbId, detail);
  }
}
