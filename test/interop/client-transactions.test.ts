// g_locks and transactions of the client library on clusters of C and our nodes: several clients, clients that die, and what the
// C tool and Samba's `net` make of the locks.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type Client,
  connect,
  type Database,
  DatabaseTypeError,
  type GLockFormat,
  GLockTimeoutError,
  type ServerId,
  TransactionConflictError,
  TransactionEndedError,
} from "../../src/client/index.js";
import { awaitCondition } from "../cluster/await-condition.js";
import { C_TOOL, type ClusterNode } from "../cluster/cluster-node.js";
import { CounterWriter, checkCounters, raiseCounters } from "../cluster/counter-writer.js";
import { type LocalCluster, withCluster } from "../cluster/local-cluster.js";
import { checkEqualCopies, persistentFile } from "../cluster/persistent-files.js";
import { chosenMixes, kindsOf, mixTitle } from "./cluster-mixes.js";
import { LockWorker, runLockWorker, WORKER_VARIABLE } from "./lock-worker.js";
import { SambaNet } from "./samba-net.js";
import { sharedCluster } from "./shared-cluster.js";

const P = "p.tdb";
const R = "r.tdb";
const KILLED = "killed.tdb";
const TOOLS = "tools.tdb";
const NET = "net.tdb";
const TUNABLES = { RerecoveryTimeout: 1 };
/** Samba's net looks at a lock that it waits for by itself after so long. */
const NET_POLL_MS = 5000;
const FORMATS = ["samba", "ctdb"] as const satisfies readonly GLockFormat[];
const workerArguments = process.env[WORKER_VARIABLE];
if (workerArguments !== undefined) await runLockWorker(workerArguments);
else defineTests();

const fileOf =
  (database: string) =>
  (node: ClusterNode): string =>
    persistentFile(node, database);
const vnnsOf = (servers: readonly ServerId[]): number[] => servers.map(({ vnn }) => vnn);

async function withClients(cluster: LocalCluster, work: (clients: readonly Client[]) => Promise<void>): Promise<void> {
  const clients: Client[] = [];
  try {
    for (const node of cluster.nodes) clients.push(await connect({ socketPath: node.socketPath }));
    await work(clients);
  } finally {
    for (const client of clients) await client.close();
  }
}

function firstOf(clients: readonly Client[]): Client {
  const [client] = clients;
  assert.ok(client);
  return client;
}

/** Says whether `promise` is settled after some turns of the loop and a round trip to the daemon. */
async function isPending(promise: Promise<unknown>, client: Client): Promise<boolean> {
  let settled = false;
  const note = (): void => {
    settled = true;
  };
  promise.then(note, note);
  for (let i = 0; i < 20; i++) await client.nodeMap();
  return !settled;
}

function defineTests(): void {
  for (const mix of chosenMixes(["ct", "tt"], ["cc", "ctt", "ttt"])) {
    describe(`locks and transactions on ${mixTitle(mix)}`, () => defineMixTests(mix));
  }

  test("a transaction whose client or node dies before the commit leaves nothing, and the next one gets its turn", async () => {
    await withCluster({ kinds: ["ts", "c", "ts"], tunables: TUNABLES }, async (cluster) => {
      await withClients(cluster, async (clients) => {
        const database = await firstOf(clients).attach(P, { type: "persistent" });
        for (const how of ["client", "node"] as const) {
          const worker = new LockWorker(cluster.node(2), { kind: "begin", database: P });
          await worker.ready();
          const next = raiseCounters(database, "next", {});
          assert.ok(await isPending(next, firstOf(clients)));
          if (how === "node") await cluster.node(2).kill();
          else await worker.kill();
          await next;
          if (how === "node") await worker.kill();
        }
        await cluster.healthy([0, 1]);
        const records = checkEqualCopies(cluster, fileOf(P), [0, 1]);
        assert.equal(records.get("of the dead"), undefined);
        assert.equal(records.get("next")?.value.toString(), "2");
      });
    });
  });

  test("what a transaction says of itself: own writes, deletes, conflicts, its end, errors of the function", async () => {
    await withCluster({ kinds: ["ts"], tunables: TUNABLES }, async (cluster) => {
      await withClients(cluster, async (clients) => {
        const client = firstOf(clients);
        const database = await client.attach(P, { type: "persistent" });
        const other = await client.attach("q.tdb", { type: "replicated" });
        const seen = async (view: Parameters<Parameters<typeof database.readTransaction>[0]>[0]): Promise<string[]> => {
          const records: string[] = [];
          for await (const { key, value } of view.traverse()) records.push(`${key}=${value}`);
          return records.sort();
        };
        const kept = await database.transaction(async (tx) => {
          tx.store("a", "1");
          tx.store("b", Buffer.from("2"));
          tx.store("a", "3");
          assert.equal(String(await tx.fetch("a")), "3");
          assert.deepEqual(await seen(tx), ["a=3", "b=2"]);
          return tx;
        });
        assert.throws(() => kept.store("a", "4"), TransactionEndedError);
        await assert.rejects(kept.fetch("a"), TransactionEndedError);
        const sequenceNumber = (): Promise<number> => client.control("GET_DB_SEQNUM", database.id);
        assert.equal(await sequenceNumber(), 1);
        await database.transaction(async (tx) => {
          tx.delete("b");
          tx.delete("never there");
          assert.equal(await tx.fetch("b"), undefined);
        });
        assert.deepEqual(await database.readTransaction(seen), ["a=3"]);
        assert.equal(await sequenceNumber(), 2);
        await database.transaction((tx) => tx.store("a", "3"));
        assert.equal(await sequenceNumber(), 2, "nothing was changed, nothing was committed");

        const failure = new Error("no");
        const failing = database.transaction((tx) => {
          tx.store("a", "half");
          throw failure;
        });
        await assert.rejects(failing, (error) => error === failure);
        assert.equal(String(await database.read("a")), "3");

        // Two databases at a time over one connection, which may have one commit on its way.
        await Promise.all(
          [database, other].map(async (each) => {
            for (let i = 0; i < 10; i++) await raiseCounters(each, "own", {});
          }),
        );
        assert.equal(String(await other.read("counter")), "10");

        // The tool does not see Samba's locks: the transaction sees that it was there, and runs again.
        let runs = 0;
        await database.transaction(async (tx) => {
          const before = Number((await tx.fetch("counter")) ?? 0);
          if (++runs === 1) await cluster.node(0).ctdbOk(["pstore", P, "counter", "20"]);
          tx.store("counter", String(before + 1));
        });
        assert.equal(runs, 2);
        assert.equal(String(await database.read("counter")), "21");
        const always = database.transaction(
          async (tx) => {
            tx.store("counter", "0");
            await cluster.node(0).ctdbOk(["pstore", P, "counter", String(100 + ++runs)]);
          },
          { attempts: 2 },
        );
        await assert.rejects(always, (error) => error instanceof TransactionConflictError && error.attempts === 2);
        assert.equal(String(await database.read("counter")), "104");

        const volatile = await client.attach("v.tdb");
        await assert.rejects(
          volatile.transaction(() => {}),
          DatabaseTypeError,
        );
        await assert.rejects(
          database.transaction(() => {}, { signal: AbortSignal.abort(failure) }),
          (error) => error === failure,
        );
      });
    });
  });
}

function defineMixTests(mix: string): void {
  const onCluster = sharedCluster({ kinds: kindsOf(mix), tunables: TUNABLES });
  const onClients = (body: (clients: readonly Client[], cluster: LocalCluster) => Promise<void>): Promise<void> =>
    onCluster((cluster) => withClients(cluster, (clients) => body(clients, cluster)));

  for (const format of FORMATS) {
    test(`a lock of the ${format} format has one writer or some readers at a time`, async () => {
      await onClients(async (clients) => {
        const name = `shared, ${format}`;
        let writers = 0;
        let readers = 0;
        const counts = clients.flatMap((client, i) =>
          (["write", "write", "read", "read"] as const).map(async (mode, j) => {
            for (let n = 0; n < 50; n++) {
              await using lock = await client.gLock(name, { format, mode });
              assert.ok(lock.isHeld);
              if (mode === "write") writers++;
              else readers++;
              assert.ok(writers + Math.min(readers, 1) <= 1, `${writers} writers and ${readers} readers`);
              if ((n + i + j) % 10 === 0) await client.nodeMap();
              else await nextTurn();
              if (mode === "write") writers--;
              else readers--;
            }
          }),
        );
        await Promise.all(counts);
        const shared = await Promise.all(clients.map((client) => client.gLock(name, { format, mode: "read" })));
        assert.ok(shared.every((lock) => lock.isHeld));
        await Promise.all(shared.map((lock) => lock.release()));
        assert.deepEqual(await firstOf(clients).gLockHolders(name), []);
      });
    });

    test(`a lock of the ${format} format passes on when its holder is killed`, async () => {
      await onClients(async (clients, cluster) => {
        const [client, other] = [firstOf(clients), clients[1] ?? firstOf(clients)];
        const passOn = async (node: ClusterNode): Promise<void> => {
          const name = `of node ${node.pnn}, ${format}`;
          const worker = new LockWorker(node, { kind: "hold", name, options: { format } });
          await worker.ready();
          assert.deepEqual(vnnsOf(await client.gLockHolders(name)), [node.pnn]);
          await assert.rejects(client.gLock(name, { format, timeoutMs: 100 }), (error) => {
            assert.ok(error instanceof GLockTimeoutError);
            assert.equal(error.lock, name);
            // It names nobody when not even the lock's record came in that time.
            assert.deepEqual(vnnsOf(error.holders), error.holders.length === 0 ? [] : [node.pnn]);
            return true;
          });
          const waiting = Promise.all(
            [client, other].map(async (each) => (await each.gLock(name, { format })).release()),
          );
          assert.ok(await isPending(waiting, client));
          await worker.kill();
          await waiting;
        };
        await Promise.all(cluster.nodes.map(passOn));
      });
    });
  }

  test("clients of all nodes raise one counter in transactions, and readers see whole ones", async () => {
    await onCluster(async (cluster) => {
      for (const [type, name] of [
        ["persistent", P],
        ["replicated", R],
      ] as const) {
        const writers: CounterWriter[] = [];
        for (const node of [...cluster.nodes, ...cluster.nodes]) {
          const lockFormat = FORMATS[type === "persistent" ? 0 : 1] ?? "samba";
          writers.push(await CounterWriter.open(node, name, type, `writer ${writers.length}`, { lockFormat }));
        }
        const readWhole = async (database: Database): Promise<void> => {
          const values = await database.readTransaction(async (view) => {
            const seen = new Map<string, number>();
            for await (const { key, value } of view.traverse()) seen.set(key.toString(), Number(value));
            return seen;
          });
          const counter = values.get("counter") ?? 0;
          values.delete("counter");
          const sum = [...values.values()].reduce((a, b) => a + b, 0);
          assert.equal(counter, sum);
        };
        // Each reads between its own transactions, amid those of the others. One that did nothing but read would keep the writers
        // out for ever: the tool's locks know no order.
        await Promise.all(
          writers.map(async (writer) => {
            for (let i = 0; i < 15; i++) {
              await writer.raise();
              writer.acknowledged++;
              await readWhole(writer.database);
            }
          }),
        );
        checkCounters(
          checkEqualCopies(cluster, type === "persistent" ? fileOf(P) : (node) => node.volatileFile(R)),
          writers,
        );
        for (const writer of writers) await writer.close();
      }
    });
  });

  test("a client killed in the middle of its transactions leaves whole ones", async () => {
    await onCluster(async (cluster) => {
      const writer = await CounterWriter.open(cluster.node(0), KILLED, "persistent", "who lives");
      const others: { name: string; acknowledged: number; unknown: number }[] = [];
      writer.start();
      for (let round = 0; round < 6; round++) {
        const name = `killed ${round}`;
        const node = cluster.node(round % cluster.nodes.length);
        const worker = new LockWorker(node, { kind: "raise", database: KILLED, name });
        await worker.ready();
        await awaitCondition("some transactions", { timeoutMs: 60_000, intervalMs: 1 }, () => worker.lines > 3 + round);
        await worker.kill();
        // Of the last one nobody was told.
        others.push({ name, acknowledged: worker.lines, unknown: 1 });
      }
      const before = writer.acknowledged;
      await awaitCondition("the other goes on", { timeoutMs: 60_000 }, () => writer.acknowledged > before + 5);
      await writer.stop();
      await cluster.healthy();
      checkCounters(checkEqualCopies(cluster, fileOf(KILLED)), [writer, ...others]);
      await writer.close();
    });
  });

  test("the ctdb tool of C and transactions with locks of both formats wait for each other", async () => {
    await onClients(async (clients, cluster) => {
      const client = firstOf(clients);
      const [database] = await Promise.all(clients.map((each) => each.attach(TOOLS, { type: "persistent" })));
      assert.ok(database);
      for (const node of cluster.nodes) {
        let end = (): void => {};
        const held = new Promise<void>((resolve) => {
          end = resolve;
        });
        let begun = (): void => {};
        const isBegun = new Promise<void>((resolve) => {
          begun = resolve;
        });
        const transaction = database.transaction(
          async (tx) => {
            tx.store("order", "library");
            begun();
            await held;
          },
          { lockFormat: "ctdb" },
        );
        await isBegun;
        const tool = node.ctdbOk(["pstore", TOOLS, "order", "tool"]);
        assert.ok(await isPending(tool, client));
        end();
        await transaction;
        await tool;
        assert.equal(String(await database.read("order")), "tool");

        // The C tool has the lock while it reads its lines.
        const ptrans = spawn(C_TOOL, ["ptrans", TOOLS], { env: node.env, stdio: ["pipe", "ignore", "inherit"] });
        const name: string = `transaction_db_0x${database.id.toString(16).padStart(8, "0")}`;
        await awaitCondition("the tool has the lock", { timeoutMs: 60_000 }, async () => {
          const holders = await client.gLockHolders(name);
          return holders.length === 1 && holders[0]?.pid === BigInt(ptrans.pid ?? 0);
        });
        const waiting = FORMATS.map((lockFormat) =>
          raiseCounters(database, `after the tool, ${lockFormat}`, { lockFormat }),
        );
        for (const each of waiting) assert.ok(await isPending(each, client));
        const exited = once(ptrans, "exit");
        ptrans.stdin.end('"order" "lines"\n');
        await Promise.all([...waiting, exited]);
        assert.equal(String(await database.read("order")), "lines");
      }
      checkEqualCopies(cluster, fileOf(TOOLS));
    });
  });

  test("Samba's net and the library wait for each other's locks, and tell each other", async () => {
    await onClients(async (clients, cluster) => {
      const client = firstOf(clients);
      const database = await client.attach(NET, { type: "persistent" });
      const name = `transaction_db_0x${database.id.toString(16).padStart(8, "0")}`;
      for (const node of cluster.nodes) {
        const net = new SambaNet(node);
        const held = net.lockAndRun(name, "echo locked; read line");
        assert.ok(held.stdout !== null && held.stdin !== null);
        await once(held.stdout, "data");
        const [holder] = await client.gLockHolders(name);
        assert.equal(holder?.vnn, node.pnn);
        for (const lockFormat of FORMATS) {
          await assert.rejects(
            database.transaction(() => {}, { lockFormat, timeoutMs: 100 }),
            GLockTimeoutError,
          );
        }
        const waiting = raiseCounters(database, "after net", {});
        assert.ok(await isPending(waiting, client));
        const exited = once(held, "exit");
        held.stdin.end("\n");
        await waiting;
        await exited;

        const lock = await client.gLock(name);
        const dump = await net.run(["g_lock", "dump", name]);
        assert.equal(dump.stdout, `${lock.server.vnn}:${process.pid}.${lock.server.taskId}: WRITE\n`);
        const next = net.lockAndRun(name, "echo locked");
        assert.ok(next.stdout !== null);
        let isLocked = false;
        const locked = once(next.stdout, "data").then(() => {
          isLocked = true;
        });
        assert.ok(await isPending(locked, client));
        const nextExited = once(next, "exit");
        await lock.release();
        await awaitCondition("net is told that the lock is free", { timeoutMs: NET_POLL_MS - 1000 }, () => isLocked);
        await nextExited;

        const doomed = net.lockAndRun(name, "echo locked; read line");
        assert.ok(doomed.stdout !== null);
        await once(doomed.stdout, "data");
        const heir = client.gLock(name);
        // Its command ends with it: its stdin is closed then.
        const doomedExited = once(doomed, "exit");
        doomed.kill("SIGKILL");
        await doomedExited;
        await (await heir).release();
      }
    });
  });
}
