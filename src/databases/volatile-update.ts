// UPDATE_RECORD on a volatile database, as the dmaster sends it to the holders of read-only copies: all records of the update
// under their chain locks at once, without a transaction.
import { RECORD_HEADER_SIZE, RecBufferReader, recordHeaderRsn } from "../protocol/index.js";
import type { RecordStore } from "../records/record-store.js";
import type { UpdateOutcome } from "./update-helper-port.js";

/** Chains that are locked at the same time. */
export const VOLATILE_UPDATE_RECORDS_MAX = 1000;

export interface VolatileUpdateDatabase {
  readonly name: string;
  readonly records: RecordStore;
  readonly file: { fetch(key: Buffer): Buffer | undefined };
  tryLock(key: Buffer): boolean;
  unlock(key: Buffer): void;
  whenLocked(key: Buffer, granted: () => void): void;
}

interface Update {
  readonly key: Buffer;
  readonly rsn: number;
  readonly dmaster: number;
  readonly flags: number;
  readonly data: Buffer;
}

/**
 * Stores the records that are here already; others are skipped. One that is as new here but has other data makes the update
 * fail, and nothing is stored; so does one that the file does not take, where those before it stay. `marshalled` is kept until `done`.
 * `isWanted` is asked after each wait for a lock. `done` may be called at once.
 */
export function updateVolatile(
  database: VolatileUpdateDatabase,
  marshalled: Buffer,
  isWanted: () => boolean,
  done: (outcome: UpdateOutcome) => void,
): void {
  const reader = new RecBufferReader(marshalled);
  if (reader.count > VOLATILE_UPDATE_RECORDS_MAX) {
    done({ ok: false, reason: `an update of more than ${VOLATILE_UPDATE_RECORDS_MAX} records of a volatile database` });
    return;
  }
  const updates: Update[] = [];
  while (reader.next()) {
    const { key, rsn, dmaster, flags, value } = reader;
    updates.push({ key, rsn, dmaster, flags, data: value });
  }

  const attempt = (): void => {
    if (!isWanted()) return;
    const busy = lockAll(database, updates);
    if (busy !== undefined) {
      // The lock that it got then is only the sign to try all of them again.
      database.whenLocked(busy, attempt);
      return;
    }
    let outcome: UpdateOutcome;
    try {
      outcome = apply(database, updates);
    } catch (error) {
      outcome = { ok: false, reason: String(error) };
    } finally {
      for (const { key } of updates) database.unlock(key);
    }
    done(outcome);
  };
  attempt();
}

/** Locks all keys, or none; then the first busy one is returned. */
function lockAll(database: VolatileUpdateDatabase, updates: readonly Update[]): Buffer | undefined {
  for (const [i, { key }] of updates.entries()) {
    if (database.tryLock(key)) continue;
    for (const before of updates.slice(0, i)) database.unlock(before.key);
    return key;
  }
  return undefined;
}

function apply(database: VolatileUpdateDatabase, updates: readonly Update[]): UpdateOutcome {
  const accepted: Update[] = [];
  for (const update of updates) {
    const local = database.file.fetch(update.key);
    if (local === undefined || local.length < RECORD_HEADER_SIZE) continue;
    const localRsn = recordHeaderRsn(local, 0);
    if (localRsn >= update.rsn && !local.subarray(RECORD_HEADER_SIZE).equals(update.data)) {
      const reason = `record ${update.key.toString("hex")} of ${database.name} has rsn ${localRsn} and other data than the update with rsn ${update.rsn}`;
      return { ok: false, reason };
    }
    accepted.push(update);
  }
  const { records } = database;
  for (const update of accepted) {
    records.rsn = update.rsn;
    records.dmaster = update.dmaster;
    records.flags = update.flags;
    records.data = update.data;
    records.store(update.key);
  }
  return { ok: true };
}
