// A transaction on a persistent or replicated database: reads from the local file, writes gathered and committed on all nodes
// at once (control TRANS3_COMMIT). Called by pfetch, pstore, pdelete and ptrans.
import { RECORD_HEADER_SIZE, type RecData, writeRecordHeader } from "../../protocol/index.js";
import type { TdbFile } from "../../tdb/tdb-file.js";
import type { ClusterContext } from "../command.js";
import { CommandFailure, Errno } from "../errors.js";
import { type AttachedDatabase, attachForRecords } from "./attach.js";
import { findDatabase, isVolatile } from "./databases.js";
import { openDatabaseFile } from "./local-file.js";
import { storedRecord } from "./stored-record.js";
import { LockType, TransactionLock } from "./transaction-lock.js";

const SEQUENCE_NUMBER_KEY = Buffer.from("__db_sequence_number__\0");
const SEQUENCE_NUMBER_BYTES = 8;

interface Value {
  readonly rsn: number;
  readonly data: Buffer;
}

const MISSING: Value = { rsn: 0, data: Buffer.alloc(0) };

/** A database that has transactions, attached and its file open. */
export interface TransactionDatabase {
  readonly db: AttachedDatabase;
  readonly file: TdbFile;
}

/** The persistent or replicated database that `text` names. Complains and throws CommandFailure. */
export async function openTransactional(context: ClusterContext, text: string): Promise<TransactionDatabase> {
  const found = await findDatabase(context, text);
  if (isVolatile(found.flags)) {
    context.terminal.complain(`Transactions not supported on DB ${found.name}`);
    throw new CommandFailure(1);
  }
  const db = await attachForRecords(context, found);
  return { db, file: openDatabaseFile(db, context.terminal) };
}

export class Transaction {
  readonly #context: ClusterContext;
  readonly #database: TransactionDatabase;
  readonly #lock: TransactionLock;
  /** The newest value of each key that was written, and all writes in their order. */
  readonly #newest = new Map<string, Value>();
  readonly #writes: RecData[] = [];

  private constructor(context: ClusterContext, database: TransactionDatabase, lock: TransactionLock) {
    this.#context = context;
    this.#database = database;
    this.#lock = lock;
  }

  /** Waits for the lock of the database. Complains and throws CommandFailure. */
  static async start(context: ClusterContext, database: TransactionDatabase, type: LockType): Promise<Transaction> {
    return new Transaction(context, database, await TransactionLock.take(context, database.db.id, type));
  }

  #value(key: Buffer): Value {
    const written = this.#newest.get(key.toString("latin1"));
    if (written !== undefined) return written;
    const stored = this.#database.file.fetch(key);
    const record = stored === undefined ? undefined : storedRecord(key, stored);
    return record === undefined ? MISSING : { rsn: Number(record.rsn), data: Buffer.from(record.data) };
  }

  /** The data of a record, with what this transaction has written; empty for a missing one. */
  fetch(key: Buffer): Buffer {
    return this.#value(key).data;
  }

  /** Stores the data; nothing is written where it is there already. Empty data deletes. */
  store(key: Buffer, data: Buffer): void {
    const before = this.#value(key);
    if (before.data.equals(data)) return;
    const rsn = before.rsn + 1;
    const stored = Buffer.alloc(RECORD_HEADER_SIZE + data.length);
    writeRecordHeader(stored, 0, rsn, this.#context.localPnn, 0);
    data.copy(stored, RECORD_HEADER_SIZE);
    this.#newest.set(key.toString("latin1"), { rsn, data });
    this.#writes.push({ reqid: 0, key, data: stored });
  }

  #sequenceNumber(): bigint {
    const stored = this.#database.file.fetch(SEQUENCE_NUMBER_KEY);
    const data = stored === undefined ? undefined : storedRecord(SEQUENCE_NUMBER_KEY, stored)?.data;
    return data?.length === SEQUENCE_NUMBER_BYTES ? Buffer.from(data).readBigUInt64LE(0) : 0n;
  }

  /** Commits what was written on all nodes, and ends the transaction. Complains and throws CommandFailure. */
  async commit(): Promise<void> {
    try {
      if (this.#writes.length > 0) await this.#commitWrites();
    } finally {
      await this.#lock.release();
    }
  }

  async #commitWrites(): Promise<void> {
    const { cluster, terminal, localPnn } = this.#context;
    const { db } = this.#database;
    const before = this.#sequenceNumber();
    const next = Buffer.alloc(SEQUENCE_NUMBER_BYTES);
    next.writeBigUInt64LE(before + 1n);
    this.store(SEQUENCE_NUMBER_KEY, next);
    const request = { dbId: db.id, records: this.#writes };
    for (;;) {
      const outcome = await cluster.tryControl("TRANS3_COMMIT", request, localPnn, "none");
      if (outcome.ok) return;
      // A recovery may have ended the commit: the sequence number tells whether it happened.
      const now = this.#sequenceNumber();
      if (now === before + 1n) return;
      if (now !== before) {
        terminal.complain(
          `transaction_commit: ${db.name} seqnum mismatch 0x${now.toString(16)} != 0x${before.toString(16)} + 1`,
        );
        throw new CommandFailure(Errno.EIO);
      }
    }
  }

  /** Ends the transaction without a change. */
  cancel(): Promise<void> {
    return this.#lock.release();
  }
}

/** Runs `body` in a write transaction and commits, with the complaints of the C tool. Throws CommandFailure. */
export async function inWriteTransaction(
  context: ClusterContext,
  database: TransactionDatabase,
  body: (transaction: Transaction) => Promise<void> | void,
): Promise<void> {
  const { name } = database.db;
  const transaction = await startTransaction(context, database, LockType.WRITE);
  await body(transaction);
  try {
    await transaction.commit();
  } catch (error) {
    if (error instanceof CommandFailure) context.terminal.complain(`Failed to commit transaction on db ${name}`);
    throw error;
  }
}

/** As Transaction.start, with the complaint of the C tool. */
export async function startTransaction(
  context: ClusterContext,
  database: TransactionDatabase,
  type: LockType,
): Promise<Transaction> {
  try {
    return await Transaction.start(context, database, type);
  } catch (error) {
    if (error instanceof CommandFailure) {
      context.terminal.complain(`Failed to start transaction on db ${database.db.name}`);
    }
    throw error;
  }
}
