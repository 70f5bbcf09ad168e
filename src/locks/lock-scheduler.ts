// Who gets which lock when: requests for records that other processes hold, and the locks of whole databases. The daemon
// never waits for a lock itself; a helper process does. Used by the call processing and by the freeze of databases.
import type { Clock, Logger, Timer, Timers } from "../platform/ports.js";
import type { ChainQueue, QueuedRequest } from "./chain-queue.js";
import { DatabaseLock, type DatabaseLockEvents } from "./database-lock.js";
import { DatabaseLockPendingError } from "./errors.js";
import {
  FREEZE_HOLDERS_AFTER_MS,
  WAITS_PER_DATABASE_DEFAULT,
  WAITS_REPORTED_MAX,
  WARNING_INTERVAL_MS,
  WATCH_INTERVAL_MS,
} from "./limits.js";
import type { LockHelperPort, LockHolder } from "./lock-helper-port.js";
import { LockStatistics } from "./lock-statistics.js";
import type { LockableFile } from "./lockable-file.js";
import { RecordLocks, tryChain, type WaitingFor } from "./record-locks.js";
import { WaitWarnings } from "./wait-warnings.js";

export type { DatabaseLock, DatabaseLockEvents } from "./database-lock.js";
export type { LockHelperPort, LockHolder } from "./lock-helper-port.js";
export { LockStatistics } from "./lock-statistics.js";

/** What the scheduler knows of a database; the object itself is its identity. */
export interface LockableDatabase {
  readonly name: string;
  readonly file: LockableFile;
}

/** A request for a record lock that has not been granted yet. */
export interface LockRequest {
  /** The request is forgotten; `onGranted` is not called any more. Idempotent, O(1), also from inside `onGranted`. */
  cancel(): void;
}

export interface LockSchedulerModules {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly helper: LockHelperPort;
  /** Told before each record request that is served. */
  readonly grantBegins?: (() => void) | undefined;
}

export interface LockSchedulerOptions {
  /** Tunable LockProcessesPerDB: kernel waits for one database at a time. Read at each use. */
  readonly waitsPerDatabase?: () => number;
  /** How long a request took, for the tunable LogLatencyMs. */
  readonly noteLatency?: (operation: string, database: string, seconds: number) => void;
  /** Told with each line of the log about a wait that takes long: for a record, or for all records. */
  readonly waitIsLong?: (scope: "RECORD" | "DB", file: LockableFile) => void;
}

/** A wait, with the processes that hold what is waited for. */
export interface LockWaitReport extends WaitingFor {
  readonly database: LockableDatabase;
  readonly waitedMs: number;
  readonly holders: readonly LockHolder[];
}

interface DatabaseEntry {
  readonly database: LockableDatabase;
  readonly records: RecordLocks;
  readonly statistics: LockStatistics;
  lock: DatabaseLock | undefined;
}

class RecordLockRequest implements LockRequest {
  constructor(
    private readonly records: RecordLocks,
    private readonly request: QueuedRequest,
  ) {}

  cancel(): void {
    this.records.cancel(this.request);
  }
}

export class LockScheduler {
  /** Of all databases together. */
  readonly statistics = new LockStatistics();
  private readonly entries = new Map<LockableDatabase, DatabaseEntry>();
  private readonly waits = new Map<number, { entry: DatabaseEntry; queue: ChainQueue }>();
  private readonly warnings = new WaitWarnings();
  /** Database locks that are to be tried for, one a turn. */
  private readonly freezes: DatabaseLock[] = [];
  private lastWaitId = 0;
  private lastDatabaseNumber = 0;
  private watchTimer: Timer | undefined;

  constructor(
    private readonly modules: LockSchedulerModules,
    private readonly options: LockSchedulerOptions = {},
  ) {
    modules.helper.start({
      granted: (waitId, ownerThread) => this.granted(waitId, ownerThread),
      failed: (waitId, reason) => this.waitFailed(waitId, reason),
      died: () => this.helperDied(),
    });
  }

  /**
   * Takes the chain lock of `key` if it is free and nobody waits for that chain. false: use `requestRecordLock`. Inside
   * `onGranted` it succeeds for the chain that was granted. Give it back with `file.chainUnlock`, in the same turn.
   */
  tryRecordLock(database: LockableDatabase, key: Uint8Array): boolean {
    const entry = this.entries.get(database);
    return entry === undefined ? tryChain(database.file, key) : entry.records.tryLock(key);
  }

  /**
   * Calls `onGranted` once, in a later turn, with the chain lock of `key` held by this process; it is given up when
   * `onGranted` returns. Requests of one chain are served in their order. There is no time limit. `key` must stay unchanged.
   */
  requestRecordLock(database: LockableDatabase, key: Buffer, onGranted: () => void): LockRequest {
    const { records } = this.entryOf(database);
    this.startWatch();
    return new RecordLockRequest(records, records.request(key, onGranted));
  }

  /**
   * Asks for the lock of all records of `database`, for a freeze. Record requests wait until it is released. There is no
   * time limit. Throws DatabaseLockPendingError when there is one already.
   */
  requestDatabaseLock(database: LockableDatabase, events: DatabaseLockEvents): DatabaseLock {
    const entry = this.entryOf(database);
    if (entry.lock !== undefined) throw new DatabaseLockPendingError(database.name);
    const { clock } = this.modules;
    const both = [entry.statistics, this.statistics];
    const lock = new DatabaseLock(
      entry.records,
      database.file,
      clock.now(),
      {
        timers: this.modules.timers,
        logger: this.modules.logger,
        helper: this.modules.helper,
        locked: (locked) => {
          const seconds = (clock.now() - locked.sinceMs) / 1000;
          for (const statistics of both) statistics.locked(seconds);
          this.options.noteLatency?.("lock_db", database.name, seconds);
        },
        failed: () => {
          for (const statistics of both) statistics.failed();
        },
        ended: () => {
          for (const statistics of both) statistics.numCurrent--;
          entry.lock = undefined;
          entry.records.resume();
        },
      },
      events,
    );
    for (const statistics of both) statistics.numCurrent++;
    entry.lock = lock;
    entry.records.suspend();
    this.freezes.push(lock);
    if (this.freezes.length === 1) this.modules.timers.nextTurn(() => this.tryNextFreeze());
    this.startWatch();
    return lock;
  }

  /** Kernel waits for one database now, and the lock of all its records. */
  currentOf(database: LockableDatabase): number {
    return this.entries.get(database)?.statistics.numCurrent ?? 0;
  }

  /** Counters of one database. */
  statisticsOf(database: LockableDatabase): LockStatistics {
    return this.entryOf(database).statistics;
  }

  /**
   * What the databases that `wanted` names wait for and who holds that, longest wait first. `done` is called once, in this turn
   * when nothing waits; `total` counts the waits that are left out too.
   */
  lookAtWaits(
    wanted: (database: LockableDatabase) => boolean,
    done: (waits: readonly LockWaitReport[], total: number) => void,
  ): void {
    const nowMs = this.modules.clock.now();
    const all: { readonly entry: DatabaseEntry; readonly wait: WaitingFor }[] = [];
    for (const entry of this.entries.values()) {
      if (!wanted(entry.database)) continue;
      const { lock } = entry;
      if (lock !== undefined && (lock.state === "trying" || lock.state === "waiting")) {
        all.push({ entry, wait: { chain: undefined, key: "", sinceMs: lock.sinceMs, requests: 1 } });
      }
      for (const wait of entry.records.waits()) all.push({ entry, wait });
    }
    all.sort((a, b) => a.wait.sinceMs - b.wait.sinceMs);
    const shown = all.slice(0, WAITS_REPORTED_MAX);
    const reports: LockWaitReport[] = [];
    let open = shown.length;
    if (open === 0) done([], 0);
    for (const [index, { entry, wait }] of shown.entries()) {
      this.modules.helper.findHolders(entry.records.number, wait.chain, (holders) => {
        reports[index] = { ...wait, database: entry.database, waitedMs: nowMs - wait.sinceMs, holders };
        open--;
        if (open === 0) done(reports, all.length);
      });
    }
  }

  /** Forgets a database whose file is about to be closed (DB_DETACH): all its requests are dropped. */
  databaseClosed(database: LockableDatabase): void {
    const entry = this.entries.get(database);
    if (entry === undefined) return;
    entry.records.close();
    entry.lock?.release();
    this.entries.delete(database);
    this.modules.helper.closeDatabase(entry.records.number);
  }

  private entryOf(database: LockableDatabase): DatabaseEntry {
    let entry = this.entries.get(database);
    if (entry !== undefined) return entry;
    const statistics = new LockStatistics();
    const records = new RecordLocks(++this.lastDatabaseNumber, database.name, database.file, {
      clock: this.modules.clock,
      timers: this.modules.timers,
      logger: this.modules.logger,
      helper: this.modules.helper,
      statistics: [statistics, this.statistics],
      newWait: (queue) => {
        this.lastWaitId = (this.lastWaitId + 1) >>> 0;
        if (this.lastWaitId === 0) this.lastWaitId = 1;
        this.waits.set(this.lastWaitId, { entry: created, queue });
        return this.lastWaitId;
      },
      waitEnded: (waitId) => this.waits.delete(waitId),
      noteLatency: (seconds) => this.options.noteLatency?.("lock_record", database.name, seconds),
      waitsMax: () => Math.max(1, this.options.waitsPerDatabase?.() ?? WAITS_PER_DATABASE_DEFAULT),
      reportLongWait: (queue, seconds) => this.reportLongWait(created, queue, seconds),
      grantBegins: this.modules.grantBegins,
    });
    const created: DatabaseEntry = { database, records, statistics, lock: undefined };
    entry = created;
    this.entries.set(database, entry);
    this.openInHelper(entry);
    return entry;
  }

  private openInHelper({ records, database }: DatabaseEntry): void {
    const { file } = database;
    this.modules.helper.openDatabase(records.number, file.path, file.hashSize, file.usesMutexes);
  }

  private granted(waitId: number, ownerThread: number): void {
    // An unknown wait was released while the message was on its way: the helper gives that lock back by itself.
    const wait = this.waits.get(waitId);
    wait?.entry.records.granted(wait.queue, ownerThread);
  }

  private waitFailed(waitId: number, reason: string): void {
    const wait = this.waits.get(waitId);
    wait?.entry.records.waitFailed(wait.queue, reason);
  }

  private helperDied(): void {
    this.modules.logger.error(`The lock helper died with ${this.waits.size} waits; it is started again`);
    for (const entry of this.entries.values()) {
      this.openInHelper(entry);
      entry.records.stopWaiting();
      entry.records.schedulePump();
    }
  }

  private tryNextFreeze(): void {
    this.freezes.shift()?.attempt();
    if (this.freezes.length > 0) this.modules.timers.nextTurn(() => this.tryNextFreeze());
  }

  private startWatch(): void {
    this.watchTimer ??= this.modules.timers.after(WATCH_INTERVAL_MS, () => this.watch());
  }

  private watch(): void {
    this.watchTimer = undefined;
    const nowMs = this.modules.clock.now();
    let busy = false;
    for (const entry of this.entries.values()) {
      entry.records.watch(nowMs);
      const { lock } = entry;
      const waits = lock !== undefined && (lock.state === "trying" || lock.state === "waiting");
      if (waits) this.watchFreeze(entry, lock, nowMs);
      busy ||= waits || !entry.records.idle;
    }
    if (busy) this.startWatch();
  }

  private watchFreeze(entry: DatabaseEntry, lock: DatabaseLock, nowMs: number): void {
    const waitedMs = nowMs - lock.sinceMs;
    const { name } = entry.database;
    if (!lock.holdersReported && waitedMs >= FREEZE_HOLDERS_AFTER_MS) {
      lock.holdersReported = true;
      lock.warnAtMs = lock.sinceMs + WARNING_INTERVAL_MS;
      this.logHolders(entry, undefined, `Freeze of database ${name} waits for`);
    }
    if (waitedMs < WARNING_INTERVAL_MS || nowMs < lock.warnAtMs) return;
    lock.warnAtMs = nowMs + WARNING_INTERVAL_MS;
    const seconds = Math.round(waitedMs / 1000);
    this.modules.logger.warning(`Unable to get DB lock on database ${name} for ${seconds} seconds`);
    this.logHolders(entry, undefined, `DB lock on database ${name} is held by`);
    this.options.waitIsLong?.("DB", entry.database.file);
  }

  private reportLongWait(entry: DatabaseEntry, queue: ChainQueue, seconds: number): void {
    const key = queue.head?.key.toString("hex") ?? "";
    const { name } = entry.database;
    if (entry.lock !== undefined) return;
    if (!this.warnings.shouldLog(name, key, seconds, this.modules.clock.now())) return;
    this.modules.logger.warning(
      `Unable to get RECORD lock on database ${name} for ${Math.round(seconds)} seconds (key ${key})`,
    );
    this.logHolders(entry, queue.chain, `RECORD lock on database ${name} (key ${key}) is held by`);
    this.options.waitIsLong?.("RECORD", entry.database.file);
  }

  private logHolders(entry: DatabaseEntry, chain: number | undefined, introduction: string): void {
    this.modules.helper.findHolders(entry.records.number, chain, (holders) => {
      const { logger } = this.modules;
      if (holders.length === 0) logger.warning(`${introduction} nobody that can be seen any more`);
      for (const holder of holders) {
        const keys = holder.keys.length === 0 ? "" : `, keys there: ${holder.keys.join(" ")}`;
        logger.warning(`${introduction} pid ${holder.pid} (${holder.commandLine}): ${holder.lock}${keys}`);
      }
    });
  }
}
