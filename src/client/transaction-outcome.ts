// What became of a commit that was cut short: told from the database itself, once it is the same on all nodes. Pure decisions;
// transaction.ts reads what they need.
import { RECORD_HEADER_SIZE, recordHeaderDmaster, recordHeaderFlags, recordHeaderRsn } from "../protocol/index.js";

/** A record in the file of this node. */
export interface StoredRecord {
  readonly rsn: number;
  readonly dmaster: number;
  readonly flags: number;
  /** Empty: deleted. */
  readonly value: Buffer;
}

/** A record as a transaction wants it. */
export interface ChangedRecord {
  readonly key: Buffer;
  /** What was stored when the transaction began. */
  readonly before: StoredRecord;
  readonly value: Buffer;
}

/**
 * committed: it is stored. unchanged: it is not, and the database is as it was when the transaction began. changed: it is not, and
 * others have changed the database. unknown: others have changed it so far that nothing can be told.
 */
export type Outcome = "committed" | "unchanged" | "changed" | "unknown";

export const MISSING: StoredRecord = { rsn: 0, dmaster: 0, flags: 0, value: Buffer.alloc(0) };

/** Header and data as in the file; `stored` is kept. Less than a header is no record. */
export function storedRecord(stored: Buffer | undefined): StoredRecord {
  if (stored === undefined || stored.length < RECORD_HEADER_SIZE) return MISSING;
  return {
    rsn: recordHeaderRsn(stored, 0),
    dmaster: recordHeaderDmaster(stored, 0),
    flags: recordHeaderFlags(stored, 0),
    value: stored.subarray(RECORD_HEADER_SIZE),
  };
}

/** rsn that a changed record gets. */
export function rsnAfter(change: ChangedRecord): number {
  return change.before.rsn + 1;
}

/**
 * `before`, `now` - sequence numbers of the database when the transaction began, and now. `stored` - the records of `changes` as they
 * are now, in the same order. `alone` - whether the lock of the database has been held all the time: if not, somebody else may have
 * written the very same.
 */
export function outcomeOf(
  before: number,
  now: number,
  changes: readonly ChangedRecord[],
  stored: readonly StoredRecord[],
  alone: boolean,
): Outcome {
  if (now === before) {
    const same = changes.every((change, i) => stored[i]?.rsn === change.before.rsn);
    return same ? "unchanged" : "changed";
  }
  const isThere = changes.every((change, i) => isStored(change, stored[i] ?? MISSING));
  // Exactly one transaction since then: this one, or another.
  if (now === before + 1 && !isThere) return "changed";
  return isThere && alone && now === before + 1 ? "committed" : "unknown";
}

/** A deleted record is an empty one, until the next recovery removes it. */
function isStored(change: ChangedRecord, stored: StoredRecord): boolean {
  if (!stored.value.equals(change.value)) return false;
  return stored.rsn === rsnAfter(change) || (change.value.length === 0 && stored.rsn === 0);
}
