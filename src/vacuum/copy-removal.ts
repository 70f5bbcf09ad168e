// TRY_DELETE_RECORDS: the lmaster of deleted records, which owns them, asks this node to remove its old copies.
import type { ControlCall } from "../controls/control-call.js";
import type { MarshalledRecords } from "../databases/marshalled-records.js";
import type { Logger } from "../platform/ports.js";
import {
  RECORD_HEADER_SIZE,
  RecBufferReader,
  type RecData,
  recordHeaderDmaster,
  recordHeaderFlags,
  recordHeaderRsn,
} from "../protocol/index.js";
import { RO_FLAGS } from "../records/read-only.js";
import type { TdbFile } from "../tdb/tdb-file.js";
import type { SlicedWork } from "./sliced-work.js";

export interface CopyRemovalDatabase {
  readonly name: string;
  readonly isVolatile: boolean;
  readonly detached: boolean;
  readonly file: Pick<TdbFile, "fetch" | "delete" | "freelistLockNonblock" | "freelistUnlock">;
  lmasterOf(key: Buffer): number;
  tryLock(key: Buffer): boolean;
  unlock(key: Buffer): void;
}

export interface CopyRemovalModules {
  readonly logger: Logger;
  readonly ownPnn: number;
  readonly work: SlicedWork;
  readonly databases: { get(id: number): CopyRemovalDatabase | undefined };
}

export class CopyRemoval {
  readonly counters = { removed: 0, refused: 0 };

  constructor(private readonly modules: CopyRemovalModules) {}

  /** Handler of the control. The reply holds the records that are still here. */
  tryDeleteRecords({ dbId, bytes }: MarshalledRecords, call: ControlCall<"TRY_DELETE_RECORDS">): void {
    const database = this.modules.databases.get(dbId);
    if (database === undefined || !database.isVolatile) {
      this.modules.logger.error(`TRY_DELETE_RECORDS: no volatile database 0x${dbId.toString(16)}`);
      call.fail();
      return;
    }
    const reader = new RecBufferReader(Buffer.from(bytes));
    const refused: RecData[] = [];
    const accepted = this.modules.work.add({
      step: () => {
        if (!reader.next()) return false;
        if (!this.remove(database, reader)) refused.push({ reqid: reader.reqid, key: reader.key, data: reader.data });
        return true;
      },
      end: () => {
        this.counters.refused += refused.length;
        this.counters.removed += reader.count - refused.length;
        call.reply({ dbId, records: refused });
      },
    });
    if (!accepted) call.fail("too many controls of vacuum runs wait here");
  }

  /** Removes the copy of a record, unless it must stay or its locks are busy. A missing copy counts as removed. */
  private remove(database: CopyRemovalDatabase, record: RecBufferReader): boolean {
    const { key } = record;
    if (record.dataLength !== RECORD_HEADER_SIZE || (record.flags & RO_FLAGS) !== 0) return false;
    if (database.detached || database.lmasterOf(key) === this.modules.ownPnn || !database.tryLock(key)) return false;
    try {
      const { file } = database;
      const value = file.fetch(key);
      if (value === undefined) return true;
      if (value.length >= RECORD_HEADER_SIZE) {
        if (recordHeaderRsn(value, 0) > record.rsn) return false;
        if ((recordHeaderFlags(value, 0) & RO_FLAGS) !== 0) return false;
        if (recordHeaderDmaster(value, 0) === this.modules.ownPnn) return false;
      }
      // Removing waits for the lock of the list of free space, unless that is held already.
      if (!file.freelistLockNonblock()) return false;
      try {
        file.delete(key);
      } finally {
        file.freelistUnlock();
      }
      return true;
    } catch (error) {
      this.modules.logger.error(`${database.name}: an old copy stays: ${String(error)}`);
      return false;
    } finally {
      database.unlock(key);
    }
  }
}
