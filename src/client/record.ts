// Records that are locked: the handle that `fetchLock` gives, and the short-lived one of `withRecordSync`.
import {
  RECORD_HEADER_SIZE,
  RecordFlag,
  recordHeaderDmaster,
  recordHeaderFlags,
  recordHeaderRsn,
} from "../protocol/index.js";
import type { TdbFile } from "../tdb/tdb-file.js";
import { RecordReleasedError } from "./errors.js";

/** A record whose chain lock is held. */
export interface LockedRecord {
  readonly key: Uint8Array;
  /** Data without record header; undefined if there is no record (or an empty one). */
  readonly value: Buffer | undefined;
  /** Record sequence number: grows with each change of owner and each store by a daemon. */
  readonly rsn: number;
  /** Record flags (`RecordFlag`). */
  readonly flags: number;
  /** Writes new data; an empty value is the same as `delete`. Throws TdbError. */
  store(value: Uint8Array): void;
  /** Empties the record and tells the daemon to vacuum it away (SCHEDULE_FOR_DELETION, control 128). Throws TdbError. */
  delete(): void;
}

/** What a record handle needs of its database. */
export interface RecordOwner {
  readonly name: string;
  /** Gives the chain lock back. */
  releaseRecord(handle: RecordHandle): void;
  /** Sends SCHEDULE_FOR_DELETION without waiting for a reply. */
  scheduleForDeletion(key: Uint8Array, header: Buffer): void;
}

/** True if a process of this node may change the stored record `stored` (header and data) under its chain lock. */
export function mayBeWritten(stored: Buffer, pnn: number): boolean {
  return (
    stored.length >= RECORD_HEADER_SIZE &&
    recordHeaderDmaster(stored, 0) === pnn &&
    (recordHeaderFlags(stored, 0) & RecordFlag.RO_HAVE_DELEGATIONS) === 0
  );
}

/** True if the data of the stored record is the record's current value on this node. */
export function mayBeRead(stored: Buffer, pnn: number): boolean {
  return (
    stored.length >= RECORD_HEADER_SIZE &&
    (recordHeaderDmaster(stored, 0) === pnn || (recordHeaderFlags(stored, 0) & RecordFlag.RO_HAVE_READONLY) !== 0)
  );
}

/**
 * A locked record. As long as the handle lives, the chain lock in the TDB file is held: other processes of this node (smbd too) and
 * other nodes wait for every record of that chain. So release it soon, and await only what is quick and does not need another
 * record. `await using record = await db.fetchLock(key)` and `db.withRecord` release it by themselves.
 */
export class RecordHandle implements LockedRecord, AsyncDisposable, Disposable {
  private current: Buffer | undefined;
  private readonly header: Buffer;
  private released: string | undefined;

  /** Made by `fetchLock`. `stored` - header and data as in the file; copied. */
  constructor(
    private readonly owner: RecordOwner,
    private readonly file: TdbFile,
    readonly key: Buffer,
    stored: Buffer,
  ) {
    const copy = Buffer.from(stored);
    this.header = copy.subarray(0, RECORD_HEADER_SIZE);
    this.current = copy.length > RECORD_HEADER_SIZE ? copy.subarray(RECORD_HEADER_SIZE) : undefined;
  }

  get value(): Buffer | undefined {
    return this.current;
  }

  get rsn(): number {
    return recordHeaderRsn(this.header, 0);
  }

  get flags(): number {
    return recordHeaderFlags(this.header, 0);
  }

  /** False after `release`, and after the connection to the daemon was lost. */
  get isLocked(): boolean {
    return this.released === undefined;
  }

  /** Throws RecordReleasedError when the lock is gone. */
  store(value: Uint8Array): void {
    if (value.length === 0) {
      this.delete();
      return;
    }
    this.requireLock();
    this.file.storeWithHeader(this.key, this.header, value);
    this.current = Buffer.from(value);
  }

  /** Throws RecordReleasedError when the lock is gone. */
  delete(): void {
    this.requireLock();
    if (this.current === undefined) return;
    this.file.store(this.key, this.header);
    this.current = undefined;
    this.owner.scheduleForDeletion(this.key, this.header);
  }

  /** Gives the lock back. Idempotent. */
  release(): void {
    if (this.released !== undefined) return;
    this.released = "it was released";
    this.owner.releaseRecord(this);
  }

  /** Called by the database when the lock is gone because of `reason`. */
  invalidate(reason: string): void {
    this.released ??= reason;
  }

  [Symbol.dispose](): void {
    this.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
  }

  private requireLock(): void {
    if (this.released !== undefined) throw new RecordReleasedError(this.owner.name, this.released);
  }
}

const EMPTY = Buffer.alloc(0);

/** The record of one `withRecordSync` call; one object serves all calls of a database. */
export class SyncRecord implements LockedRecord {
  key: Uint8Array = EMPTY;
  private stored: Buffer = EMPTY;
  private readonly header = Buffer.alloc(RECORD_HEADER_SIZE);
  private active = false;

  constructor(
    private readonly owner: RecordOwner,
    private readonly file: TdbFile,
  ) {}

  begin(key: Uint8Array, stored: Buffer): void {
    this.key = key;
    this.stored = stored;
    stored.copy(this.header, 0, 0, RECORD_HEADER_SIZE);
    this.active = true;
  }

  end(): void {
    this.active = false;
    this.key = EMPTY;
    this.stored = EMPTY;
  }

  /** A view: valid until the next read or store of this process in any database. */
  get value(): Buffer | undefined {
    return this.stored.length > RECORD_HEADER_SIZE ? this.stored.subarray(RECORD_HEADER_SIZE) : undefined;
  }

  get rsn(): number {
    return recordHeaderRsn(this.header, 0);
  }

  get flags(): number {
    return recordHeaderFlags(this.header, 0);
  }

  store(value: Uint8Array): void {
    if (value.length === 0) {
      this.delete();
      return;
    }
    this.requireActive();
    this.file.storeWithHeader(this.key, this.header, value);
  }

  delete(): void {
    this.requireActive();
    this.file.store(this.key, this.header);
    this.owner.scheduleForDeletion(this.key, this.header);
  }

  private requireActive(): void {
    if (!this.active) throw new RecordReleasedError(this.owner.name, "the callback of withRecordSync has returned");
  }
}
