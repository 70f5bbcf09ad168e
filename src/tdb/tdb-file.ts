// What the rest of the house knows of a TDB file: synchronous methods, buffers in, views out. `libtdb.ts` implements it with
// the system's libtdb; a twin in memory can implement it for the simulator (the conformance suite runs on both).
import type { Logger } from "../platform/ports.js";

/** Called for one record of a traverse. The views are valid only during the call. Returning false ends the slice after it. */
// biome-ignore lint/suspicious/noConfusingVoidType: a visitor that never stops early is a plain procedure
export type RecordVisitor = (key: Buffer, data: Buffer) => boolean | void;

/** "more": call again. "busy": all that is left are chains that other processes hold; call again later. "done": end. */
export type SliceResult = "more" | "busy" | "done";

/**
 * A traverse that is cut into slices. Between two slices anybody may write: a record that is there during the whole traverse
 * is seen exactly once; one that comes, goes or moves meanwhile may or may not be seen. No lock is held between slices, nor
 * while the visitor runs, so the visitor may use the file freely. Never blocks.
 */
export interface TdbCursor {
  /** Visits at most `recordsMax` records. Throws TdbError. */
  slice(recordsMax: number, visitor: RecordVisitor): SliceResult;
  /** Gives the buffers back; the cursor is of no use afterwards. Idempotent. */
  close(): void;
  /** Records visited so far. */
  readonly visited: number;
}

/** Gets a record as a range of bytes: the key at `start`, the data right behind it. Valid only during the call. */
export type JoinedVisitor = (bytes: Buffer, start: number, keyLength: number, dataLength: number) => void;

/** A traverse of a file that is locked as a whole. Close it before the lock is given up. */
export interface LockedCursor {
  /** Visits at most `recordsMax` records. Throws TdbError. */
  slice(recordsMax: number, visitor: JoinedVisitor): SliceResult;
  /** Idempotent. */
  close(): void;
  readonly visited: number;
}

/** How often the file was used since it was opened. */
export interface TdbCounters {
  chainLocks: number;
  /** Non-blocking lock attempts that found the lock held by somebody else. */
  chainLocksBusy: number;
  fetches: number;
  stores: number;
  deletes: number;
  transactions: number;
  traversedRecords: number;
}

/**
 * One open TDB file. All methods throw `TdbError` with tdb's error code, and `TdbClosedError` after `close`.
 *
 * Locks: in a process that must not block (ctdbd) call fetch, store and delete only while the chain is locked or marked, the
 * whole file is locked or marked, or the file has the flag NOLOCK; otherwise libtdb waits for the chain lock itself.
 * Chain locks nest within one handle, and count.
 */
export interface TdbFile {
  readonly path: string;
  /** Last part of the path. */
  readonly name: string;
  /** Number of hash chains, as in the file (not as asked for at open). */
  readonly hashSize: number;
  /** Chain and all-record locks are robust mutexes in the file; else fcntl byte ranges. */
  readonly usesMutexes: boolean;
  readonly counters: Readonly<TdbCounters>;

  /** Number of the chain (0 .. hashSize-1) that holds `key`, computed without touching the file. */
  chainOf(key: Uint8Array): number;

  /** Waits for the chain lock of `key`. Only for processes that may block. */
  chainLock(key: Uint8Array): void;
  /** Takes the chain lock of `key` and says true, or says false when another process holds it (or the whole file). */
  chainLockNonblock(key: Uint8Array): boolean;
  chainUnlock(key: Uint8Array): void;
  /** Notes that another owner (a helper) holds the lock for us: nested locks and stores do no system call. */
  chainLockMark(key: Uint8Array): void;
  chainLockUnmark(key: Uint8Array): void;

  /**
   * Does a lock helper hold the chain lock of `key`? To be checked right before a mark: a helper may be gone by the time its word
   * arrives. fcntl: is the lock held by an open file description, as only helpers do. Mutex: by the thread `ownerThread`.
   */
  isChainHeldByHelper(key: Uint8Array, ownerThread: number): boolean;

  /** Waits for the lock of all records. Only for processes that may block. */
  lockAll(): void;
  lockAllNonblock(): boolean;
  unlockAll(): void;
  /** Notes that a helper holds the lock of all records for us. */
  lockAllMark(): void;
  lockAllUnmark(): void;
  /** Marks of the lock that transactions take. */
  transactionWriteLockMark(): void;
  transactionWriteLockUnmark(): void;
  /** The lock of the list of free space; it is not part of the lock of all records. */
  freelistLockNonblock(): boolean;
  freelistUnlock(): void;

  /**
   * The stored bytes as a view of a buffer that all files share: valid until the next `fetch` on any file. undefined: absent.
   * The view may be passed to `store`, `storeWithHeader` and so on.
   */
  fetch(key: Uint8Array): Buffer | undefined;
  exists(key: Uint8Array): boolean;
  /** REPLACE creates or overwrites. INSERT throws EXISTS where the key is there, MODIFY throws NOEXIST where it is not. */
  store(key: Uint8Array, data: Uint8Array, flag?: StoreFlag): void;
  /** As `store`, with the value given in two parts. */
  storeWithHeader(key: Uint8Array, header: Uint8Array, data: Uint8Array, flag?: StoreFlag): void;
  /** As `store`, with key and data given as ranges of one buffer, for bulk loads: no view is made a record. */
  storeRange(bytes: Buffer, keyStart: number, keyLength: number, dataStart: number, dataLength: number): void;
  /** Says whether the record was there. */
  delete(key: Uint8Array): boolean;

  /** Begins a traverse in slices. */
  openCursor(): TdbCursor;
  /**
   * The same, several times as fast, for a file whose lock of all records is held (or marked) here until `close` of the
   * cursor, and that an open transaction has not changed yet: it reads what is in the file, not in the transaction.
   * undefined: not possible here, use `openCursor`.
   */
  openLockedCursor(): LockedCursor | undefined;

  /** Starts a transaction; with NOLOCK set no lock is asked for, else it waits for its locks. */
  transactionStart(): void;
  /** All that can fail of a commit is done here. */
  transactionPrepareCommit(): void;
  transactionCommit(): void;
  transactionCancel(): void;
  readonly inTransaction: boolean;

  /** Removes all records. Waits for locks unless they are held or marked. */
  wipeAll(): void;
  /** Rewrites the whole file in a transaction. */
  repack(): void;
  /** Number of entries of the list of free space. */
  freelistSize(): number;
  /** Bytes of the file that are mapped. */
  mapSize(): number;
  /** Walks the whole file; false: it is corrupt. */
  check(): boolean;

  seqnum(): number;
  /** Adds one to the sequence number, without a lock. */
  incrementSeqnum(): void;
  /** Current flag word (`TdbFlag`). */
  flags(): number;
  addFlags(flags: number): void;
  removeFlags(flags: number): void;
  /** From now on each store and delete adds one to the sequence number. */
  enableSeqnum(): void;
  /** Dead records that may stay in a chain. */
  setMaxDead(count: number): void;

  /** Releases all locks and the file. Idempotent. */
  close(): void;
}

/** What `store` does when the key exists or not. */
export const StoreFlag = { REPLACE: 1, INSERT: 2, MODIFY: 3 } as const;
export type StoreFlag = (typeof StoreFlag)[keyof typeof StoreFlag];

export interface TdbOpenOptions {
  readonly path: string;
  /** `TdbFlag` bits: INCOMPATIBLE_HASH asks for the jenkins hash. */
  readonly flags: number;
  /** Number of chains; used only when the file is created (or cleared). 0 = libtdb's own choice, 131. */
  readonly hashSize?: number;
  /** Create a missing file (default true). */
  readonly create?: boolean;
  /** Open for reading only: takes no locks at all (default false). */
  readonly readOnly?: boolean;
  /** Permissions of a created file (default 0o600). */
  readonly mode?: number;
  /** Dead records that may stay in a chain. */
  readonly maxDead?: number;
  /** Gets libtdb's own messages. */
  readonly logger?: Logger;
}

/** Opens TDB files; what a subsystem gets that has files of its own. */
export interface TdbOpener {
  /** Throws `TdbOpenError`, or `TdbAlreadyOpenError` when this process has the same file open. */
  open(options: TdbOpenOptions): TdbFile;
  /** Whether MUTEX_LOCKING can be used here. Ask once at start-up, before child processes exist: it forks. */
  robustMutexesWork(): boolean;
}
