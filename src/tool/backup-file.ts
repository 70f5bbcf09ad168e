// The backup file of a database, as `ctdb backupdb` writes it: a header, then buffers of records. Pure: bytes in, bytes out.
// Called by backupdb, restoredb and dumpdbbackup.
import { RecordWalker } from "../protocol/index.js";

export const BACKUP_VERSION = 3;
export const BACKUP_HEADER_BYTES = 104;
const NAME_OFFSET = 40;
const NAME_BYTES = 64;
const BUFFER_HEADER_BYTES = 16;
const RECORD_HEAD_BYTES = 16;
/** A buffer is written out when it has this length. */
const BUFFER_FULL_BYTES = 100_000;

export interface BackupHeader {
  readonly version: number;
  /** Seconds since 1970. */
  readonly time: number;
  /** Database flags. */
  readonly flags: number;
  readonly bufferCount: number;
  readonly recordCount: number;
  readonly name: string;
}

/** Records as they are in the file: each with its length, key, record header and data. */
export interface BackupBuffer {
  readonly recordCount: number;
  readonly records: Buffer;
}

/** The file ends too early, or what it says about its lengths is wrong. */
export class BackupFormatError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "BackupFormatError";
  }
}

/** Bytes behind the end of a short file count as zero. */
export function decodeBackupHeader(file: Buffer): BackupHeader {
  const header = Buffer.alloc(BACKUP_HEADER_BYTES);
  file.copy(header);
  const name = header.subarray(NAME_OFFSET, NAME_OFFSET + NAME_BYTES - 1);
  const end = name.indexOf(0);
  return {
    version: Number(header.readBigUInt64LE(0)),
    time: Number(header.readBigInt64LE(8)),
    flags: Number(header.readBigUInt64LE(16)),
    bufferCount: Number(header.readBigUInt64LE(24)),
    recordCount: Number(header.readBigUInt64LE(32)),
    name: name.toString("utf8", 0, end < 0 ? name.length : end),
  };
}

export function encodeBackupHeader(header: Omit<BackupHeader, "version">): Buffer {
  const bytes = Buffer.alloc(BACKUP_HEADER_BYTES);
  bytes.writeBigUInt64LE(BigInt(BACKUP_VERSION), 0);
  bytes.writeBigInt64LE(BigInt(header.time), 8);
  bytes.writeBigUInt64LE(BigInt(header.flags), 16);
  bytes.writeBigUInt64LE(BigInt(header.bufferCount), 24);
  bytes.writeBigUInt64LE(BigInt(header.recordCount), 32);
  Buffer.from(header.name, "utf8").copy(bytes, NAME_OFFSET, 0, NAME_BYTES - 1);
  return bytes;
}

/** The buffers behind the header, as views of `file`. Throws BackupFormatError. */
export function* decodeBackupBuffers(file: Buffer, bufferCount: number): Generator<BackupBuffer> {
  let at = BACKUP_HEADER_BYTES;
  for (let index = 0; index < bufferCount; index += 1) {
    if (file.length - at < BUFFER_HEADER_BYTES)
      throw new BackupFormatError(`buffer ${index} of ${bufferCount} is missing`);
    // The database id in front is not initialised by the C tool.
    const recordCount = file.readUInt32LE(at + 4);
    const length = file.readBigUInt64LE(at + 8);
    at += BUFFER_HEADER_BYTES;
    if (length > BigInt(file.length - at))
      throw new BackupFormatError(`buffer ${index} has ${length} bytes, fewer are left`);
    const records = file.subarray(at, at + Number(length));
    at += records.length;
    yield { recordCount, records };
  }
}

/** Calls `visit` for the records of a buffer; stops at `recordCount`. Throws ProtocolError. */
export function visitBackupRecords(buffer: BackupBuffer, visit: (walker: RecordWalker) => void): void {
  const walker = new RecordWalker(buffer.records, 0);
  for (let index = 0; index < buffer.recordCount; index += 1) {
    walker.advance();
    visit(walker);
  }
}

/** Collects records and hands out full buffers, ready to be written. */
export class BackupBufferWriter {
  readonly #write: (bytes: Buffer) => void;
  readonly #databaseId: number;
  #parts: Buffer[] = [];
  #bytes = 0;
  #count = 0;
  bufferCount = 0;
  recordCount = 0;

  constructor(databaseId: number, write: (bytes: Buffer) => void) {
    this.#databaseId = databaseId;
    this.#write = write;
  }

  /** Copies one record; `data` begins with the record header. */
  add(key: Buffer, data: Buffer): void {
    const head = Buffer.alloc(RECORD_HEAD_BYTES);
    const length = RECORD_HEAD_BYTES + key.length + data.length;
    head.writeUInt32LE(length, 0);
    head.writeUInt32LE(key.length, 8);
    head.writeUInt32LE(data.length, 12);
    this.#parts.push(Buffer.concat([head, key, data]));
    this.#bytes += length;
    this.#count += 1;
    this.recordCount += 1;
    if (this.#bytes >= BUFFER_FULL_BYTES) this.finish();
  }

  /** Hands out what is collected. */
  finish(): void {
    if (this.#count === 0) return;
    const head = Buffer.alloc(BUFFER_HEADER_BYTES);
    head.writeUInt32LE(this.#databaseId, 0);
    head.writeUInt32LE(this.#count, 4);
    head.writeBigUInt64LE(BigInt(this.#bytes), 8);
    this.#write(Buffer.concat([head, ...this.#parts]));
    this.bufferCount += 1;
    this.#parts = [];
    this.#bytes = 0;
    this.#count = 0;
  }
}
