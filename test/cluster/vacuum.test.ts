// Deleted records vanish from the files of all nodes, whatever happens meanwhile; what was created again stays.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Client, connect, type Database } from "../../src/client/index.js";
import { dumpFile } from "../interop/record-dump.js";
import { awaitCondition } from "./await-condition.js";
import { type LocalCluster, withCluster } from "./local-cluster.js";

const DB = "vacuumed.tdb";
const OPTIONS = {
  kinds: ["ts", "ts", "ts"],
  clusterLock: false,
  logLevel: "INFO",
  tunables: { VacuumInterval: 1, RerecoveryTimeout: 1 },
} as const;

interface Users extends AsyncDisposable {
  readonly clients: readonly Client[];
  readonly databases: readonly Database[];
}

async function users(cluster: LocalCluster): Promise<Users> {
  await cluster.attach(DB);
  const clients = await Promise.all(cluster.nodes.map((node) => connect({ socketPath: node.socketPath })));
  const databases = await Promise.all(clients.map((client) => client.attach(DB)));
  return {
    clients,
    databases,
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.close();
    },
  };
}

function on(all: Users, pnn: number): Database {
  const database = all.databases[pnn];
  assert.ok(database, `node ${pnn}`);
  return database;
}

function keyNames(count: number, prefix = "key"): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
}

async function store(database: Database, keys: readonly string[], value: string): Promise<void> {
  for (const key of keys) await database.withRecord(key, (record) => record.store(Buffer.from(value)));
}

async function remove(database: Database, keys: readonly string[]): Promise<void> {
  for (const key of keys) await database.withRecord(key, (record) => record.delete());
}

/** Keys of all nodes' files, with what is in them. */
function contents(cluster: LocalCluster, pnns = cluster.nodes.map((node) => node.pnn)): string[] {
  return pnns.flatMap((pnn) =>
    [...dumpFile(cluster.node(pnn).volatileFile(DB))].map(
      ([key, { rsn, dmaster, flags, value }]) =>
        `node ${pnn} ${key} rsn ${rsn} dmaster ${dmaster} flags 0x${flags.toString(16)} "${value}"`,
    ),
  );
}

async function nothingLeft(cluster: LocalCluster, timeoutMs = 15_000): Promise<void> {
  await awaitCondition("files without any record", { timeoutMs, intervalMs: 100 }, () => {
    const left = contents(cluster);
    if (left.length > 0) throw new Error(`${left.length} records, such as ${left.slice(0, 4).join("; ")}`);
    return true;
  });
}

test("records that wandered over all nodes and were deleted vanish from all files", async () => {
  await withCluster(OPTIONS, async (cluster) => {
    await using all = await users(cluster);
    const keys = keyNames(300);
    for (const pnn of [0, 1, 2]) await store(on(all, pnn), keys, `from ${pnn}`);
    for (const [i, key] of keys.entries()) await remove(on(all, i % 3), [key]);
    await nothingLeft(cluster);
  });
});
