// An attached database: record locks, reads, traverses. Records that are on this node are used through the TDB file itself; the
// daemon is asked only for those that are not.
import {
  DbFlag,
  RECORD_HEADER_SIZE,
  recordHeaderDmaster,
  recordHeaderFlags,
  recordHeaderRsn,
} from "../protocol/index.js";
import { abortable } from "./abort.js";
import { type AttachContext, type Attachment, type AttachOptions, attach, type DatabaseType } from "./attach.js";
import type { DaemonLink } from "./daemon-link.js";
import {
  ClientError,
  ConnectionLostError,
  DatabaseClosedError,
  DatabaseFileError,
  DatabaseTypeError,
  RecordTimeoutError,
} from "./errors.js";
import {
  FetchLockTask,
  ReadTask,
  type RecordOptions,
  type RecordTask,
  StoredReadTask,
  type TaskContext,
} from "./fetch-lock.js";
import { type LockedRecord, mayBeRead, mayBeWritten, RecordHandle, SyncRecord } from "./record.js";
import { isLimit, type TraversedRecord } from "./record-queue.js";
import type { SharedFile } from "./shared-file.js";
import { deadlineAfter, WaitingSet } from "./time.js";
import {
  runReadTransaction,
  runTransaction,
  type Transaction,
  type TransactionModules,
  type TransactionOptions,
  type TransactionView,
} from "./transaction.js";
import type { StoredRecord } from "./transaction-outcome.js";
import { type LocalTraverseOptions, type TraverseOptions, traverseCluster, traverseFile } from "./traverse.js";

const REATTACH_RETRY_MS = 1000;

/** What a database gets from its client. */
export interface DatabaseContext extends AttachContext {
  readonly recordTimeoutMs: number;
  readonly transactions: TransactionModules;
  /** The database was closed. */
  readonly forget: (database: Database) => void;
}

/**
 * A synchronous look at a record of this node. `current` false: another process holds the chain, or the value is not known on
 * this node; use `read`.
 */
export type LocalRead =
  | { readonly current: true; readonly value: Buffer | undefined }
  | { readonly current: false; readonly value: undefined };

const NOT_CURRENT: LocalRead = { current: false, value: undefined };

/**
 * open -> reattaching (connection lost, policy reconnects) -> open; closed is final.
 */
export type DatabaseState = "open" | "reattaching" | "closed";

/** Made by `client.attach`. */
export class Database implements TaskContext, AsyncDisposable {
  readonly link: DaemonLink;
  readonly waiting: WaitingSet<RecordTask>;
  readonly recordTimeoutMs: number;
  private attachment: Attachment;
  private stateNow: DatabaseState = "open";
  private reattached: Promise<void> | undefined;
  private reattachError: Error | undefined;
  private readonly handles = new Set<RecordHandle>();
  private syncRecord: SyncRecord | undefined;

  private constructor(
    readonly name: string,
    private readonly context: DatabaseContext,
    private readonly options: AttachOptions,
    attachment: Attachment,
  ) {
    this.link = context.link;
    this.recordTimeoutMs = context.recordTimeoutMs;
    this.waiting = new WaitingSet(context.link.modules);
    this.attachment = attachment;
  }

  /** Attaches and opens. Used by the client. */
  static async attach(name: string, context: DatabaseContext, options: AttachOptions): Promise<Database> {
    return new Database(name, context, options, await attach(name, context, options));
  }

  /** db_id: the hash of the name. */
  get id(): number {
    return this.attachment.id;
  }

  /** Path of the TDB file on this node. */
  get path(): string {
    return this.attachment.path;
  }

  /** Database flags (`DbFlag`), as they were at the attach. */
  get flags(): number {
    return this.attachment.flags;
  }

  get type(): DatabaseType {
    if ((this.flags & DbFlag.PERSISTENT) !== 0) return "persistent";
    return (this.flags & DbFlag.REPLICATED) !== 0 ? "replicated" : "volatile";
  }

  get state(): DatabaseState {
    return this.stateNow;
  }

  /** The open file, shared by all users of it in this process. Throws when there is none. */
  get shared(): SharedFile {
    if (this.stateNow === "closed") throw new DatabaseClosedError(this.name);
    const { shared } = this.attachment;
    if (shared === undefined || this.stateNow !== "open") throw this.noFile();
    return shared;
  }

  /**
   * Locks a record of a volatile database for this process, cluster-wide, and brings it to this node if it is elsewhere. Locks of
   * one process are granted first come first served for each key. While other processes hold the chain lock it is tried again:
   * four turns of the event loop, then every 1 ms, from 20 ms on every 2 ms, from 200 ms on every 4 ms (with more tries in a row
   * the longer it takes); the event loop is never blocked.
   *
   * Throws RecordTimeoutError, the reason of the signal, ConnectionLostError, DatabaseTypeError, CallFailedError, TdbError. When
   * it throws, nothing is locked.
   */
  fetchLock(key: Uint8Array | string, options: RecordOptions = {}): Promise<RecordHandle> {
    if (this.stateNow === "reattaching")
      return this.afterReattach("fetchLock", options, (rest) => this.fetchLock(key, rest));
    return new Promise((resolve, reject) => {
      this.requireVolatile("fetchLock");
      this.requireFile();
      options.signal?.throwIfAborted();
      new FetchLockTask(this, ownKey(key), options, resolve, reject).start();
    });
  }

  /** `fetchLock`, then `fn(record)`, then release, also when `fn` throws. Resolves to the result of `fn`. */
  async withRecord<T>(
    key: Uint8Array | string,
    fn: (record: RecordHandle) => T | Promise<T>,
    options: RecordOptions = {},
  ): Promise<T> {
    const record = await this.fetchLock(key, options);
    try {
      return await fn(record);
    } finally {
      record.release();
    }
  }

  /**
   * Locks a record at once, if it is on this node and nobody holds its chain; undefined otherwise (then use `fetchLock`). The
   * daemon is not involved.
   */
  tryFetchLockLocal(key: Uint8Array | string): RecordHandle | undefined {
    this.requireVolatile("tryFetchLockLocal");
    const { shared } = this;
    const bytes = ownKey(key);
    if (!shared.isIdle(bytes)) return undefined;
    let handle: RecordHandle | undefined;
    let failure: { readonly error: unknown } | undefined;
    const waiter = {
      key: bytes,
      granted: () => {
        const stored = shared.file.fetch(bytes);
        if (stored !== undefined && mayBeWritten(stored, this.link.pnn)) {
          handle = new RecordHandle(this, shared.file, bytes, stored);
          this.handleMade(handle);
        } else {
          shared.release(bytes);
        }
      },
      lockFailed: (error: unknown) => {
        failure = { error };
      },
    };
    shared.acquire(waiter, false);
    shared.cancel(waiter);
    if (failure !== undefined) throw failure.error;
    return handle;
  }

  /**
   * The fast path: if the record is on this node and nobody holds its chain, locks it, calls `fn(record)` and unlocks, all in
   * this turn. Says whether it did; if not, use `withRecord`. `fn` must not be async, and must not keep `record` or its value.
   */
  withRecordSync(key: Uint8Array | string, fn: (record: LockedRecord) => void): boolean {
    this.requireVolatile("withRecordSync");
    const { shared } = this;
    const bytes = typeof key === "string" ? Buffer.from(key) : key;
    if (!shared.tryNow(bytes)) return false;
    this.syncRecord ??= new SyncRecord(this, shared.file);
    const record = this.syncRecord;
    try {
      const stored = shared.file.fetch(bytes);
      if (stored === undefined || !mayBeWritten(stored, this.link.pnn)) return false;
      record.begin(bytes, stored);
      const result: unknown = fn(record);
      if (result instanceof Promise) {
        result.catch(() => {});
        throw new TypeError("the callback of withRecordSync must not be async: use withRecord");
      }
      return true;
    } finally {
      record.end();
      shared.releaseNow(bytes);
    }
  }

  /**
   * The value of a record; undefined if there is none. Uses the local copy if it is current (no call to the daemon), else asks for
   * the data; in a database with read-only copies without moving the record. Persistent and replicated databases are read from
   * the local file. Throws like `fetchLock`.
   */
  read(key: Uint8Array | string, options: RecordOptions = {}): Promise<Buffer | undefined> {
    if (this.stateNow === "reattaching") return this.afterReattach("read", options, (rest) => this.read(key, rest));
    return new Promise((resolve, reject) => {
      options.signal?.throwIfAborted();
      this.requireFile();
      const bytes = ownKey(key);
      const local = this.tryRead(bytes);
      if (local.current) {
        resolve(local.value);
      } else if (this.type === "volatile") {
        new ReadTask(this, bytes, options, resolve, reject).start();
      } else {
        const found = ({ value }: StoredRecord): void => resolve(value.length === 0 ? undefined : value);
        new StoredReadTask(this, bytes, options, found, reject).start();
      }
    });
  }

  /**
   * The record as this node's file has it, with its header; an empty one if there is none. For transactions: their records may have
   * an empty key, as in C.
   */
  readStored(key: Uint8Array, options: RecordOptions): Promise<StoredRecord> {
    if (this.stateNow === "reattaching")
      return this.afterReattach("read", options, (rest) => this.readStored(key, rest));
    return new Promise((resolve, reject) => {
      options.signal?.throwIfAborted();
      this.requireFile();
      new StoredReadTask(this, Buffer.from(key), options, resolve, reject).start();
    });
  }

  /**
   * Runs `fn` in a transaction on a persistent or replicated database, and commits what it has written: on all nodes, or on none.
   * Resolves to the result of `fn`. A lock of the database (`client.gLock`) is held meanwhile, so that transactions of the whole
   * cluster come one after the other. When `fn` throws nothing is written. When the commit fails because others have changed the
   * database, `fn` is run again: so it should have no effect but on the transaction.
   *
   * A commit that a recovery, a timeout or the loss of the connection cuts short is looked for until it is known what became of it.
   *
   * Throws TransactionConflictError and TransactionTimeoutError (nothing is stored), TransactionUnknownOutcomeError (the connection
   * is lost for good, or the time is over), DatabaseTypeError, and what `gLock` and `fn` throw.
   */
  async transaction<T>(fn: (transaction: Transaction) => T | Promise<T>, options: TransactionOptions = {}): Promise<T> {
    this.requireTransactional("transaction");
    return runTransaction(this, this.context.transactions, fn, options);
  }

  /** Runs `fn` with a view of the database in which nobody commits meanwhile. Other views may be open. Throws like `transaction`. */
  async readTransaction<T>(
    fn: (view: TransactionView) => T | Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    this.requireTransactional("readTransaction");
    return runReadTransaction(this, this.context.transactions, fn, options);
  }

  /** `read` without waiting: the value if it is known on this node and the chain is free. Throws TdbError. */
  tryRead(key: Uint8Array | string): LocalRead {
    const { shared } = this;
    const bytes = typeof key === "string" ? Buffer.from(key) : key;
    if (!shared.tryNowToRead(bytes)) return NOT_CURRENT;
    try {
      const stored = shared.file.fetch(bytes);
      if (!this.isCurrent(stored)) return NOT_CURRENT;
      const hasData = stored !== undefined && stored.length > RECORD_HEADER_SIZE;
      return { current: true, value: hasData ? Buffer.from(stored.subarray(RECORD_HEADER_SIZE)) : undefined };
    } finally {
      shared.file.chainUnlock(bytes);
    }
  }

  /** True if a stored record can be read here as it is: always so where each node has a full copy. */
  isCurrent(stored: Buffer | undefined): boolean {
    if (this.type !== "volatile") return true;
    return stored !== undefined && mayBeRead(stored, this.link.pnn);
  }

  /** Header of the local copy, for tools and tests: whoever owns the record now. undefined: no copy, or the chain is busy. */
  tryReadHeader(key: Uint8Array | string): { rsn: number; dmaster: number; flags: number } | undefined {
    const { shared } = this;
    const bytes = typeof key === "string" ? Buffer.from(key) : key;
    if (!shared.tryNowToRead(bytes)) return undefined;
    try {
      const stored = shared.file.fetch(bytes);
      if (stored === undefined || stored.length < RECORD_HEADER_SIZE) return undefined;
      return {
        rsn: recordHeaderRsn(stored, 0),
        dmaster: recordHeaderDmaster(stored, 0),
        flags: recordHeaderFlags(stored, 0),
      };
    } finally {
      shared.file.chainUnlock(bytes);
    }
  }

  /** All records of the database on all nodes. See `traverseCluster`. */
  traverse(options: TraverseOptions = {}): AsyncGenerator<TraversedRecord, void, undefined> {
    const { link } = this;
    const { transport, modules, timeoutMs } = link;
    return traverseCluster({ name: this.name, id: this.id, transport, modules, timeoutMs }, options);
  }

  /** The records in the file of this node. See `traverseFile`. */
  traverseLocal(options: LocalTraverseOptions = {}): AsyncGenerator<TraversedRecord, void, undefined> {
    const { shared, link } = this;
    const ownedBy = (dmaster: number): boolean => this.type !== "volatile" || dmaster === link.pnn;
    return traverseFile(shared.file, link.modules, options, ownedBy, () => {
      if (this.attachment.shared !== shared || this.stateNow !== "open") throw this.noFile();
    });
  }

  /** The file's sequence number (attach with `seqnum`): changes with each store on this node. */
  seqnum(): number {
    return this.shared.file.seqnum();
  }

  /** Releases the record handles, fails what waits, closes the file. The daemon keeps the database. Idempotent. */
  async close(): Promise<void> {
    if (this.stateNow === "closed") return;
    this.stateNow = "closed";
    this.letGo(new DatabaseClosedError(this.name), "the database was closed");
    this.context.forget(this);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Called by the client: the daemon may be gone, so nothing of the file can be trusted. */
  connectionLost(error: ConnectionLostError, willReconnect: boolean): void {
    if (this.stateNow === "closed") return;
    this.stateNow = willReconnect ? "reattaching" : "closed";
    this.reattached = undefined;
    this.letGo(error, error.reason);
    if (!willReconnect) this.context.forget(this);
  }

  /** Called by the client when it has a new connection. Record operations wait for the end of it. */
  reattach(): void {
    if (this.stateNow !== "reattaching") return;
    this.reattachError = undefined;
    const isCurrent = (): boolean => this.stateNow === "reattaching" && this.reattached === running;
    const running: Promise<void> = this.attachAgain(isCurrent);
    this.reattached = running;
  }

  /** Tries until it succeeds (a banned node refuses it, for example) or the connection is lost again. */
  private async attachAgain(isCurrent: () => boolean): Promise<void> {
    const { signal: _, ...options } = this.options;
    while (true) {
      try {
        const attachment = await attach(this.name, this.context, options);
        if (!isCurrent()) {
          attachment.shared?.removeUser();
          return;
        }
        this.attachment = attachment;
        this.syncRecord = undefined;
        this.stateNow = "open";
        return;
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        if (!isCurrent()) return;
        this.reattachError = error;
      }
      await new Promise<void>((resolve) => this.link.modules.timers.after(REATTACH_RETRY_MS, resolve));
      if (!isCurrent()) return;
    }
  }

  // What tasks and handles call.

  releaseRecord(handle: RecordHandle): void {
    this.handles.delete(handle);
    this.attachment.shared?.release(handle.key);
  }

  handleMade(handle: RecordHandle): void {
    this.handles.add(handle);
  }

  scheduleForDeletion(key: Uint8Array, header: Buffer): void {
    const request = {
      dbId: this.id,
      header: {
        rsn: recordHeaderRsn(header, 0),
        dmaster: recordHeaderDmaster(header, 0),
        flags: recordHeaderFlags(header, 0),
      },
      key,
    };
    try {
      this.link.controlNoReply("SCHEDULE_FOR_DELETION", request, { srvid: BigInt(this.id) });
    } catch (error) {
      // The record is empty already; without the hint the daemon finds it in its next full vacuum run.
      if (!(error instanceof ClientError)) throw error;
    }
  }

  private letGo(error: Error, reason: string): void {
    const { shared } = this.attachment;
    for (const task of [...this.waiting]) task.fail(error);
    this.waiting.stop();
    for (const handle of this.handles) {
      handle.invalidate(reason);
      shared?.release(handle.key);
    }
    this.handles.clear();
    this.attachment = { ...this.attachment, shared: undefined };
    shared?.removeUser();
  }

  /** Waits for the reattach, within the time limit of the operation, and then starts it with what is left of that. */
  private async afterReattach<T>(
    operation: "fetchLock" | "read",
    options: RecordOptions,
    start: (rest: RecordOptions) => Promise<T>,
  ): Promise<T> {
    const { clock, timers } = this.link.modules;
    const timeoutMs = options.timeoutMs ?? this.recordTimeoutMs;
    const deadlineMs = deadlineAfter(clock, timeoutMs);
    const running = this.reattached;
    if (running === undefined) throw this.noFile();
    options.signal?.throwIfAborted();
    const waits: Promise<void>[] = [running];
    let stopTimer = (): void => {};
    if (isLimit(timeoutMs)) {
      waits.push(
        new Promise((_, reject) => {
          const timer = timers.after(timeoutMs, () =>
            reject(
              new RecordTimeoutError(this.name, operation, timeoutMs, "the database to be attached again", {
                cause: this.reattachError,
              }),
            ),
          );
          stopTimer = () => timer.cancel();
        }),
      );
    }
    try {
      await abortable(Promise.race(waits), options.signal);
    } finally {
      stopTimer();
    }
    const restMs = isLimit(timeoutMs) ? Math.max(deadlineMs - clock.now(), 1) : 0;
    return start({ ...options, timeoutMs: restMs });
  }

  private noFile(): Error {
    if (this.stateNow === "closed") return new DatabaseClosedError(this.name);
    if (this.stateNow === "reattaching") {
      const { reattachError } = this;
      if (this.reattached === undefined) return new ConnectionLostError("the client is reconnecting");
      const reason = reattachError === undefined ? "" : `, the last try failed: ${reattachError.message}`;
      return new DatabaseFileError(`database ${this.name} is being attached again${reason}`, { cause: reattachError });
    }
    return new DatabaseFileError(`database ${this.name} was attached without its file (openFile: false)`);
  }

  private requireFile(): void {
    if (this.attachment.shared === undefined || this.stateNow !== "open") throw this.noFile();
  }

  private requireTransactional(operation: string): void {
    if (this.type !== "volatile") return;
    throw new DatabaseTypeError(
      `${operation} works on persistent and replicated databases; ${this.name} is volatile: change it under fetchLock`,
    );
  }

  private requireVolatile(operation: string): void {
    if (this.type === "volatile") return;
    throw new DatabaseTypeError(
      `${operation} works on volatile databases; ${this.name} is ${this.type}: change it in a transaction`,
    );
  }
}

function ownKey(key: Uint8Array | string): Buffer {
  const copy = Buffer.from(key);
  if (copy.length === 0) throw new RangeError("a record key has at least one byte");
  return copy;
}
