// A record that another process keeps locked stops nobody but those who want it, and hot records do not wander about.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import type { Statistics } from "../../src/protocol/index.js";
import { awaitCondition } from "../cluster/await-condition.js";
import { withCluster } from "../cluster/local-cluster.js";
import { runClientWorker, WORKER_VARIABLE } from "./client-counter-worker.js";
import { chosenMixes, kindsOf, mixTitle } from "./cluster-mixes.js";
import { CounterWorker } from "./counter-workers.js";

const DATABASE = "held.tdb";
const HELD_S = 600;
const ROUNDS = 200;
/** So often each node's calls must have found the hammered record. */
const FOUND = 300;

const workerArguments = process.env[WORKER_VARIABLE];
if (workerArguments !== undefined) await runClientWorker(workerArguments);
else defineTests();

function defineTests(): void {
  for (const mix of chosenMixes(["tt"], ["cc", "ct", "tc"])) {
    test(`a chain lock held by another process stops neither pings nor other records of ${mixTitle(mix)}`, async () => {
      await withCluster({ kinds: kindsOf(mix) }, async (cluster) => {
        const dbId = await cluster.attach(DATABASE);
        const owner = await cluster.node(0).probe();
        const other = await cluster.node(1).probe();
        const flags = await owner.control("DB_OPEN_FLAGS", dbId);
        const key = Buffer.from("held record");
        await owner.call(dbId, key, { migrate: true });

        const program = join(__PROJECT_ROOT__, "test/interop/hold_chain.py");
        const words = [program, cluster.node(0).volatileFile(DATABASE), String(flags), key.toString(), String(HELD_S)];
        const holder = spawn("/usr/bin/python3", words, { stdio: ["ignore", "pipe", "inherit"] });
        const ended = once(holder, "exit");
        let said = "";
        holder.stdout.on("data", (bytes: Buffer) => {
          said += bytes.toString();
        });
        try {
          await awaitCondition("the lock is held", { timeoutMs: 60_000 }, () => said.includes("held"));

          let isAnswered = false;
          const called = other.call(dbId, key, { migrate: true, timeoutMs: 60_000 }).then(() => {
            isAnswered = true;
          });
          for (let i = 0; i < ROUNDS; i++) {
            const free = Buffer.from(`other record ${i}`);
            await owner.statusOf("PING");
            await owner.call(dbId, free, { migrate: true });
            await other.call(dbId, free, { migrate: true });
          }
          assert.equal(isAnswered, false, "the record moved while it was locked");
          holder.kill("SIGUSR1");
          await called;
          assert.deepEqual(await ended, [0, null]);
        } finally {
          holder.kill("SIGKILL");
        }
      });
    });
  }

  for (const mix of chosenMixes(["ttt"]).filter((kinds) => !kinds.includes("c"))) {
    test(`a record that is hammered from ${mixTitle(mix)} is reached in fewer hops than nodes + 2`, async (context) => {
      await withCluster({ kinds: kindsOf(mix) }, async (cluster) => {
        await cluster.attach(DATABASE);
        const starts = cluster.nodes.flatMap((node) =>
          (["python", "client"] as const).map((kind) =>
            // The pause lets the record go, else each would raise it many times before it moves.
            CounterWorker.start(node, { kind, database: DATABASE, pauseMs: 1 }),
          ),
        );
        const workers = await Promise.all(starts);
        const look = () =>
          Promise.all(cluster.nodes.map(async (node) => (await node.probe()).control("STATISTICS", undefined)));
        const callsOf = (of: Statistics): number => of.hopCountBucket.reduce((sum, count) => sum + count, 0);
        await awaitCondition("the record moves", { timeoutMs: 120_000, intervalMs: 50 }, async () =>
          (await look()).every((of) => callsOf(of) > FOUND),
        );
        for (const worker of workers) assert.equal(await worker.stop(120_000), 0, worker.errors);
        const statistics = await look();
        const hops = statistics.map((of) => of.maxHopCount);
        const calls = statistics.map(callsOf);
        context.diagnostic(
          `highest hop count by node: ${hops.join(" ")}; calls that found the record: ${calls.join(" ")}`,
        );
        assert.ok(Math.max(...hops) < cluster.nodes.length + 2);
      });
    });
  }
}
