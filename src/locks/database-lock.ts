// The lock of a whole database, for its freeze. It is tried for without waiting; when that fails a few times, a helper process
// waits for it and holds it, and the file handle is marked as locked. Either way the daemon's handle counts as holding the
// lock of all records from `onResult(true)` on, and only it may touch the file.
//
//   trying --free--> own ------------release--> ended
//      |--busy--> waiting --held--> helper --release--> ended
//                    |--failed--> ended |--helper died--> lost --release--> ended
import type { Logger, Timer, Timers } from "../platform/ports.js";
import { TdbFlag } from "../protocol/index.js";
import { DatabaseNotLockedError } from "./errors.js";
import { DATABASE_LOCK_RETRY_MS } from "./limits.js";
import type { HeldDatabase, LockHelperPort } from "./lock-helper-port.js";
import type { LockableFile } from "./lockable-file.js";
import type { RecordLocks } from "./record-locks.js";

export interface DatabaseLockEvents {
  /** Called once, in a later turn than the request: the database is locked (true), or cannot be (false; call `release`). */
  onResult(ok: boolean): void;
  /** After `onResult(true)`: the helper died and the database is unlocked. Cancel a transaction, then call `release`. */
  onLost(): void;
}

export type DatabaseLockState = "trying" | "waiting" | "own" | "helper" | "lost" | "ended";

export interface DatabaseLockModules {
  readonly timers: Timers;
  readonly logger: Logger;
  readonly helper: LockHelperPort;
  /** The lock was given up, or was never had. */
  ended(lock: DatabaseLock): void;
  locked(lock: DatabaseLock): void;
  failed(lock: DatabaseLock): void;
}

export class DatabaseLock {
  private currentState: DatabaseLockState = "trying";
  private attempts = 0;
  private timer: Timer | undefined;
  private held: HeldDatabase | undefined;
  /** When the next line about the long wait is due. */
  warnAtMs = 0;
  holdersReported = false;

  constructor(
    readonly records: RecordLocks,
    private readonly file: LockableFile,
    readonly sinceMs: number,
    private readonly modules: DatabaseLockModules,
    private readonly events: DatabaseLockEvents,
  ) {}

  get state(): DatabaseLockState {
    return this.currentState;
  }

  /** One attempt without waiting. Called by the scheduler, one database a turn. */
  attempt(): void {
    if (this.currentState !== "trying") return;
    let locked = false;
    try {
      locked = this.file.lockAllNonblock();
    } catch (error) {
      this.fail(String(error));
      return;
    }
    if (locked) {
      this.currentState = "own";
      this.hold();
      return;
    }
    const pauseMs = DATABASE_LOCK_RETRY_MS[this.attempts++];
    if (pauseMs === undefined) this.startHelper();
    else this.timer = this.modules.timers.after(pauseMs, () => this.attempt());
  }

  /**
   * Starts a transaction of the file under this lock (DB_TRANSACTION_START). libtdb refuses to start one while it knows of
   * a lock of all records, and inside it counts as having that lock. Throws TdbError, DatabaseNotLockedError.
   */
  transactionStart(): void {
    if (!this.isHeld) throw new DatabaseNotLockedError(this.records.name);
    this.file.lockAllUnmark();
    try {
      this.withoutLocking(() => this.file.transactionStart());
    } finally {
      if (!this.file.inTransaction) this.file.lockAllMark();
    }
  }

  /** DB_TRANSACTION_COMMIT. Throws TdbError; the transaction is over then, too. */
  transactionCommit(): void {
    if (!this.isHeld) throw new DatabaseNotLockedError(this.records.name);
    this.endTransaction(() => this.file.transactionCommit());
  }

  /** DB_TRANSACTION_CANCEL; works also after the lock was lost. */
  transactionCancel(): void {
    this.endTransaction(() => this.file.transactionCancel());
  }

  /** Gives the lock up, or ends the wait for it; waiting record requests go on. An open transaction is cancelled. Idempotent. */
  release(): void {
    const state = this.currentState;
    if (state === "ended") return;
    if (this.file.inTransaction && (this.isHeld || state === "lost")) this.transactionCancel();
    this.currentState = "ended";
    this.timer?.cancel();
    if (state === "own") this.file.unlockAll();
    if (state === "helper") this.file.lockAllUnmark();
    this.held?.release();
    this.held = undefined;
    this.modules.ended(this);
  }

  private get isHeld(): boolean {
    return this.currentState === "own" || this.currentState === "helper";
  }

  private startHelper(): void {
    this.currentState = "waiting";
    this.held = this.modules.helper.holdDatabase(this.file.path, this.file.flags(), {
      onHeld: () => {
        if (this.currentState !== "waiting") return;
        this.file.lockAllMark();
        this.currentState = "helper";
        this.hold();
      },
      onFailed: (reason) => {
        if (this.currentState === "waiting") this.fail(reason);
      },
      onLost: (reason) => this.lost(reason),
    });
  }

  private hold(): void {
    this.records.frozen = true;
    this.modules.locked(this);
    this.events.onResult(true);
  }

  private fail(reason: string): void {
    this.modules.logger.error(`Unable to lock database ${this.records.name}: ${reason}`);
    this.modules.failed(this);
    this.release();
    this.events.onResult(false);
  }

  private lost(reason: string): void {
    if (this.currentState !== "helper") return;
    this.modules.logger.error(`The lock of database ${this.records.name} was lost: ${reason}`);
    this.currentState = "lost";
    if (!this.file.inTransaction) this.file.lockAllUnmark();
    this.held = undefined;
    this.events.onLost();
  }

  private endTransaction(end: () => void): void {
    try {
      this.withoutLocking(end);
    } finally {
      if (this.isHeld && !this.file.inTransaction) this.file.lockAllMark();
    }
  }

  /** With NOLOCK libtdb neither takes nor gives back locks: the one of all records stays as it is. */
  private withoutLocking(action: () => void): void {
    this.file.addFlags(TdbFlag.NOLOCK);
    try {
      action();
    } finally {
      this.file.removeFlags(TdbFlag.NOLOCK);
    }
  }
}
