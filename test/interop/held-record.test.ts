// A record that another process keeps locked stops nobody but those who want it, and hot records do not wander about.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { awaitCondition, pauseMs } from "../cluster/await-condition.js";
import { withCluster } from "../cluster/local-cluster.js";
import type { NodeProbe } from "../cluster/node-probe.js";
import { runClientWorker, WORKER_VARIABLE } from "./client-counter-worker.js";
import { chosenMixes, kindsOf, mixTitle } from "./cluster-mixes.js";
import { CounterWorker } from "./counter-workers.js";

const DATABASE = "held.tdb";
const HELD_S = 3;
const PING_EVERY_MS = 5;
const INCREMENTS = 500;

const workerArguments = process.env[WORKER_VARIABLE];
if (workerArguments !== undefined) await runClientWorker(workerArguments);
else defineTests();

async function pingUntil(probe: NodeProbe, isOver: () => boolean): Promise<number> {
  let answered = 0;
  for (; !isOver(); answered++) {
    await probe.statusOf("PING");
    await pauseMs(PING_EVERY_MS);
  }
  return answered;
}

function defineTests(): void {
  for (const mix of chosenMixes(["tt"], ["cc", "ct", "tc"])) {
    test(`a chain lock held by another process stops neither pings nor other records of ${mixTitle(mix)}`, async (context) => {
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
        const isReleased = () => said.endsWith("\n") && said.includes("released");
        await awaitCondition("the lock is held", { timeoutMs: 10_000 }, () => said.includes("held"));

        let calledAt = 0;
        const called = other.call(dbId, key, { migrate: true, timeoutMs: 20_000 }).then(() => {
          calledAt = Date.now();
        });
        const [pings, otherRecords] = await Promise.all([
          pingUntil(owner, isReleased),
          (async () => {
            let moved = 0;
            for (; !isReleased(); moved++) {
              const key = Buffer.from(`other record ${moved}`);
              await owner.call(dbId, key, { migrate: true });
              await other.call(dbId, key, { migrate: true });
              await pauseMs(1);
            }
            return moved;
          })(),
        ]);
        await called;
        await ended;
        const releasedAt = 1000 * Number(said.split("released at ")[1]);
        context.diagnostic(
          `${pings} pings; ${otherRecords} other records moved; the call was answered ${(calledAt - releasedAt).toFixed(1)} ms after the release`,
        );
        // One of each may have waited for the release.
        assert.ok(pings > 10, `only ${pings} pings were answered meanwhile`);
        assert.ok(otherRecords > 10, `only ${otherRecords} other records moved meanwhile`);
        assert.ok(calledAt >= Math.floor(releasedAt), "the record moved while it was locked");
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
            CounterWorker.start(node, { kind, database: DATABASE, count: INCREMENTS, pauseMs: 1 }),
          ),
        );
        const workers = await Promise.all(starts);
        for (const worker of workers) assert.equal(await worker.ended(120_000), 0, worker.errors);
        const statistics = await Promise.all(
          cluster.nodes.map(async (node) => (await node.probe()).control("STATISTICS", undefined)),
        );
        const hops = statistics.map((of) => of.maxHopCount);
        const calls = statistics.map((of) => of.hopCountBucket.reduce((sum, count) => sum + count, 0));
        context.diagnostic(
          `highest hop count by node: ${hops.join(" ")}; calls that found the record: ${calls.join(" ")}`,
        );
        assert.ok(
          calls.every((count) => count > INCREMENTS / 10),
          "the record hardly moved",
        );
        assert.ok(Math.max(...hops) < cluster.nodes.length + 2);
      });
    });
  }
}
