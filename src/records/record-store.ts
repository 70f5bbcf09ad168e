// Reads and writes one record of a local TDB with its 24-byte header, by the rules that keep dmaster, rsn and deletion right.
// Used by the call processing with the record's chain locked. One instance a database; its fields are the record in hand.
import {
  ProtocolError,
  RECORD_HEADER_SIZE,
  RecordFlag,
  recordHeaderDmaster,
  recordHeaderFlags,
  recordHeaderRsn,
  writeRecordHeader,
} from "../protocol/index.js";

import { RO_FLAGS } from "./read-only.js";

/** The part of a TDB file that is needed here; all calls need the chain lock of the key. */
export interface RecordFile {
  /** The stored bytes (header and data) as a view that is valid until the next call on any file, or undefined. */
  fetch(key: Buffer): Buffer | undefined;
  /** Replaces or creates a record. `data` may be the view that `fetch` returned. */
  storeRecord(key: Buffer, rsn: number, dmaster: number, flags: number, data: Buffer): void;
  /** Replaces or creates a record whose key and value (header and data) are ranges of one buffer. */
  storeRange(bytes: Buffer, keyStart: number, keyLength: number, dataStart: number, dataLength: number): void;
  /** Deleting an absent record is no error. */
  delete(key: Buffer): void;
}

/** Remembers empty records for the vacuuming. */
export interface DeletionSchedule {
  readonly isEmpty: boolean;
  schedule(key: Buffer, rsn: number, dmaster: number, flags: number): void;
  cancel(key: Buffer): void;
}

export interface RecordStoreModules {
  readonly file: RecordFile;
  readonly deletions: DeletionSchedule;
  readonly ownPnn: number;
  lmasterOf(key: Buffer): number;
}

const TRANSIENT_FLAGS = RecordFlag.VACUUM_MIGRATED | RecordFlag.AUTOMATIC;
const EMPTY = Buffer.alloc(0);

export class RecordStore {
  rsn = 0;
  dmaster = 0;
  flags = 0;
  data: Buffer = EMPTY;

  constructor(
    private readonly modules: RecordStoreModules,
    /** Volatile databases only: rsn bumps and the deletion rules apply. */
    private readonly isVolatile: boolean,
  ) {}

  /** Puts the record of `key` in hand; a missing one appears as {rsn 0, dmaster = lmaster, AUTOMATIC}, empty. */
  fetch(key: Buffer): void {
    const value = this.modules.file.fetch(key);
    if (value !== undefined && value.length >= RECORD_HEADER_SIZE) {
      this.rsn = recordHeaderRsn(value, 0);
      this.dmaster = recordHeaderDmaster(value, 0);
      this.flags = recordHeaderFlags(value, 0);
      this.data = value.subarray(RECORD_HEADER_SIZE);
      return;
    }
    this.rsn = 0;
    this.dmaster = this.modules.lmasterOf(key);
    this.flags = RecordFlag.AUTOMATIC;
    this.data = EMPTY;
    if (!this.isVolatile || this.dmaster === this.modules.ownPnn) this.store(key);
  }

  /** Stores the record in hand. `times` > 1 stands for that many stores in a row, of which only the last is written. */
  store(key: Buffer, times = 1): void {
    const { file, deletions, ownPnn } = this.modules;
    if (!this.isVolatile) {
      file.storeRecord(key, this.rsn, this.dmaster, this.flags, this.data);
      return;
    }
    const empty = this.data.length === 0;
    if (empty && this.mustVanish(key)) {
      this.flags &= ~TRANSIENT_FLAGS;
      file.delete(key);
      if (times > 1) this.store(key, times - 1);
      return;
    }
    const owned = this.dmaster === ownPnn && (this.flags & RO_FLAGS) === 0;
    const scheduled = empty && (owned || (this.flags & RecordFlag.AUTOMATIC) !== 0);
    if (owned) this.rsn += times;
    this.flags &= ~TRANSIENT_FLAGS;
    file.storeRecord(key, this.rsn, this.dmaster, this.flags, this.data);
    if (scheduled) deletions.schedule(key, this.rsn, this.dmaster, this.flags);
    else deletions.cancel(key);
  }

  /**
   * Stores a record that a recovery pushes, given as ranges of `bytes` (which is changed: nobody else may need it). Read-only
   * flags end here. Throws ProtocolError for a record without a header.
   */
  storePushed(bytes: Buffer, keyStart: number, keyLength: number, dataStart: number, dataLength: number): void {
    if (dataLength < RECORD_HEADER_SIZE)
      throw new ProtocolError(dataStart, "pushed record", "is shorter than its header");
    const { file, deletions, ownPnn } = this.modules;
    let flags = recordHeaderFlags(bytes, dataStart) & ~RO_FLAGS;
    const rsn = recordHeaderRsn(bytes, dataStart);
    const dmaster = recordHeaderDmaster(bytes, dataStart);
    if (this.isVolatile && (dataLength === RECORD_HEADER_SIZE || !deletions.isEmpty)) {
      this.rsn = rsn;
      this.dmaster = dmaster;
      this.flags = flags;
      this.data = bytes.subarray(dataStart + RECORD_HEADER_SIZE, dataStart + dataLength);
      this.store(bytes.subarray(keyStart, keyStart + keyLength));
      return;
    }
    if (this.isVolatile) flags &= ~TRANSIENT_FLAGS;
    const bump = this.isVolatile && dmaster === ownPnn ? 1 : 0;
    writeRecordHeader(bytes, dataStart, rsn + bump, dmaster, flags);
    file.storeRange(bytes, keyStart, keyLength, dataStart, dataLength);
  }

  /** Is this empty record one that nobody needs any more? The order of the questions matters. */
  private mustVanish(key: Buffer): boolean {
    const { flags } = this;
    if ((flags & (RO_FLAGS | RecordFlag.AUTOMATIC | RecordFlag.MIGRATED_WITH_DATA)) !== 0) return false;
    const { ownPnn } = this.modules;
    if (this.modules.lmasterOf(key) === ownPnn) {
      return (flags & RecordFlag.VACUUM_MIGRATED) !== 0 && this.dmaster === ownPnn;
    }
    return this.dmaster !== ownPnn;
  }
}
