// The cluster-wide lock of a database's transactions: a record of g_lock.tdb with an entry for each holder, in the format that
// the C tool uses. Called by transaction.ts.
import { setTimeout as delay } from "node:timers/promises";
import type { Database, RecordHandle } from "../../client/index.js";
import { type ServerId, ToolGLock } from "../../protocol/index.js";
import type { ClusterContext } from "../command.js";
import { CommandFailure, Errno } from "../errors.js";

const LOCK_DATABASE = "g_lock.tdb";
const ENTRY_BYTES = 32;
const RETRY_INTERVAL_MS = 1;
/** No limit but that of the whole run. */
const NO_LIMIT = { timeoutMs: 0 };

export const LockType = { READ: 0, WRITE: 1 } as const;
export type LockType = (typeof LockType)[keyof typeof LockType];

/** The holders that a lock record names; undefined where Samba, which has another format, holds the lock. */
export function decodeHolders(data: Uint8Array): ToolGLock[] | undefined {
  if (data.length % ENTRY_BYTES !== 0) return undefined;
  return Array.from({ length: data.length / ENTRY_BYTES }, (_, index) =>
    ToolGLock.decode(data.subarray(index * ENTRY_BYTES, (index + 1) * ENTRY_BYTES)),
  );
}

export function encodeHolders(holders: readonly ToolGLock[]): Buffer {
  return Buffer.concat(holders.map((holder) => ToolGLock.encode(holder)));
}

function sameServer(a: ServerId, b: ServerId): boolean {
  return a.pid === b.pid && a.taskId === b.taskId && a.vnn === b.vnn && a.uniqueId === b.uniqueId;
}

export class TransactionLock {
  readonly #context: ClusterContext;
  readonly #database: Database;
  readonly #key: Buffer;
  readonly #self: ServerId;

  private constructor(context: ClusterContext, database: Database, databaseId: number) {
    this.#context = context;
    this.#database = database;
    this.#key = Buffer.from(`transaction_db_0x${databaseId.toString(16).padStart(8, "0")}\0`);
    this.#self = {
      pid: BigInt(process.pid),
      taskId: databaseId,
      vnn: context.localPnn,
      uniqueId: (BigInt(databaseId) << 32n) | BigInt(process.pid),
    };
  }

  /** Waits for the lock; there is no limit but that of the whole run. Complains and throws CommandFailure. */
  static async take(context: ClusterContext, databaseId: number, type: LockType): Promise<TransactionLock> {
    const lock = new TransactionLock(context, await context.cluster.client.attach(LOCK_DATABASE), databaseId);
    while (!(await lock.#try(type))) await delay(RETRY_INTERVAL_MS);
    return lock;
  }

  async #try(type: LockType): Promise<boolean> {
    const record = await this.#database.fetchLock(this.#key, NO_LIMIT);
    try {
      const holders = decodeHolders(record.value ?? Buffer.alloc(0));
      if (holders === undefined) return false;
      const alive: ToolGLock[] = [];
      for (const holder of holders) {
        const conflicts = holder.type === LockType.WRITE || type === LockType.WRITE;
        if (sameServer(holder.server, this.#self)) {
          this.#context.terminal.complain(`g_lock_lock: ${this.#key.toString("latin1").slice(0, -1)} deadlock`);
          throw new CommandFailure(Errno.EDEADLK);
        }
        if (conflicts) {
          if (await this.#exists(holder.server)) return false;
        } else {
          alive.push(holder);
        }
      }
      record.store(encodeHolders([...alive, { type, server: this.#self }]));
      return true;
    } finally {
      record.release();
    }
  }

  async #exists(server: ServerId): Promise<boolean> {
    const outcome = await this.#context.cluster.tryControl("PROCESS_EXISTS", Number(server.pid), server.vnn, "none");
    return outcome.ok;
  }

  /** Takes our entry out of the record. */
  async release(): Promise<void> {
    const record: RecordHandle = await this.#database.fetchLock(this.#key, NO_LIMIT);
    const holders = decodeHolders(record.value ?? Buffer.alloc(0)) ?? [];
    const others = holders.filter((holder) => !sameServer(holder.server, this.#self));
    if (others.length === 0) record.delete();
    else record.store(encodeHolders(others));
    record.release();
    await this.#context.cluster.flushed();
  }
}
