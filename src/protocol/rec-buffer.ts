// Records on the wire: one record (rec_data), and the marshall buffer that holds many of them.
// Recovery, traverse, vacuuming and commits stream through RecBufferReader and RecBufferWriter; nothing is copied on reading.
import { asBuffer } from "./byte-reader.js";
import { defineCodec, type StructCodec } from "./codec.js";
import { ProtocolError } from "./errors.js";
import { readU32, writeU32 } from "./little-endian.js";
import {
  RECORD_HEADER_SIZE,
  recordHeaderDmaster,
  recordHeaderFlags,
  recordHeaderRsn,
  writeRecordHeader,
} from "./record-header.js";

/** Bytes in front of the key of a record: length, reqid, keylen, datalen. */
export const REC_DATA_HEADER_SIZE = 16;
/** Bytes in front of the first record of a marshall buffer: db_id, count. */
export const REC_BUFFER_HEADER_SIZE = 8;
const GROW_START = 1024;

/** One record. `data` begins with the 24-byte record header wherever the sender had one. */
export interface RecData {
  /** Id of the traverse that the record belongs to; 0 or unused elsewhere. */
  reqid: number;
  key: Uint8Array;
  data: Uint8Array;
}

/**
 * Walks the records of a range of bytes that holds `rec_data` one after the other, as views. The range is checked record by
 * record: `advance` throws ProtocolError at the first one that does not fit.
 */
export class RecordWalker {
  protected readonly buffer: Buffer;
  #at: number;
  #start = 0;
  #keyLength = 0;
  #dataLength = 0;

  constructor(bytes: Uint8Array, start: number) {
    this.buffer = asBuffer(bytes);
    this.#at = start;
  }

  /** Offset behind the last record that `advance` went to. */
  get offset(): number {
    return this.#at;
  }

  /** Goes to the record at the current offset. */
  advance(): void {
    const start = this.#at;
    const left = this.buffer.length - start;
    if (left < REC_DATA_HEADER_SIZE) {
      throw new ProtocolError(start, "RecData", `needs ${REC_DATA_HEADER_SIZE} bytes, ${left} are left`);
    }
    const length = readU32(this.buffer, start);
    const keyLength = readU32(this.buffer, start + 8);
    const dataLength = readU32(this.buffer, start + 12);
    if (length > left) {
      throw new ProtocolError(start, "RecData length", `is ${length}, ${left} bytes are left`);
    }
    if (length !== REC_DATA_HEADER_SIZE + keyLength + dataLength) {
      const reason = `is ${length}, but keylen is ${keyLength} and datalen ${dataLength}`;
      throw new ProtocolError(start, "RecData length", reason);
    }
    this.#start = start;
    this.#keyLength = keyLength;
    this.#dataLength = dataLength;
    this.#at = start + length;
  }

  get reqid(): number {
    return readU32(this.buffer, this.#start + 4);
  }

  get keyOffset(): number {
    return this.#start + REC_DATA_HEADER_SIZE;
  }

  get keyLength(): number {
    return this.#keyLength;
  }

  get dataOffset(): number {
    return this.#start + REC_DATA_HEADER_SIZE + this.#keyLength;
  }

  /** With the record header, if there is one. */
  get dataLength(): number {
    return this.#dataLength;
  }

  /** The bytes that are walked. */
  get bytes(): Buffer {
    return this.buffer;
  }

  /** View of the key. */
  get key(): Buffer {
    return this.buffer.subarray(this.keyOffset, this.keyOffset + this.#keyLength);
  }

  /** View of header and data. */
  get data(): Buffer {
    return this.buffer.subarray(this.dataOffset, this.dataOffset + this.#dataLength);
  }

  /** View of the data behind the record header. Throws ProtocolError if the record is too short for a header. */
  get value(): Buffer {
    this.#requireHeader();
    return this.buffer.subarray(this.dataOffset + RECORD_HEADER_SIZE, this.dataOffset + this.#dataLength);
  }

  /** True if the data is long enough to begin with a record header. */
  get hasHeader(): boolean {
    return this.#dataLength >= RECORD_HEADER_SIZE;
  }

  get rsn(): number {
    this.#requireHeader();
    return recordHeaderRsn(this.buffer, this.dataOffset);
  }

  get dmaster(): number {
    this.#requireHeader();
    return recordHeaderDmaster(this.buffer, this.dataOffset);
  }

  get flags(): number {
    this.#requireHeader();
    return recordHeaderFlags(this.buffer, this.dataOffset);
  }

  /** A copy of the record that outlives the receive buffer. */
  toRecData(): RecData {
    return { reqid: this.reqid, key: new Uint8Array(this.key), data: new Uint8Array(this.data) };
  }

  #requireHeader(): void {
    if (this.#dataLength < RECORD_HEADER_SIZE) {
      const reason = `${this.#dataLength} bytes of data cannot hold a record header of ${RECORD_HEADER_SIZE}`;
      throw new ProtocolError(this.dataOffset, "RecData header", reason);
    }
  }
}

/** Reads a marshall buffer record by record. Bytes behind the last record are ignored. */
export class RecBufferReader extends RecordWalker {
  readonly dbId: number;
  /** Number of records that the sender announced. */
  readonly count: number;
  #left: number;

  /** Throws ProtocolError if there is no room for the 8-byte head or for `count` records of the smallest size. */
  constructor(bytes: Uint8Array) {
    super(bytes, REC_BUFFER_HEADER_SIZE);
    if (bytes.length < REC_BUFFER_HEADER_SIZE) {
      throw new ProtocolError(0, "RecBuffer", `needs ${REC_BUFFER_HEADER_SIZE} bytes, has ${bytes.length}`);
    }
    this.dbId = readU32(this.buffer, 0);
    this.count = readU32(this.buffer, 4);
    this.#left = this.count;
    if (this.count * REC_DATA_HEADER_SIZE > bytes.length - REC_BUFFER_HEADER_SIZE) {
      throw new ProtocolError(4, "RecBuffer count", `is ${this.count}, the buffer has ${bytes.length} bytes`);
    }
  }

  /** Goes to the next record; false behind the last one. Throws ProtocolError if the next record does not fit. */
  next(): boolean {
    if (this.#left === 0) return false;
    this.advance();
    this.#left -= 1;
    return true;
  }
}

/** Builds a marshall buffer in one growing block that is used again after `reset`. */
export class RecBufferWriter {
  #buffer: Buffer;
  #length = REC_BUFFER_HEADER_SIZE;
  #count = 0;
  #dbId: number;

  constructor(dbId: number, capacity = GROW_START) {
    this.#dbId = dbId;
    this.#buffer = Buffer.allocUnsafe(Math.max(capacity, REC_BUFFER_HEADER_SIZE));
  }

  get count(): number {
    return this.#count;
  }

  /** Length of the marshall buffer as it is now. */
  get byteLength(): number {
    return this.#length;
  }

  /** Adds a record with `data` as it is (with its record header, where the receiver wants one). */
  add(reqid: number, key: Uint8Array, data: Uint8Array): void {
    const at = this.#begin(reqid, key, data.length);
    this.#buffer.set(data, at);
  }

  /** Adds a record whose key and data lie behind each other in `bytes` from `start` on. */
  addJoined(reqid: number, bytes: Buffer, start: number, keyLength: number, dataLength: number): void {
    const at = this.#length;
    const length = REC_DATA_HEADER_SIZE + keyLength + dataLength;
    this.#reserve(at + length);
    const buffer = this.#buffer;
    writeU32(buffer, at, length);
    writeU32(buffer, at + 4, reqid);
    writeU32(buffer, at + 8, keyLength);
    writeU32(buffer, at + 12, dataLength);
    bytes.copy(buffer, at + REC_DATA_HEADER_SIZE, start, start + keyLength + dataLength);
    this.#length = at + length;
    this.#count += 1;
  }

  /** Adds a record whose data is a record header followed by `value`. */
  addWithHeader(reqid: number, key: Uint8Array, rsn: number, dmaster: number, flags: number, value: Uint8Array): void {
    const at = this.#begin(reqid, key, RECORD_HEADER_SIZE + value.length);
    writeRecordHeader(this.#buffer, at, rsn, dmaster, flags);
    this.#buffer.set(value, at + RECORD_HEADER_SIZE);
  }

  /** The marshall buffer: a view, valid until the next `add` or `reset`. */
  bytes(): Buffer {
    writeU32(this.#buffer, 0, this.#dbId);
    writeU32(this.#buffer, 4, this.#count);
    return this.#buffer.subarray(0, this.#length);
  }

  /** Forgets the records; `dbId` stays unless another one is given. */
  reset(dbId = this.#dbId): void {
    this.#dbId = dbId;
    this.#length = REC_BUFFER_HEADER_SIZE;
    this.#count = 0;
  }

  /** Writes the head and the key of a record and returns where its data goes. */
  #begin(reqid: number, key: Uint8Array, dataLength: number): number {
    const start = this.#length;
    const length = REC_DATA_HEADER_SIZE + key.length + dataLength;
    this.#reserve(start + length);
    const buffer = this.#buffer;
    writeU32(buffer, start, length);
    writeU32(buffer, start + 4, reqid);
    writeU32(buffer, start + 8, key.length);
    writeU32(buffer, start + 12, dataLength);
    buffer.set(key, start + REC_DATA_HEADER_SIZE);
    this.#length = start + length;
    this.#count += 1;
    return start + REC_DATA_HEADER_SIZE + key.length;
  }

  #reserve(size: number): void {
    if (size <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(size, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}

/** One record: payload of TRAVERSE_DATA, and of the messages that a traversing client gets. */
export const RecData: StructCodec<RecData> = defineCodec<RecData>({
  name: "RecData",
  exact: false,
  size: (value) => REC_DATA_HEADER_SIZE + value.key.length + value.data.length,
  read(r) {
    const walker = new RecordWalker(r.restView(), 0);
    walker.advance();
    r.skip(walker.offset, "record");
    return walker.toRecData();
  },
  write(w, value) {
    w.u32(REC_DATA_HEADER_SIZE + value.key.length + value.data.length);
    w.u32(value.reqid);
    w.u32(value.key.length);
    w.u32(value.data.length);
    w.bytes(value.key);
    w.bytes(value.data);
  },
});

/** A whole marshall buffer as an object, for tests, tools and small batches. */
export interface RecBuffer {
  dbId: number;
  records: RecData[];
}

export const RecBuffer: StructCodec<RecBuffer> = defineCodec<RecBuffer>({
  name: "RecBuffer",
  exact: false,
  size: (value) => value.records.reduce((sum, record) => sum + RecData.size(record), REC_BUFFER_HEADER_SIZE),
  read(r) {
    const reader = new RecBufferReader(r.restView());
    const records: RecData[] = [];
    while (reader.next()) records.push(reader.toRecData());
    r.skip(reader.offset, "records");
    return { dbId: reader.dbId, records };
  },
  write(w, value) {
    w.u32(value.dbId);
    w.u32(value.records.length);
    for (const record of value.records) RecData.write(w, record);
  },
});
