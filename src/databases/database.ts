// One database on this node: its file, its place in a recovery, and what the call processing keeps for it.
//
// freeze:   none -> pending (the DB lock is asked for) -> frozen -> none          transaction: only while frozen
import type { DatabaseLock, LockRequest, LockScheduler } from "../locks/lock-scheduler.js";
import type { BaseModules } from "../platform/ports.js";
import {
  DbFlag,
  type DbStatistics,
  lmasterOf,
  RECORD_HEADER_SIZE,
  type VnnMap,
  writeRecordHeader,
} from "../protocol/index.js";
import { HotKeys } from "../records/hot-keys.js";
import { MigrationQueue } from "../records/migration-queue.js";
import type { ReadOnlyCopies } from "../records/read-only.js";
import { type RecordFile, RecordStore } from "../records/record-store.js";
import type { StickyRecords } from "../records/sticky-records.js";
import { Latency, lockCountersToWire } from "../statistics/statistics.js";
import type { TdbFile } from "../tdb/tdb-file.js";
import { DeleteQueue } from "./delete-queue.js";
import { FetchQueue } from "./fetch-queue.js";

const HOP_BUCKETS = 16;
/** CTDB_DB_SEQNUM_KEY, with its NUL. */
export const SEQUENCE_NUMBER_KEY = Buffer.from("__db_sequence_number__\0");

export type FreezeState = "none" | "pending" | "frozen";

export interface DatabaseModules extends BaseModules {
  readonly locks: LockScheduler;
  readonly ownPnn: number;
  vnnMap(): VnnMap;
}

export class Database {
  readonly isVolatile: boolean;
  readonly records: RecordStore;
  readonly migrations: MigrationQueue;
  /** Set by SET_DB_READONLY. */
  readOnlyCopies: ReadOnlyCopies | undefined;
  /** Set by SET_DB_STICKY. */
  sticky: StickyRecords | undefined;
  readonly readOnlyCounters = { delegations: 0, revokes: 0 };
  readonly hotKeys: HotKeys;
  readonly deletions = new DeleteQueue();
  readonly fetches = new FetchQueue();
  private generationNow: number;
  /** Nodes that the keys are spread over. */
  private lmasters: readonly number[];
  readonly hopCountBuckets: number[] = new Array<number>(HOP_BUCKETS).fill(0);
  /** DbFlag bits. */
  flags: number;
  freeze: FreezeState = "none";
  /** Holds the whole file while frozen. */
  lock: DatabaseLock | undefined;
  /** Who waits for the freeze. */
  readonly freezeWaiters: Array<(ok: boolean) => void> = [];
  /** Id of the open recovery transaction, which is the generation to come. */
  transactionId: number | undefined;
  /** No wipe and no push since the freeze or the start of the transaction: the file holds what is valid. */
  unchangedSinceFreeze = false;
  /** This node was inactive: what the file holds must not be offered to a recovery. */
  invalidRecords = false;
  /** A recovery transaction was committed since the freeze: by a recovery, or by wipedb or restoredb. */
  rewrittenWhileFrozen = false;
  /** Records that come in between DB_PUSH_START and DB_PUSH_CONFIRM. */
  push: { close(): void; finish(callback: (count: number | undefined) => void): void } | undefined;
  /** A TRANS3 commit of a client of this node is under way. */
  commitActive = false;
  /** Why a persistent database must not be trusted (DB_GET_HEALTH), as last read. */
  unhealthyReason: string | undefined;
  /** Its file is closed. */
  detached = false;
  vacuums = new Latency();

  constructor(
    readonly id: number,
    readonly name: string,
    readonly path: string,
    flags: number,
    readonly file: TdbFile,
    generation: number,
    private readonly modules: DatabaseModules,
  ) {
    this.generationNow = generation;
    this.lmasters = modules.vnnMap().map;
    this.flags = flags;
    this.isVolatile = (flags & (DbFlag.PERSISTENT | DbFlag.REPLICATED)) === 0;
    this.migrations = new MigrationQueue(modules.clock);
    this.hotKeys = new HotKeys(modules, name);
    this.records = new RecordStore(
      {
        file: recordFile(file),
        deletions: this.deletions,
        ownPnn: modules.ownPnn,
        lmasterOf: (key) => this.lmasterOf(key),
      },
      this.isVolatile,
    );
  }

  get generation(): number {
    return this.generationNow;
  }

  set generation(generation: number) {
    this.generationNow = generation;
    const { generation: current, map } = this.modules.vnnMap();
    if (generation === current) this.lmasters = map;
  }

  /**
   * By the map of the generation that the records have. A recovery sets the new map first and freezes then: in between a record that
   * is elsewhere would look as if there was none, for its new lmaster has never heard of it.
   */
  lmasterOf(key: Uint8Array): number {
    return lmasterOf(this.lmasters, key);
  }

  /** Direct access to the file is allowed: not frozen, or inside the recovery's transaction. */
  get accessAllowed(): boolean {
    return this.freeze === "none" || this.transactionId !== undefined;
  }

  /** GET_DB_STATISTICS. */
  statistics(): Omit<DbStatistics, "numHotKeys"> {
    return {
      locks: lockCountersToWire(this.modules.locks.statisticsOf(this)),
      vacuum: { latency: this.vacuums.toWire() },
      dbRoDelegations: this.readOnlyCounters.delegations,
      dbRoRevokes: this.readOnlyCounters.revokes,
      hopCountBucket: [...this.hopCountBuckets],
      hotKeys: this.hotKeys.top.map(({ count, key }) => ({ count, key: Buffer.from(key, "latin1") })),
    };
  }

  resetStatistics(): void {
    this.modules.locks.statisticsOf(this).reset();
    this.hopCountBuckets.fill(0);
    Object.assign(this.readOnlyCounters, { delegations: 0, revokes: 0 });
    this.hotKeys.reset();
    this.vacuums = new Latency();
  }

  /** Nothing that is pushed is stored any more. */
  endPush(): void {
    this.push?.close();
    this.push = undefined;
  }

  tryLock(key: Buffer): boolean {
    return this.freeze !== "frozen" && this.modules.locks.tryRecordLock(this, key);
  }

  unlock(key: Buffer): void {
    this.file.chainUnlock(key);
  }

  whenLocked(key: Buffer, granted: () => void): LockRequest {
    return this.modules.locks.requestRecordLock(this, key, granted);
  }

  /** What clients must open the file with (DB_OPEN_FLAGS). */
  get openFlags(): number {
    return this.file.flags();
  }

  /**
   * Reads the record `__db_sequence_number__` (GET_DB_SEQNUM) as soon as nobody holds its lock, often at once; 0 where it is
   * missing or no number below 2^53 of 8 bytes: whoever may write to the database has put it there, and a recovery must go on. To be
   * called only where access is allowed.
   */
  readSequenceNumber(done: (sequenceNumber: number) => void): void {
    if (this.transactionId !== undefined) {
      done(this.sequenceNumber());
    } else if (this.tryLock(SEQUENCE_NUMBER_KEY)) {
      let sequenceNumber: number;
      try {
        sequenceNumber = this.sequenceNumber();
      } finally {
        this.unlock(SEQUENCE_NUMBER_KEY);
      }
      done(sequenceNumber);
    } else {
      this.whenLocked(SEQUENCE_NUMBER_KEY, () => done(this.sequenceNumber()));
    }
  }

  private sequenceNumber(): number {
    const value = this.file.fetch(SEQUENCE_NUMBER_KEY);
    if (value?.length !== RECORD_HEADER_SIZE + 8) return 0;
    const number = value.readBigUInt64LE(RECORD_HEADER_SIZE);
    return number <= Number.MAX_SAFE_INTEGER ? Number(number) : 0;
  }
}

const header = Buffer.alloc(RECORD_HEADER_SIZE);

function recordFile(file: TdbFile): RecordFile {
  return {
    fetch: (key) => file.fetch(key),
    storeRecord(key, rsn, dmaster, flags, data) {
      writeRecordHeader(header, 0, rsn, dmaster, flags);
      file.storeWithHeader(key, header, data);
    },
    storeRange: (bytes, keyStart, keyLength, dataStart, dataLength) =>
      file.storeRange(bytes, keyStart, keyLength, dataStart, dataLength),
    delete(key) {
      file.delete(key);
    },
  };
}
