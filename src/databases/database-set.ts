// All attached databases of this node: attach, detach, freeze of all, and the rules of DB_ATTACH that are visible to clients.
import type { DatabaseLock } from "../locks/lock-scheduler.js";
import { DbFlag, databaseId, TdbFlag } from "../protocol/index.js";
import type { TdbFile } from "../tdb/tdb-file.js";
import { Database, type DatabaseModules } from "./database.js";
import type { DatabaseHealth } from "./database-health.js";
import { AttachRefusedError } from "./errors.js";

export interface DatabaseSetModules extends DatabaseModules {
  /** Opens (and creates) a TDB file; CLEAR_IF_FIRST among the flags empties it. */
  openFile(path: string, tdbFlags: number): TdbFile;
  /** Names of the files in the persistent directory. */
  listPersistentFiles(): string[];
  readonly health: Pick<DatabaseHealth, "attachedAtStart" | "startIsOver" | "reasonOf" | "recovered">;
  generation(): number;
  databaseAttached(database: Database): void;
  /** A freeze begins: its lock is asked for. */
  databaseFreezes(database: Database): void;
  databaseFrozen(database: Database): void;
  databaseThawed(database: Database): void;
  databaseDetached(database: Database): void;
  /** The freeze of a database was lost: it needs a new recovery. */
  lockLost(database: Database): void;
}

export interface DatabaseSetOptions {
  readonly volatileDirectory: string;
  readonly persistentDirectory: string;
  /** Volatile files use robust mutexes (configuration and libtdb's own check agree). */
  readonly mutexes: boolean;
}

export class DatabaseSet {
  private readonly byId = new Map<number, Database>();

  constructor(
    private readonly modules: DatabaseSetModules,
    private readonly options: DatabaseSetOptions,
  ) {}

  get all(): Iterable<Database> {
    return this.byId.values();
  }

  get size(): number {
    return this.byId.size;
  }

  get(id: number): Database | undefined {
    return this.byId.get(id);
  }

  /** Most recently attached first, as GET_DBMAP tells them. */
  newestFirst(): Database[] {
    return [...this.byId.values()].reverse();
  }

  /**
   * Attaches or finds a database. `flags` is 0, PERSISTENT or REPLICATED.
   * Throws AttachRefusedError for a bad name, another type, a hash collision or stale content.
   */
  attach(name: string, flags: number): { readonly database: Database; readonly created: boolean } {
    if (name === "" || name.includes("/") || name.includes("\0")) {
      throw new AttachRefusedError(name, "a database name must not be empty or hold a slash or NUL");
    }
    const id = databaseId(name);
    const existing = this.byId.get(id);
    if (existing !== undefined) {
      if (existing.name !== name) {
        throw new AttachRefusedError(name, `its id 0x${id.toString(16)} is that of ${existing.name}`);
      }
      if ((existing.flags & flags) !== flags) {
        throw new AttachRefusedError(name, "it is attached with another type");
      }
      return { database: existing, created: false };
    }
    const directory =
      (flags & DbFlag.PERSISTENT) !== 0 ? this.options.persistentDirectory : this.options.volatileDirectory;
    const reason = (flags & DbFlag.PERSISTENT) !== 0 ? this.modules.health.reasonOf(name) : undefined;
    if (reason !== undefined) {
      throw new AttachRefusedError(
        name,
        `it is marked as unhealthy: ${reason}. Check it, then remove its record from persistent_health.tdb`,
      );
    }
    const path = `${directory}/${name}.${this.modules.ownPnn}`;
    const file = this.modules.openFile(path, this.tdbFlags(flags));
    try {
      if ((flags & DbFlag.PERSISTENT) === 0 && !isEmpty(file)) {
        throw new AttachRefusedError(name, `${path} is not empty: another process still holds the old file open`);
      }
      if ((flags & DbFlag.PERSISTENT) !== 0 && !file.check()) {
        throw new AttachRefusedError(name, `${path} is corrupt: tdb_check failed`);
      }
    } catch (error) {
      file.close();
      throw error;
    }
    const database = new Database(id, name, path, flags, file, this.modules.generation(), this.modules);
    this.byId.set(id, database);
    this.modules.databaseAttached(database);
    this.modules.logger.notice(`Attached to database '${path}' with flags 0x${file.flags().toString(16)}`);
    return { database, created: true };
  }

  /** Attaches what the persistent directory holds for this pnn; called once at start. */
  attachPersistentFiles(): void {
    const ending = /^(.*\.tdb)\.([0-9]+)$/s;
    for (const fileName of this.modules.listPersistentFiles()) {
      const match = ending.exec(fileName);
      if (match?.[1] === undefined || Number(match[2]) !== this.modules.ownPnn) {
        this.modules.logger.notice(`Ignoring persistent database '${fileName}'`);
        continue;
      }
      this.modules.health.attachedAtStart(match[1]);
      this.attach(match[1], DbFlag.PERSISTENT);
    }
    this.modules.health.startIsOver();
  }

  detach(database: Database): void {
    this.close(database);
    this.modules.logger.notice(`Detached database ${database.name}`);
  }

  /** The daemon ends: what is still under way must not touch the files any more. */
  closeAll(): void {
    for (const database of this.byId.values()) this.close(database);
  }

  private close(database: Database): void {
    this.byId.delete(database.id);
    database.detached = true;
    database.endPush();
    this.modules.databaseDetached(database);
    database.lock?.release();
    database.lock = undefined;
    this.modules.locks.databaseClosed(database);
    for (const waiter of database.freezeWaiters.splice(0)) waiter(false);
    database.file.close();
  }

  // ------------------------------------------------------------------ freeze and thaw

  /** DB_FREEZE: `done(true)` once nobody else can touch the file. There is no time limit here. */
  freeze(database: Database, done: (ok: boolean) => void): void {
    if (database.freeze === "frozen") {
      done(true);
      return;
    }
    database.freezeWaiters.push(done);
    if (database.freeze === "pending") return;
    database.freeze = "pending";
    this.modules.databaseFreezes(database);
    this.modules.logger.notice(`Freeze db: ${database.name}`);
    database.lock = this.modules.locks.requestDatabaseLock(database, {
      onResult: (ok) => {
        if (ok) {
          database.freeze = "frozen";
          this.modules.databaseFrozen(database);
          database.unchangedSinceFreeze = true;
        } else {
          this.setUnfrozen(database);
        }
        const waiters = database.freezeWaiters.splice(0);
        for (const waiter of waiters) waiter(ok);
      },
      onLost: () => {
        this.modules.logger.error(`The lock of frozen database ${database.name} was lost`);
        this.thaw(database);
        this.modules.lockLost(database);
      },
    });
  }

  /** DB_THAW: ends an open transaction, lets everybody in, sends the waiting calls of this node again. */
  thaw(database: Database): void {
    database.endPush();
    this.cancelTransaction(database);
    if (database.freeze !== "none") {
      this.modules.logger.notice(`Thaw db: ${database.name} generation ${database.generation}`);
      this.setUnfrozen(database);
      const waiters = database.freezeWaiters.splice(0);
      for (const waiter of waiters) waiter(false);
    }
    database.invalidRecords = false;
    this.modules.databaseThawed(database);
    database.rewrittenWhileFrozen = false;
  }

  thawAll(): void {
    this.modules.logger.notice("Thawing all");
    for (const database of this.byId.values()) this.thaw(database);
  }

  /** FREEZE of the node when it becomes inactive: volatile content is old news from here on. */
  freezeAllInvalid(done: (ok: boolean) => void): void {
    this.modules.logger.notice("Freeze all");
    let waiting = 1;
    let allOk = true;
    const one = (ok: boolean): void => {
      allOk &&= ok;
      waiting--;
      if (waiting > 0) return;
      this.modules.logger.notice(allOk ? "Freeze all: frozen" : "Freeze all: failed");
      done(allOk);
    };
    for (const database of this.byId.values()) {
      if (database.isVolatile) database.invalidRecords = true;
      waiting++;
      this.freeze(database, one);
    }
    one(true);
  }

  /** Every database is frozen; also true where none is attached. */
  get allFrozen(): boolean {
    for (const database of this.byId.values()) if (database.freeze !== "frozen") return false;
    return true;
  }

  setAllGenerations(generation: number): void {
    for (const database of this.byId.values()) database.generation = generation;
  }

  firstWithOtherGeneration(generation: number): Database | undefined {
    for (const database of this.byId.values()) if (database.generation !== generation) return database;
    return undefined;
  }

  /** One whose recovery into `generation` is not over, or that another recovery has frozen since. */
  firstInRecovery(generation: number): Database | undefined {
    for (const database of this.byId.values()) {
      if (database.generation !== generation || database.freeze !== "none") return database;
    }
    return undefined;
  }

  // ------------------------------------------------------------------ recovery transaction

  startTransaction(database: Database, transactionId: number): void {
    // Another leader's push must not go on into this one's transaction.
    database.endPush();
    this.cancelTransaction(database);
    lockOf(database).transactionStart();
    database.transactionId = transactionId;
  }

  commitTransaction(database: Database): void {
    const { transactionId } = database;
    if (transactionId === undefined) throw new Error(`no transaction is open on ${database.name}`);
    database.transactionId = undefined;
    lockOf(database).transactionCommit();
    database.unchangedSinceFreeze = true;
    database.generation = transactionId;
    database.rewrittenWhileFrozen = true;
    this.modules.health.recovered(database);
  }

  cancelTransaction(database: Database): void {
    if (database.transactionId === undefined) return;
    database.transactionId = undefined;
    database.lock?.transactionCancel();
    database.unchangedSinceFreeze = true;
  }

  private setUnfrozen(database: Database): void {
    database.freeze = "none";
    database.lock?.release();
    database.lock = undefined;
  }

  private tdbFlags(flags: number): number {
    if ((flags & DbFlag.PERSISTENT) !== 0) return TdbFlag.DISALLOW_NESTING;
    const common = TdbFlag.CLEAR_IF_FIRST | TdbFlag.NOSYNC | TdbFlag.DISALLOW_NESTING | TdbFlag.INCOMPATIBLE_HASH;
    if ((flags & DbFlag.REPLICATED) !== 0 || !this.options.mutexes) return common;
    return common | TdbFlag.MUTEX_LOCKING;
  }
}

function isEmpty(file: TdbFile): boolean {
  const cursor = file.openCursor();
  try {
    let found = false;
    while (
      !found &&
      cursor.slice(1, () => {
        found = true;
      }) === "more"
    ) {
      // A slice without a record: go on.
    }
    return !found;
  } finally {
    cursor.close();
  }
}

function lockOf(database: Database): DatabaseLock {
  if (database.lock === undefined) throw new Error(`database ${database.name} is not frozen`);
  return database.lock;
}
