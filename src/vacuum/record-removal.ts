// What may be done with one empty record of the own file: decided and done under its chain lock, which is never waited for. Used
// by vacuum runs.
import {
  RECORD_HEADER_SIZE,
  RecordFlag,
  recordHeaderDmaster,
  recordHeaderFlags,
  recordHeaderRsn,
} from "../protocol/index.js";
import { RO_FLAGS } from "../records/read-only.js";
import type { TdbFile } from "../tdb/tdb-file.js";

export type RemovalFile = Pick<TdbFile, "chainLockNonblock" | "chainUnlock" | "fetch" | "delete">;

/**
 * gone: it is not the deleted record any more that was scheduled: absent, with data again, with another owner, or come back
 * since. busy: another process holds the chain. readOnly: there are read-only copies of it. deleted: it is gone now.
 * handOver: the lmaster must have it first. ask: other nodes may have old copies with data, which must go first.
 */
export type Verdict = "gone" | "busy" | "readOnly" | "deleted" | "handOver" | "ask";

/** Record header as it was scheduled. */
export interface ScheduledHeader {
  readonly rsn: number;
  readonly flags: number;
}

export class RecordRemoval {
  /** Flags of the record that was looked at last. */
  storedFlags = 0;

  constructor(
    private readonly file: RemovalFile,
    private readonly ownPnn: number,
    private readonly lmasterOf: (key: Buffer) => number,
  ) {}

  /** Looks at a scheduled record, and removes it if nobody else can have a copy of it. */
  consider(key: Buffer, scheduled: ScheduledHeader): Verdict {
    return this.locked(key, scheduled.rsn, () => {
      if (this.lmasterOf(key) !== this.ownPnn) return "handOver";
      if (((scheduled.flags | this.storedFlags) & RecordFlag.MIGRATED_WITH_DATA) !== 0) return "ask";
      this.file.delete(key);
      return "deleted";
    });
  }

  /** All other nodes have removed their copies: removes the record, if it is still as it was then. */
  finish(key: Buffer, rsn: number): Verdict {
    return this.locked(key, rsn, () => {
      this.file.delete(key);
      return "deleted";
    });
  }

  private locked(key: Buffer, rsn: number, action: () => Verdict): Verdict {
    const { file } = this;
    if (!file.chainLockNonblock(key)) return "busy";
    try {
      const value = file.fetch(key);
      if (value?.length !== RECORD_HEADER_SIZE) return "gone";
      if (recordHeaderDmaster(value, 0) !== this.ownPnn || recordHeaderRsn(value, 0) !== rsn) return "gone";
      this.storedFlags = recordHeaderFlags(value, 0);
      if ((this.storedFlags & RO_FLAGS) !== 0) return "readOnly";
      return action();
    } finally {
      file.chainUnlock(key);
    }
  }
}
