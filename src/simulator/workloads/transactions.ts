// Workloads on databases of which each node has a full copy: transactions, and locks of the whole cluster.
import type { DatabaseType } from "../../client/index.js";
import { ExclusionHistory } from "../checks/exclusion-history.js";
import { NO_TOKEN, TransactionHistory } from "../checks/transaction-history.js";
import { type QuietContext, type Session, textOf, type Workload, type WorkloadContext } from "./workload.js";

const FIRST_KEY = "first";
const SECOND_KEY = "second";
const SEQUENCE_NUMBER_KEY = "__db_sequence_number__\0";
const TIMEOUT_MS = 60_000;

/** Each transaction reads the token of the one before from two records, and writes its own to both. */
export class Transactions implements Workload {
  readonly history: TransactionHistory;
  readonly name: string;
  private readonly database: string;
  private tokens = 0;

  constructor(
    context: WorkloadContext,
    private readonly type: DatabaseType,
    readonly pauseMs: number,
  ) {
    this.name = type;
    this.database = `${type}.tdb`;
    const onDisk = type === "persistent";
    this.history = new TransactionHistory(
      this.database,
      onDisk,
      context.world.time,
      context.membership,
      context.findings,
    );
  }

  async prepare(session: Session): Promise<() => Promise<void>> {
    const database = await session.client.attach(this.database, { type: this.type });
    return async () => {
      const token = await database.transaction(
        async (transaction) => {
          const first = textOf(await transaction.fetch(FIRST_KEY)) ?? NO_TOKEN;
          const second = textOf(await transaction.fetch(SECOND_KEY)) ?? NO_TOKEN;
          const token = `${this.type}${++this.tokens}`;
          this.history.tried(token, [first, second]);
          transaction.store(FIRST_KEY, Buffer.from(token));
          transaction.store(SECOND_KEY, Buffer.from(token));
          return token;
        },
        { timeoutMs: TIMEOUT_MS },
      );
      this.history.committed(token);
    };
  }

  judge({ records }: QuietContext): void {
    const [copy] = records(this.database).values();
    if (copy === undefined) return;
    const text = (key: string): string => textOf(copy.get(key)?.data) ?? NO_TOKEN;
    const number = copy.get(SEQUENCE_NUMBER_KEY)?.data;
    const sequenceNumber = number?.length === 8 ? Number(Buffer.from(number).readBigUInt64LE()) : 0;
    this.history.check([text(FIRST_KEY), text(SECOND_KEY)], sequenceNumber);
  }
}

/** Locks by name that are held for a while. */
export class ClusterLocks implements Workload {
  readonly name: string = "g_lock";
  readonly history: ExclusionHistory;

  constructor(
    context: WorkloadContext,
    readonly pauseMs: number,
  ) {
    this.history = new ExclusionHistory(context.world.time, context.membership, context.findings);
  }

  async prepare(session: Session): Promise<() => Promise<void>> {
    const { client, random, process, name } = session;
    let release: (() => void) | undefined;
    process.process.onEnd(() => release?.());
    return async () => {
      const lock = await client.gLock(`lock${random.below(2)}`, { timeoutMs: TIMEOUT_MS });
      if (!lock.isHeld) return;
      release = this.history.taken(lock.name, name, client.pnn);
      lock.lost.addEventListener("abort", release);
      await process.sleep(random.between(0, 100));
      release();
      await lock.release();
    };
  }

  judge(): void {
    this.history.judge();
  }
}
