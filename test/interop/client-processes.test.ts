// The client library among other processes on one node, Debian's and ours: python3-tdb and several Node processes that lock the same file, locks
// held for long, the death of the daemon.
import assert from "node:assert/strict";
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { build } from "esbuild";
import {
  type Client,
  ConnectionLostError,
  connect,
  RecordReleasedError,
  RecordTimeoutError,
} from "../../src/client/index.js";
import { awaitCondition } from "../cluster/await-condition.js";
import { LocalCluster } from "../cluster/local-cluster.js";

/** Holds the chain lock of a key until its stdin ends, or raises a counter under it N times. Prints a line for each step. */
const PYTHON = `
import sys, struct, tdb
mode, path, flags, key = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4].encode()
db = tdb.Tdb(path, 0, flags, 2)
if mode == "hold":
    import ctypes
    db.lock_all()
    print("held", flush=True)
    sys.stdin.read()
    db.unlock_all()
else:
    for i in range(int(sys.argv[5])):
        db.lock_all()
        stored = db.get(key)
        if len(stored) == 24:
            value = 0
        else:
            value = struct.unpack("<I", stored[24:28])[0]
        db.store(key, stored[:24] + struct.pack("<I", value + 1))
        db.unlock_all()
    print("done", flush=True)
    sys.stdin.read()
`;

const WORKER = `
import { connect } from "ctdb-ts-source";
const [socketPath, name, times] = process.argv.slice(2);
const client = await connect({ socketPath });
const db = await client.attach(name);
process.send("ready");
await new Promise((resolve) => process.once("message", resolve));
for (let i = 0; i < Number(times); i += 1) {
  await db.withRecord("counter", (record) => {
    const next = Buffer.alloc(4);
    next.writeUInt32LE((record.value?.readUInt32LE(0) ?? 0) + 1);
    record.store(next);
  });
}
process.send("done");
await client.close();
process.disconnect();
`;

for (const kind of ["c", "ts"] as const)
  describe(`the client library among other processes on a ${kind} daemon`, { timeout: 300_000 }, () => {
    let cluster: LocalCluster;
    let client: Client;
    const children: ChildProcess[] = [];

    before(async () => {
      cluster = await LocalCluster.start({ kinds: [kind] });
      client = await connect({ socketPath: cluster.node(0).socketPath });
    });
    after(async () => {
      for (const child of children) if (child.exitCode === null) child.kill("SIGKILL");
      await client?.close();
      await cluster?.stop();
    });

    function python(...args: string[]): { child: ChildProcess; line: Promise<string> } {
      const child = spawn("/usr/bin/python3", ["-c", PYTHON, ...args], { stdio: ["pipe", "pipe", "inherit"] });
      children.push(child);
      const lines = createInterface({ input: child.stdout });
      return { child, line: once(lines, "line").then(([line]) => String(line)) };
    }

    test("three Node processes and python3-tdb raise one counter and none of their increments is lost", async () => {
      const db = await client.attach("shared.tdb");
      const flags = await client.control("DB_OPEN_FLAGS", db.id);
      await db.withRecord("counter", (record) => record.store(Buffer.alloc(4)));
      const bundle = await build({
        stdin: { contents: WORKER, resolveDir: __PROJECT_ROOT__, loader: "js" },
        alias: { "ctdb-ts-source": "./src/client/index.ts" },
        bundle: true,
        write: false,
        platform: "node",
        format: "esm",
        external: ["koffi"],
      });
      mkdirSync(`${__PROJECT_ROOT__}/build`, { recursive: true });
      const directory = mkdtempSync(`${__PROJECT_ROOT__}/build/client-worker-`);
      const script = `${directory}/worker.mjs`;
      writeFileSync(script, bundle.outputFiles[0]?.contents ?? "");
      const workers = [0, 1, 2].map(() => {
        const child = fork(script, [cluster.node(0).socketPath, "shared.tdb", "1000"]);
        children.push(child);
        return child;
      });
      await Promise.all(workers.map((worker) => once(worker, "message")));
      const done = workers.map((worker) => once(worker, "message"));
      for (const worker of workers) worker.send("go");
      const other = python("count", db.path, String(flags), "counter", "1000");
      await Promise.all([...done, other.line]);
      other.child.stdin?.end();
      assert.equal((await db.read("counter"))?.readUInt32LE(0), 4000);
      await db.close();
      rmSync(directory, { recursive: true });
    });

    test("while another process holds a lock the event loop goes on, time limits and aborts work, and then the lock comes", async () => {
      await using db = await client.attach("held.tdb");
      await db.withRecord("key", (record) => record.store(Buffer.from("value")));
      const flags = await client.control("DB_OPEN_FLAGS", db.id);
      const holder = python("hold", db.path, String(flags), "key");
      assert.equal(await holder.line, "held");
      assert.equal(db.tryFetchLockLocal("key"), undefined);
      assert.equal(
        db.withRecordSync("key", () => assert.fail("it must not run")),
        false,
      );
      assert.deepEqual(db.tryRead("key"), { current: false, value: undefined });
      await assert.rejects(db.fetchLock("key", { timeoutMs: 50 }), (error) => {
        assert.ok(error instanceof RecordTimeoutError);
        assert.equal(error.waitedFor, "the chain lock of another process");
        return true;
      });
      const abort = new AbortController();
      const aborted = db.fetchLock("key", { signal: abort.signal });
      abort.abort(new Error("not any more"));
      await assert.rejects(aborted, /not any more/);
      await assert.rejects(db.read("key", { timeoutMs: 20 }), RecordTimeoutError);

      const order: number[] = [];
      const waiting = [0, 1, 2].map((i) =>
        db.withRecord("key", (record) => {
          order.push(i);
          record.store(Buffer.from(`value ${i}`));
        }),
      );
      for (let i = 0; i < 100; i += 1) await client.control("PING");
      assert.deepEqual(order, []);
      holder.child.stdin?.end();
      await Promise.all(waiting);
      assert.deepEqual(order, [0, 1, 2]);
      assert.equal((await db.read("key"))?.toString(), "value 2");
    });

    test("the death of the daemon fails what is in flight, takes locks away, and a policy brings all back", async () => {
      const node = cluster.node(0);
      await using steadfast = await connect({ socketPath: node.socketPath, reconnect: { initialDelayMs: 20 } });
      const db = await steadfast.attach("revived.tdb");
      const messages: string[] = [];
      await steadfast.onMessage(0xbe00_0000_0000_0099n, (data) => messages.push(data.toString()));
      const held = await db.fetchLock("key");
      const queued = db.fetchLock("key");
      queued.catch(() => {});
      const disconnected = once(steadfast.events, "disconnected");
      const reconnected = once(steadfast.events, "reconnected");
      const closed = once(client.events, "closed");
      node.pause();
      const inFlight = steadfast.control("PING");
      inFlight.catch(() => {});
      await node.kill();
      const [{ willReconnect }] = await disconnected;
      assert.equal(willReconnect, true);
      await assert.rejects(inFlight, ConnectionLostError);
      await assert.rejects(queued, ConnectionLostError);
      assert.equal(held.isLocked, false);
      assert.throws(() => held.store(Buffer.from("too late")), RecordReleasedError);
      held.release();
      await assert.rejects(steadfast.control("PING"), ConnectionLostError);
      await closed;
      assert.equal(client.state, "closed");

      node.start();
      await reconnected;
      assert.equal(steadfast.state, "connected");
      steadfast.sendMessage(0, 0xbe00_0000_0000_0099n, Buffer.from("here again"));
      await awaitCondition("the message", { timeoutMs: 60_000 }, () => messages.includes("here again"));
      await db.withRecord("key", (record) => {
        assert.equal(record.value, undefined);
        record.store(Buffer.from("new life"));
      });
      assert.equal((await db.read("key"))?.toString(), "new life");
    });
  });
