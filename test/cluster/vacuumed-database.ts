// A volatile database with a client on each node, whose records are deleted: what the tests of the vacuuming do with it and see of it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type Client, connect, type Database, type LockedRecord } from "../../src/client/index.js";
import { dumpFile } from "../interop/record-dump.js";
import { awaitCondition } from "./await-condition.js";
import type { LocalCluster } from "./local-cluster.js";

export const VACUUM_INTERVAL_S = 1;
const LIMIT_MS = 120_000;
const AT_A_TIME = 16;

export class VacuumedDatabase implements AsyncDisposable {
  private constructor(
    readonly cluster: LocalCluster,
    readonly name: string,
    readonly clients: readonly Client[],
    private readonly databases: readonly Database[],
  ) {}

  static async attach(
    cluster: LocalCluster,
    name: string,
    options: { readonly readOnlyCopies?: boolean } = {},
  ): Promise<VacuumedDatabase> {
    await cluster.attach(name);
    const clients = await Promise.all(cluster.nodes.map((node) => connect({ socketPath: node.socketPath })));
    const readonly = options.readOnlyCopies === true;
    const databases = await Promise.all(clients.map((client) => client.attach(name, { readonly })));
    return new VacuumedDatabase(cluster, name, clients, databases);
  }

  /** As a client of that node sees it. */
  on(pnn: number): Database {
    const database = this.databases[pnn];
    assert.ok(database, `node ${pnn}`);
    return database;
  }

  client(pnn: number): Client {
    const client = this.clients[pnn];
    assert.ok(client, `node ${pnn}`);
    return client;
  }

  store(pnn: number, keys: readonly string[], value: string): Promise<void> {
    return this.withEach(pnn, keys, (record) => record.store(Buffer.from(value)));
  }

  remove(pnn: number, keys: readonly string[]): Promise<void> {
    return this.withEach(pnn, keys, (record) => record.delete());
  }

  /** Some records at a time, as most of the time is spent on their way from node to node. */
  private async withEach(pnn: number, keys: readonly string[], work: (record: LockedRecord) => void): Promise<void> {
    const rest = [...keys];
    const one = async (): Promise<void> => {
      for (let key = rest.pop(); key !== undefined; key = rest.pop()) await this.on(pnn).withRecord(key, work);
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, one));
  }

  async read(pnn: number, key: string): Promise<string | undefined> {
    return (await this.on(pnn).read(key))?.toString();
  }

  /** Reads a record by a read-only copy, also where there is no old copy yet: there the client library would fetch the record. */
  async readCopy(pnn: number, key: string): Promise<string | undefined> {
    const probe = await this.cluster.node(pnn).probe();
    const value = await probe.call(this.on(pnn).id, Buffer.from(key), { migrate: false, readOnlyCopy: true });
    return value.length === 0 ? undefined : value.toString();
  }

  /** Vacuum runs of a node that have come to their end, one way or the other. */
  async runs(pnn: number): Promise<number> {
    return (await this.client(pnn).control("GET_DB_STATISTICS", this.on(pnn).id)).vacuum.latency.num;
  }

  /** Waits until each node has ended so many runs, all in all. */
  async runsEnded(count: number): Promise<void> {
    await awaitCondition(`${count} vacuum runs`, { timeoutMs: LIMIT_MS, intervalMs: 50 }, async () => {
      for (const { pnn } of this.cluster.nodes) if ((await this.runs(pnn)) < count) return false;
      return true;
    });
  }

  /** Lets a node look at all records now. */
  async vacuumAll(pnn: number): Promise<void> {
    const order = { dbId: this.on(pnn).id, fullVacuumRun: true };
    // Refused while a run by the clock is under way.
    await awaitCondition(`a full run of node ${pnn}`, { timeoutMs: LIMIT_MS, intervalMs: 50 }, async () => {
      await this.client(pnn).control("DB_VACUUM", order);
      return true;
    });
  }

  /** One line for each record in each file. */
  contents(): string[] {
    return this.cluster.nodes.flatMap((node) =>
      [...dumpFile(node.volatileFile(this.name))].map(
        ([key, { rsn, dmaster, flags, value }]) =>
          `node ${node.pnn}: ${key} rsn ${rsn} dmaster ${dmaster} flags 0x${flags.toString(16)} "${value}"`,
      ),
    );
  }

  /** Waits until no file holds any record, or any but those of `keys`. */
  async onlyLeft(keys: readonly string[] = [], timeoutMs = LIMIT_MS): Promise<void> {
    const expected = new Set(keys);
    await awaitCondition("deleted records gone from all files", { timeoutMs, intervalMs: 50 }, () => {
      const left = this.contents().filter((line) => !expected.has(line.split(" ")[2] ?? ""));
      if (left.length > 0) throw new Error(`${left.length} records, such as ${left.slice(0, 4).join("; ")}`);
      return true;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.clients) await client.close();
  }
}

export function keyNames(count: number, prefix = "key"): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
}

/** Pid of the vacuuming process of a node of ours. */
export function vacuumdPid(cluster: LocalCluster, pnn: number): number | undefined {
  return cluster
    .node(pnn)
    .pids()
    .find((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes("ctdb-vacuumd");
      } catch {
        return false;
      }
    });
}

/** SIGKILL to the vacuuming process of a node of ours; gives its pid, undefined where it is just being started. */
export function killVacuumd(cluster: LocalCluster, pnn: number): number | undefined {
  const pid = vacuumdPid(cluster, pnn);
  if (pid === undefined) return undefined;
  try {
    process.kill(pid, "SIGKILL");
    return pid;
  } catch {
    return undefined; // The last signal has come to it meanwhile.
  }
}
