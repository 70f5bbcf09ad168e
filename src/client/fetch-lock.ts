// How a record comes under the lock of this process, and how it is read: one task for each waiting fetchLock or read.
// database.ts makes them.
import {
  checkReplyCall,
  checkReplyError,
  Operation,
  ProtocolError,
  packetOperation,
  RECORD_HEADER_SIZE,
  replyCallData,
  replyCallStatus,
  replyErrorMessage,
  replyErrorStatus,
} from "../protocol/index.js";
import type { StopListening } from "./abort.js";
import { onAbort } from "./abort.js";
import type { DaemonLink } from "./daemon-link.js";
import {
  CallFailedError,
  type ConnectionLostError,
  MalformedReplyError,
  RecordTimeoutError,
  type RecordWait,
} from "./errors.js";
import { mayBeRead, mayBeWritten, RecordHandle, type RecordOwner } from "./record.js";
import type { PendingRequest } from "./requests.js";
import type { ChainWaiter, SharedFile } from "./shared-file.js";
import { deadlineAfter, type Waiting, type WaitingSet } from "./time.js";
import { type StoredRecord, storedRecord } from "./transaction-outcome.js";

/** Time limit and cancellation of one record operation. */
export interface RecordOptions {
  /** 0: no time limit. Default: `recordTimeoutMs` of the client. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** The database that a task works for. */
export interface TaskContext extends RecordOwner {
  readonly id: number;
  readonly link: DaemonLink;
  readonly shared: SharedFile;
  /** All tasks that wait: they fail together when the connection is lost or the database is closed. */
  readonly waiting: WaitingSet<RecordTask>;
  readonly recordTimeoutMs: number;
  /** A handle was made; the database remembers it to take the lock away with the connection. */
  handleMade(handle: RecordHandle): void;
}

/** What a fetchLock and a read have in common: time limit, cancellation, waiting for the chain lock, the call to the daemon. */
export abstract class RecordTask implements ChainWaiter, PendingRequest, Waiting {
  readonly replyOperation = Operation.REPLY_CALL;
  readonly deadlineMs: number;
  private readonly timeoutMs: number;
  private stopListening: StopListening | undefined;
  protected reqid = 0;
  /** The file as it was when the task began: the database may have let go of it when the task ends. */
  protected readonly shared: SharedFile;

  constructor(
    protected readonly context: TaskContext,
    readonly key: Buffer,
    private readonly options: RecordOptions,
    private readonly operation: "fetchLock" | "read",
    protected readonly reject: (reason: unknown) => void,
  ) {
    this.shared = context.shared;
    this.timeoutMs = options.timeoutMs ?? context.recordTimeoutMs;
    this.deadlineMs = deadlineAfter(context.link.modules.clock, this.timeoutMs);
  }

  /** Starts. What ends in this turn, as most do, never gets into the set of those that wait. */
  start(): void {
    this.begin();
    if (this.isOver) return;
    this.stopListening = onAbort(this.options.signal, (reason) => this.fail(reason));
    this.context.waiting.add(this);
  }

  protected abstract begin(): void;
  abstract granted(): void;
  protected abstract replied(data: Buffer): void;
  /** Leaves every queue. Called once at the end, whatever the end is. */
  protected abstract leave(): void;
  protected abstract readonly waitsFor: RecordWait;
  protected abstract get isOver(): boolean;

  fail(reason: unknown): void {
    if (this.isOver) return;
    this.finish();
    this.reject(reason);
  }

  lockFailed(error: unknown): void {
    this.fail(error);
  }

  onReply(packet: Buffer): void {
    this.reqid = 0;
    try {
      if (packetOperation(packet) === Operation.REPLY_ERROR) {
        checkReplyError(packet);
        const text = replyErrorMessage(packet);
        this.fail(new CallFailedError(this.context.name, replyErrorStatus(packet), text));
        return;
      }
      checkReplyCall(packet);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.fail(new MalformedReplyError(`the reply to a call in ${this.context.name}`, error));
      return;
    }
    const status = replyCallStatus(packet);
    if (status === 0) this.replied(replyCallData(packet));
    else this.fail(new CallFailedError(this.context.name, status, ""));
  }

  onTimeout(): void {
    this.onDeadline();
  }

  onDeadline(): void {
    this.fail(new RecordTimeoutError(this.context.name, this.operation, this.timeoutMs, this.waitsFor));
  }

  onLost(error: ConnectionLostError): void {
    this.fail(error);
  }

  protected finish(): void {
    this.stopListening?.();
    this.context.waiting.delete(this);
    this.leave();
  }
}

/**
 * following: another fetchLock of this process fetches the same record. locking: waits for the chain lock. migrating: REQ_CALL is
 * out. held: the promise has its handle. failed: the promise was rejected.
 *
 *   following -> locking -> migrating -> locking -> ... -> held
 */
type FetchLockPhase = "new" | "following" | "locking" | "migrating" | "held" | "failed";

/**
 * Write access to a volatile record: lock the chain, look at the header; if the record is not ours, unlock, ask the daemon to
 * migrate it here (REQ_CALL NULL with IMMEDIATE_MIGRATION), and begin again when it answers.
 */
export class FetchLockTask extends RecordTask {
  private phase: FetchLockPhase = "new";
  private followers: FetchLockTask[] = [];
  private keyTextCache: string | undefined;

  constructor(
    context: TaskContext,
    key: Buffer,
    options: RecordOptions,
    private readonly resolve: (handle: RecordHandle) => void,
    reject: (reason: unknown) => void,
  ) {
    super(context, key, options, "fetchLock", reject);
  }

  /** Also called when the task that this one followed has ended. */
  override begin(): void {
    if (this.isOver || this.follows()) return;
    this.phase = "locking";
    this.shared.acquire(this, false);
  }

  granted(): void {
    const { shared } = this;
    const { link } = this.context;
    if (this.follows()) {
      shared.release(this.key);
      return;
    }
    let stored: Buffer | undefined;
    try {
      stored = shared.file.fetch(this.key);
    } catch (error) {
      shared.release(this.key);
      this.phase = "new";
      this.fail(error);
      return;
    }
    if (stored !== undefined && mayBeWritten(stored, link.pnn)) {
      const handle = new RecordHandle(this.context, shared.file, this.key, stored);
      this.phase = "held";
      this.finish();
      this.context.handleMade(handle);
      this.resolve(handle);
      return;
    }
    shared.release(this.key);
    this.migrate();
  }

  protected override get isOver(): boolean {
    return this.phase === "held" || this.phase === "failed";
  }

  protected override get waitsFor(): RecordWait {
    if (this.phase === "migrating") return "the record from another node";
    return this.phase === "following" || this.shared.heldHere(this.key)
      ? "a record handle of this process"
      : "the chain lock of another process";
  }

  protected override replied(): void {
    this.phase = "locking";
    // In front: who has fetched the record is served before it is asked away again.
    this.shared.acquire(this, true);
  }

  protected override leave(): void {
    const { shared } = this;
    const { link } = this.context;
    if (this.phase === "locking") shared.cancel(this);
    if (this.reqid !== 0) link.forget(this.reqid);
    if (this.phase !== "held") this.phase = "failed";
    if (shared.migrating.size > 0 && shared.migrating.get(this.keyText) === this) shared.migrating.delete(this.keyText);
    const followers = this.followers;
    this.followers = [];
    for (const follower of followers) follower.begin();
  }

  private migrate(): void {
    const { shared } = this;
    const { link, id } = this.context;
    this.phase = "migrating";
    shared.migrating.set(this.keyText, this);
    try {
      this.reqid = link.callMigrate(id, this.key, this);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Joins the task that fetches this record already, if there is one. */
  private follows(): boolean {
    const { migrating } = this.shared;
    if (migrating.size === 0) return false;
    const head = migrating.get(this.keyText);
    if (head === undefined || head === this) return false;
    this.phase = "following";
    head.followers.push(this);
    return true;
  }

  private get keyText(): string {
    this.keyTextCache ??= this.key.toString("latin1");
    return this.keyTextCache;
  }
}

/** A read without write access: looks at the stored record under its chain lock. */
abstract class ReadingTask<T> extends RecordTask {
  private over = false;

  constructor(
    context: TaskContext,
    key: Buffer,
    options: RecordOptions,
    private readonly resolve: (value: T) => void,
    reject: (reason: unknown) => void,
  ) {
    super(context, key, options, "read", reject);
  }

  protected override begin(): void {
    this.shared.acquire(this, false);
  }

  granted(): void {
    const { shared } = this;
    try {
      this.take(shared.file.fetch(this.key));
    } catch (error) {
      this.fail(error);
    }
    shared.release(this.key);
  }

  /** `stored` is a view that the next fetch overwrites. What it throws fails the task. */
  protected abstract take(stored: Buffer | undefined): void;

  protected override get isOver(): boolean {
    return this.over;
  }

  protected override get waitsFor(): RecordWait {
    return this.shared.heldHere(this.key) ? "a record handle of this process" : "the chain lock of another process";
  }

  protected override leave(): void {
    this.over = true;
    this.shared.cancel(this);
    if (this.reqid !== 0) this.context.link.forget(this.reqid);
  }

  protected end(value: T): void {
    this.finish();
    this.resolve(value);
  }
}

/**
 * Reads the local copy if it is current; else REQ_CALL FETCH. With an outdated local copy WANT_READONLY asks for a read-only copy,
 * which leaves the record where it is if the database allows that; else the record moves here.
 */
export class ReadTask extends ReadingTask<Buffer | undefined> {
  private calling = false;

  protected override take(stored: Buffer | undefined): void {
    const { link, id } = this.context;
    if (stored !== undefined && mayBeRead(stored, link.pnn)) {
      this.end(stored.length > RECORD_HEADER_SIZE ? Buffer.from(stored.subarray(RECORD_HEADER_SIZE)) : undefined);
      return;
    }
    this.calling = true;
    this.reqid = link.callFetch(id, this.key, stored !== undefined && stored.length >= RECORD_HEADER_SIZE, this);
  }

  protected override get waitsFor(): RecordWait {
    return this.calling ? "the record from another node" : super.waitsFor;
  }

  protected override replied(data: Buffer): void {
    this.end(data.length === 0 ? undefined : Buffer.from(data));
  }
}

/** Reads the copy of this node as it is, header included. For databases that have all records on each node. */
export class StoredReadTask extends ReadingTask<StoredRecord> {
  protected override take(stored: Buffer | undefined): void {
    this.end(storedRecord(stored === undefined ? undefined : Buffer.from(stored)));
  }

  /** It calls nobody. */
  protected override replied(): void {}
}
