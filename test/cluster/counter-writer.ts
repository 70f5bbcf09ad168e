// Transactions of the client library that raise a counter all writers share and one of their own, and what must be there afterwards.
import assert from "node:assert/strict";
import {
  type Client,
  ClientError,
  connect,
  type Database,
  type DatabaseType,
  type TransactionOptions,
  TransactionUnknownOutcomeError,
} from "../../src/client/index.js";
import type { StoredRecord } from "../interop/record-dump.js";
import type { ClusterNode } from "./cluster-node.js";
import { sequenceNumberIn } from "./persistent-files.js";

const COUNTER = "counter";

/** One writer: a client of a node that comes back when the node does. */
export class CounterWriter {
  /** Transactions that were said to be stored. */
  acknowledged = 0;
  /** Those of which it could not be said. */
  unknown = 0;
  /** Those that were said not to be stored. */
  refused = 0;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  private constructor(
    readonly name: string,
    readonly client: Client,
    readonly database: Database,
    private readonly options: TransactionOptions,
  ) {}

  static async open(
    node: ClusterNode,
    database: string,
    type: DatabaseType,
    name: string,
    options: TransactionOptions = {},
  ): Promise<CounterWriter> {
    const client = await connect({ socketPath: node.socketPath, reconnect: { maxDelayMs: 200 } });
    return new CounterWriter(name, client, await client.attach(database, { type }), options);
  }

  /** One transaction. Throws what it throws. */
  raise(): Promise<void> {
    return raiseCounters(this.database, this.name, this.options);
  }

  /** Raises until `stop`; failures are counted. */
  start(): void {
    this.stopped = false;
    this.running = this.keepRaising();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private async keepRaising(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.raise();
        this.acknowledged++;
      } catch (error) {
        if (error instanceof TransactionUnknownOutcomeError) this.unknown++;
        else if (error instanceof ClientError) this.refused++;
        else throw error;
        // The node is away: look again soon.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }
}

/** One transaction that raises the shared counter and the own one. */
export function raiseCounters(database: Database, name: string, options: TransactionOptions): Promise<void> {
  return database.transaction(async (transaction) => {
    for (const key of [COUNTER, name]) {
      transaction.store(key, String(1 + Number((await transaction.fetch(key)) ?? 0)));
    }
  }, options);
}

/** Checks records of a quiet cluster: every transaction that was acknowledged is there, none is half there. */
export function checkCounters(
  records: ReadonlyMap<string, StoredRecord>,
  writers: readonly { readonly name: string; readonly acknowledged: number; readonly unknown: number }[],
): void {
  const numberOf = (key: string): number => Number(records.get(key)?.value.toString() ?? 0);
  let sum = 0;
  for (const { name, acknowledged, unknown } of writers) {
    const own = numberOf(name);
    sum += own;
    assert.ok(own >= acknowledged, `${name}: ${acknowledged} were acknowledged, ${own} are there`);
    assert.ok(
      own <= acknowledged + unknown,
      `${name}: ${own} are there of ${acknowledged} and ${unknown} unknown ones`,
    );
  }
  assert.equal(numberOf(COUNTER), sum, "the shared counter is the sum of the others");
  assert.equal(sequenceNumberIn(records), sum, "one sequence number for each transaction");
}
