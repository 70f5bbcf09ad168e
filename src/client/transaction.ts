// Transactions on persistent and replicated databases: a lock in g_lock.tdb keeps others out, reads come from this node's file,
// writes are gathered and go to all nodes at once (TRANS3_COMMIT, control 119). database.ts offers them.
//
//   lock -> run the function -> commit --status 0--> done
//     ^                          ^  | cut short by a recovery, a timeout, the loss of the connection:
//     |                          |  | wait until all nodes have the same, and look
//     |                          |  |--it is there--> done
//     |                          |--+--it is not, and nothing has changed
//     '-----------------------------+--it is not, and others have changed the database
import { NodeFlag, RECORD_HEADER_SIZE, type RecData, RecoveryMode, writeRecordHeader } from "../protocol/index.js";
import type { DaemonLink } from "./daemon-link.js";
import {
  ClientError,
  ConnectionLostError,
  ControlFailedError,
  DatabaseClosedError,
  TransactionConflictError,
  TransactionEndedError,
  TransactionTimeoutError,
  TransactionUnknownOutcomeError,
} from "./errors.js";
import type { RecordOptions } from "./fetch-lock.js";
import type { GLock, GLocks } from "./g-lock.js";
import type { GLockFormat, GLockMode } from "./g-lock-record.js";
import { isLimit, type TraversedRecord } from "./record-queue.js";
import { deadlineAfter } from "./time.js";
import { type ChangedRecord, outcomeOf, rsnAfter, type StoredRecord } from "./transaction-outcome.js";
import type { LocalTraverseOptions } from "./traverse.js";

export interface TransactionOptions {
  /** Limit for all of it, the waiting for the lock included; 0: none. Default: `recordTimeoutMs` of the client. */
  readonly timeoutMs?: number;
  /** Gives up, until the commit is sent. */
  readonly signal?: AbortSignal;
  /** How often the function is run at most. Default 10. */
  readonly attempts?: number;
  /**
   * Format of the lock, default "samba": it keeps out smbd, `net` and programs of this library. "ctdb": the ctdb tool's `pstore`,
   * `pdelete`, `ptrans` and programs of this library.
   */
  readonly lockFormat?: GLockFormat;
}

/** The database that a transaction works on. */
export interface TransactionDatabase {
  readonly id: number;
  readonly name: string;
  readonly link: DaemonLink;
  readonly recordTimeoutMs: number;
  readStored(key: Uint8Array, options: RecordOptions): Promise<StoredRecord>;
  traverseLocal(options: LocalTraverseOptions): AsyncGenerator<TraversedRecord, void, undefined>;
}

/** What the transactions of one client share. */
export interface TransactionModules {
  readonly gLocks: GLocks;
  readonly commits: CommitTurns;
}

const SEQUENCE_NUMBER_KEY = Buffer.from("__db_sequence_number__\0");
const SEQUENCE_NUMBER_BYTES = 8;
const ATTEMPTS = 10;
/** How soon it is looked what became of a commit, doubled each time. */
const SETTLE_MIN_MS = 5;
const SETTLE_MAX_MS = 500;
const REFUSED = -1;
const NO_BYTES = Buffer.alloc(0);

/** A daemon takes one commit at a time from a connection, whatever database it is for. */
export class CommitTurns {
  private last: Promise<unknown> = Promise.resolve();

  /** Runs `commit` when those before have ended. */
  run<T>(commit: () => Promise<T>): Promise<T> {
    const result = this.last.then(commit);
    this.last = result.catch(() => {});
    return result;
  }
}

/** A database as it is while its lock is held: nobody commits meanwhile. Made by `db.readTransaction`. */
export class TransactionView {
  private ended = false;

  constructor(
    protected readonly database: TransactionDatabase,
    protected readonly limits: RecordOptions,
  ) {}

  /** The value of a record; undefined if there is none. */
  async fetch(key: Uint8Array | string): Promise<Buffer | undefined> {
    this.requireOpen();
    const { value } = await this.database.readStored(keyBytes(key), this.limits);
    return value.length === 0 ? undefined : value;
  }

  /** All records, in no order. */
  async *traverse(): AsyncGenerator<{ readonly key: Buffer; readonly value: Buffer }, void, undefined> {
    this.requireOpen();
    const { signal } = this.limits;
    for await (const { key, value } of this.database.traverseLocal(signal === undefined ? {} : { signal })) {
      this.requireOpen();
      if (value !== undefined && !key.equals(SEQUENCE_NUMBER_KEY)) yield { key, value };
    }
  }

  /** Called when the function has ended: nothing may be read or written any more. */
  end(): void {
    this.ended = true;
  }

  protected requireOpen(): void {
    if (this.ended) throw new TransactionEndedError(this.database.name);
  }
}

interface Written {
  readonly key: Buffer;
  /** Empty: delete. */
  readonly value: Buffer;
}

/** Made by `db.transaction`. What is written is seen by `fetch` and `traverse` of this transaction, and by others after the commit. */
export class Transaction extends TransactionView {
  private readonly written = new Map<string, Written>();

  override async fetch(key: Uint8Array | string): Promise<Buffer | undefined> {
    this.requireOpen();
    const written = this.written.get(textOf(keyBytes(key)));
    if (written === undefined) return super.fetch(key);
    return written.value.length === 0 ? undefined : Buffer.from(written.value);
  }

  /** An empty value is the same as `delete`. */
  store(key: Uint8Array | string, value: Uint8Array | string): void {
    this.requireOpen();
    const bytes = Buffer.from(keyBytes(key));
    if (bytes.equals(SEQUENCE_NUMBER_KEY)) throw new RangeError("the sequence number is raised by the commit");
    this.written.set(textOf(bytes), { key: bytes, value: Buffer.from(value) });
  }

  delete(key: Uint8Array | string): void {
    this.store(key, NO_BYTES);
  }

  override async *traverse(): AsyncGenerator<{ readonly key: Buffer; readonly value: Buffer }, void, undefined> {
    const written = new Map(this.written);
    for await (const record of super.traverse()) {
      if (!written.has(textOf(record.key))) yield record;
    }
    for (const { key, value } of written.values()) {
      if (value.length > 0) yield { key, value: Buffer.from(value) };
    }
  }

  /** The records that are to be changed, with what is stored of them now. */
  async changes(): Promise<ChangedRecord[]> {
    const changes: ChangedRecord[] = [];
    for (const { key, value } of this.written.values()) {
      const before = await this.database.readStored(key, this.limits);
      if (!before.value.equals(value)) changes.push({ key, before, value });
    }
    return changes;
  }
}

/** Runs `fn` in a transaction; see `db.transaction`. */
export async function runTransaction<T>(
  database: TransactionDatabase,
  modules: TransactionModules,
  fn: (transaction: Transaction) => T | Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  const limits = new Limits(database, options);
  const attempts = options.attempts ?? ATTEMPTS;
  let doubt: Doubt | undefined;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const lock = await takeLock(database, modules, "write", options, limits);
    try {
      const before = await sequenceNumber(database, limits.rest());
      const transaction = new Transaction(database, limits.rest());
      let result: T;
      try {
        result = await fn(transaction);
      } finally {
        transaction.end();
      }
      const commit = new Commit(database, modules.commits, lock, limits, before.number, await transaction.changes());
      if (await commit.run()) return result;
      doubt = commit.lastingDoubt;
    } finally {
      await lock.release();
    }
  }
  if (doubt !== undefined) throw unknownOutcome(database, doubt);
  throw new TransactionConflictError(database.name, attempts);
}

/** Runs `fn` while nobody commits; see `db.readTransaction`. */
export async function runReadTransaction<T>(
  database: TransactionDatabase,
  modules: TransactionModules,
  fn: (view: TransactionView) => T | Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  const limits = new Limits(database, options);
  const lock = await takeLock(database, modules, "read", options, limits);
  const view = new TransactionView(database, limits.rest());
  try {
    return await fn(view);
  } finally {
    view.end();
    await lock.release();
  }
}

function takeLock(
  database: TransactionDatabase,
  { gLocks }: TransactionModules,
  mode: GLockMode,
  options: TransactionOptions,
  limits: Limits,
): Promise<GLock> {
  const name = `transaction_db_0x${database.id.toString(16).padStart(8, "0")}`;
  return gLocks.take(name, { mode, format: options.lockFormat ?? "samba", ...limits.rest() });
}

/** What is left of the time, for each step of a transaction. */
class Limits {
  readonly timeoutMs: number;
  readonly deadlineMs: number;
  private readonly signal: AbortSignal | undefined;

  constructor(
    private readonly database: TransactionDatabase,
    options: TransactionOptions,
  ) {
    this.timeoutMs = options.timeoutMs ?? database.recordTimeoutMs;
    this.deadlineMs = deadlineAfter(database.link.modules.clock, this.timeoutMs);
    this.signal = options.signal;
  }

  get leftMs(): number {
    return this.deadlineMs - this.database.link.modules.clock.now();
  }

  /** Without the signal: for what has to be finished. */
  restOfTime(): { readonly timeoutMs: number } {
    return { timeoutMs: isLimit(this.timeoutMs) ? Math.max(this.leftMs, 1) : 0 };
  }

  rest(): RecordOptions {
    const { signal } = this;
    signal?.throwIfAborted();
    return signal === undefined ? this.restOfTime() : { ...this.restOfTime(), signal };
  }
}

/** The stored sequence number, as a record that can be changed. */
async function sequenceNumber(
  database: TransactionDatabase,
  options: RecordOptions,
): Promise<{ readonly number: number; readonly record: StoredRecord }> {
  const record = await database.readStored(SEQUENCE_NUMBER_KEY, options);
  const { value } = record;
  return { number: value.length === SEQUENCE_NUMBER_BYTES ? Number(value.readBigUInt64LE(0)) : 0, record };
}

/** Why it is not known whether a transaction is stored. */
interface Doubt {
  readonly cause: unknown;
}

function unknownOutcome(database: TransactionDatabase, { cause }: Doubt): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TransactionUnknownOutcomeError(database.name, reason, { cause });
}

/** What the nodes that are there agree on. `complete`: none is away that may have stored what these have not. */
interface Settled {
  readonly number: number;
  readonly complete: boolean;
}

/**
 * The commit of one transaction, and the search for what became of it.
 *
 * A node that has stored it and died brings it back when it returns, unless the others have gone on to a higher sequence number by
 * then. So a commit that was cut short is only known not to be stored when all nodes are there, or when others have committed since.
 * As long as the lock is held nobody else can: then the same is sent again, which is right either way.
 */
class Commit {
  private doubt: Doubt | undefined;
  private complete = true;
  private pauseMs = SETTLE_MIN_MS;

  constructor(
    private readonly database: TransactionDatabase,
    private readonly turns: CommitTurns,
    private readonly lock: GLock,
    private readonly limits: Limits,
    /** Sequence number when the transaction began. */
    private readonly before: number,
    private readonly changes: readonly ChangedRecord[],
  ) {}

  /** True: it is stored. False: it is not, because others have changed the database. Throws when neither can be had. */
  async run(): Promise<boolean> {
    if (this.changes.length === 0) return true;
    const { number, record } = await sequenceNumber(this.database, this.limits.rest());
    if (number !== this.before) return false;
    const next = Buffer.alloc(SEQUENCE_NUMBER_BYTES);
    next.writeBigUInt64LE(BigInt(number + 1));
    const changes = [...this.changes, { key: SEQUENCE_NUMBER_KEY, before: record, value: next }];
    const request = { dbId: this.database.id, records: changes.map((change) => this.marshalled(change)) };
    while (true) {
      let failure: unknown;
      let sent = false;
      try {
        await this.turns.run(() => {
          if (!this.lock.isHeld) throw this.lock.lost.reason;
          sent = true;
          return this.database.link.control("TRANS3_COMMIT", request, this.limits.restOfTime());
        });
        return true;
      } catch (error) {
        if (!sent || !(error instanceof ClientError)) throw error;
        failure = error;
      }
      if (!(failure instanceof ControlFailedError && failure.status === REFUSED)) this.doubt ??= { cause: failure };
      const outcome = await this.look(changes, failure);
      if (outcome === "committed") return true;
      if (outcome === "changed") return false;
      if (outcome === "unknown") {
        const reason = "it was cut short, and others have changed the database since";
        throw new TransactionUnknownOutcomeError(this.database.name, reason, { cause: failure });
      }
      // Without the lock others may be at work by now.
      if (!this.lock.isHeld) return false;
    }
  }

  /** After `run` gave false: the transaction may still come back, with a node that is away. */
  get lastingDoubt(): Doubt | undefined {
    return this.complete ? undefined : this.doubt;
  }

  private marshalled(change: ChangedRecord): RecData {
    const data = Buffer.alloc(RECORD_HEADER_SIZE + change.value.length);
    writeRecordHeader(data, 0, rsnAfter(change), this.database.link.pnn, change.before.flags);
    change.value.copy(data, RECORD_HEADER_SIZE);
    return { reqid: 0, key: change.key, data };
  }

  /** Waits until no recovery runs and all nodes have the same sequence number; then the file of this node tells. */
  private async look(changes: readonly ChangedRecord[], failure: unknown) {
    const { database, limits } = this;
    while (true) {
      await this.pause(failure);
      try {
        const settled = await this.settled();
        if (settled === undefined) continue;
        this.complete = settled.complete;
        const stored: StoredRecord[] = [];
        for (const { key } of changes) stored.push(await database.readStored(key, limits.restOfTime()));
        // If others have committed while the records were read, they do not belong together.
        if ((await sequenceNumber(database, limits.restOfTime())).number !== settled.number) continue;
        const outcome = outcomeOf(this.before, settled.number, changes, stored, this.lock.isHeld);
        if (outcome === "committed" || outcome === "unknown") return outcome;
        if (outcome === "unchanged" && this.lock.isHeld) return outcome;
        if (this.doubt === undefined || settled.complete || settled.number > this.before + 1) return outcome;
      } catch (error) {
        if (!(error instanceof ClientError) || error instanceof TransactionUnknownOutcomeError) throw error;
        if (database.link.state === "closed" || error instanceof DatabaseClosedError) throw this.gaveUp(error);
        // Recoveries come one after the other, nodes go, the connection may come back: until the time is over.
      }
    }
  }

  private async pause(failure: unknown): Promise<void> {
    const { link } = this.database;
    if (link.state === "closed" || this.limits.leftMs <= 0) throw this.gaveUp(failure);
    const delayMs = Math.min(this.pauseMs, this.limits.leftMs);
    this.pauseMs = Math.min(this.pauseMs * 2, SETTLE_MAX_MS);
    await new Promise<void>((resolve) => link.modules.timers.after(delayMs, resolve));
  }

  private gaveUp(failure: unknown): Error {
    const { name } = this.database;
    if (this.doubt !== undefined) return unknownOutcome(this.database, this.doubt);
    if (failure instanceof ConnectionLostError) return failure;
    return new TransactionTimeoutError(name, this.limits.timeoutMs, { cause: failure });
  }

  /** The sequence number that all active nodes have, this one among them; undefined if there is none now. */
  private async settled(): Promise<Settled | undefined> {
    const { link, id } = this.database;
    const limit = this.limits.restOfTime();
    if ((await link.control("GET_RECMODE", undefined, limit)) !== RecoveryMode.NORMAL) return undefined;
    const { nodes } = await link.control("GET_NODEMAP", undefined, limit);
    const known = nodes.filter(({ flags }) => (flags & NodeFlag.DELETED) === 0);
    const active = known.filter(({ flags }) => (flags & NodeFlag.INACTIVE) === 0).map(({ pnn }) => pnn);
    if (!active.includes(link.pnn)) return undefined;
    const numbers = await Promise.all(active.map((pnn) => link.control("GET_DB_SEQNUM", id, { ...limit, pnn })));
    const [number] = numbers;
    if (number === undefined || numbers.some((other) => other !== number)) return undefined;
    return { number, complete: active.length === known.length };
  }
}

function keyBytes(key: Uint8Array | string): Uint8Array {
  return typeof key === "string" ? Buffer.from(key) : key;
}

function textOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString("latin1");
}
