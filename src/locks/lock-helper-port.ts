// The process that waits in the kernel for locks, as the scheduler sees it. `lockd/lockd-client.ts` is the real one; a
// simulator has one of its own.

/** A process that holds a lock. */
export interface LockHolder {
  /** Process id; 0 when it is not known. */
  readonly pid: number;
  /** Command line, arguments separated by blanks; empty when the process is gone. */
  readonly commandLine: string;
  /** Chain that it holds; undefined: a range, or the lock of all records. */
  readonly chain: number | undefined;
  /** What it holds, for people: "mutex of chain 17", "bytes 168..171". */
  readonly lock: string;
  /** Keys that are in that chain (hex, shortened), as far as they can be read. */
  readonly keys: readonly string[];
}

export interface LockHelperEvents {
  /** The helper holds the lock now, until `release`. `ownerThread`: thread that owns the mutex; 0 in fcntl mode. */
  granted(waitId: number, ownerThread: number): void;
  /** The wait has ended without a lock. */
  failed(waitId: number, reason: string): void;
  /** The helper is gone with all its locks, databases and waits; a new one starts by itself. */
  died(): void;
}

/** The lock of a whole database in another process. */
export interface HeldDatabase {
  /** Gives the lock up, or ends the wait for it. No callback comes afterwards. Idempotent. */
  release(): void;
}

export interface HeldDatabaseEvents {
  onHeld(): void;
  onFailed(reason: string): void;
  /** The process died after `onHeld`: the database is unlocked. */
  onLost(reason: string): void;
}

export interface LockHelperPort {
  /** Called once, before everything else. */
  start(events: LockHelperEvents): void;
  /** Names a file for `wait`. `db` is a number that the caller chooses. */
  openDatabase(db: number, path: string, hashSize: number, mutexes: boolean): void;
  closeDatabase(db: number): void;
  /** Begins to wait for a chain. At most one wait a chain at a time. */
  wait(waitId: number, db: number, chain: number): void;
  /** Ends a wait, or gives back what was granted for it. A wait that is not granted yet may go on unseen for a while. */
  release(waitId: number): void;
  /** Waits in a process of its own for the lock of all records and holds it. */
  holdDatabase(path: string, tdbFlags: number, events: HeldDatabaseEvents): HeldDatabase;
  /** Looks which processes hold the lock of `chain`, or any lock of the file when it is undefined. */
  findHolders(db: number, chain: number | undefined, done: (holders: readonly LockHolder[]) => void): void;
}
