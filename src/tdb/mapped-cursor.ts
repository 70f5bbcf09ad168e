// A traverse straight over the pages of a TDB file, several times as fast as through libtdb: no lock and no call a record. Only
// for a file whose lock of all records is held here and that no open transaction has changed.
import { readU32 } from "../protocol/index.js";
import { TdbError } from "./errors.js";
import type { FileMapping } from "./libc.js";
import type { JoinedVisitor, LockedCursor, SliceResult, TdbCounters } from "./tdb-file.js";

// Layout of a TDB file: the chain heads, and in front of each record's key 24 bytes.
const FIRST_CHAIN = 172;
const RECORD_HEADER_BYTES = 24;
const RECORD_NEXT = 0;
const RECORD_KEY_LENGTH = 8;
const RECORD_DATA_LENGTH = 12;
const RECORD_MAGIC = 20;
const MAGIC_USED = 0x26011999;
const MAGIC_DEAD = 0xfee1dead;
/** Empty chains that cost as much as one record. */
const CHAINS_PER_RECORD = 256;

export interface MappedFile {
  readonly path: string;
  readonly hashSize: number;
  /** Bytes of the mutex area in front of the file proper; all offsets in the file count from behind it. */
  readonly baseBytes: number;
  readonly counters: TdbCounters;
}

export class MappedCursor implements LockedCursor {
  visited = 0;
  private readonly bytes: Buffer;
  private readonly recordsMax: number;
  private chain = -1;
  /** Offset of the next record of the chain, 0 at its end. */
  private record = 0;
  private closed = false;

  constructor(
    private readonly file: MappedFile,
    private readonly mapping: FileMapping,
  ) {
    this.bytes = Buffer.from(mapping.bytes);
    this.recordsMax = Math.floor(this.bytes.length / RECORD_HEADER_BYTES);
  }

  slice(recordsMax: number, visitor: JoinedVisitor): SliceResult {
    if (this.closed) return "done";
    let left = Math.max(1, recordsMax);
    let emptyChains = 0;
    while (left > 0) {
      if (this.record === 0) {
        this.chain++;
        if (this.chain >= this.file.hashSize) return "done";
        this.record = this.word(FIRST_CHAIN + 4 * this.chain);
        if (this.record === 0 && ++emptyChains % CHAINS_PER_RECORD === 0) left--;
        continue;
      }
      left--;
      this.visitRecord(visitor);
    }
    return "more";
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.mapping.unmap();
  }

  private visitRecord(visitor: JoinedVisitor): void {
    const { record } = this;
    const magic = this.word(record + RECORD_MAGIC);
    this.record = this.word(record + RECORD_NEXT);
    if (magic === MAGIC_DEAD) return;
    if (magic !== MAGIC_USED) this.corrupt(`a record at ${record} has magic 0x${magic.toString(16)}`);
    if (++this.visited > this.recordsMax) this.corrupt("a chain has no end");
    this.file.counters.traversedRecords++;
    const keyStart = this.file.baseBytes + record + RECORD_HEADER_BYTES;
    const keyLength = this.word(record + RECORD_KEY_LENGTH);
    const dataLength = this.word(record + RECORD_DATA_LENGTH);
    if (keyStart + keyLength + dataLength > this.bytes.length) {
      this.corrupt(`a record at ${record} reaches beyond the end of the file`);
    }
    visitor(this.bytes, keyStart, keyLength, dataLength);
  }

  private word(offset: number): number {
    const at = this.file.baseBytes + offset;
    if (at + 4 > this.bytes.length) this.corrupt(`offset ${offset} lies beyond the end of the file`);
    return readU32(this.bytes, at);
  }

  private corrupt(detail: string): never {
    throw new TdbError("traverse", this.file.path, "CORRUPT", detail);
  }
}
