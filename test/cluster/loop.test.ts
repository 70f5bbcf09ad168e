// What the daemon says about its own event loop: long turns in the log and in `ctdb loop`, and time that others took from it.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { connect } from "../../src/client/index.js";
import { Pnn } from "../../src/protocol/index.js";
import { awaitCondition, pauseMs } from "./await-condition.js";
import { type ClusterNode, runProgram, type ToolResult } from "./cluster-node.js";
import { withCluster } from "./local-cluster.js";

const SRVID = 0xf133_0000_0000_0001n;
const LARGE_BYTES = 64 * 1024 * 1024;
const STOPPED_MS = 1500;
const LIMIT_MS = 120_000;

interface LoopJson {
  readonly longTurns: number;
  readonly limitMs: number;
  readonly handlers: readonly { readonly kind: string; readonly count: number; readonly maxSeconds: number }[];
  readonly lastLongTurns: readonly {
    readonly inHandlers: boolean;
    readonly seconds: number;
    readonly cpuSeconds: number;
    readonly handlers: readonly { readonly kind: string }[];
  }[];
}

/** Our tool: Debian's does not know these commands. */
function tool(node: ClusterNode, args: readonly string[]): Promise<ToolResult> {
  return runProgram(join(__PROJECT_ROOT__, "bin/ctdb"), args, node.env, LIMIT_MS);
}

async function loopOf(node: ClusterNode): Promise<LoopJson> {
  const { stdout, stderr } = await tool(node, ["--json", "loop"]);
  assert.equal(stderr, "");
  return JSON.parse(stdout) as LoopJson;
}

function countOf(loop: LoopJson, kind: string): number {
  return loop.handlers.find((one) => one.kind === kind)?.count ?? 0;
}

test("a message of 64 MiB makes a turn longer than the limit: it is logged and shown by its name", async () => {
  const options = { kinds: ["ts"], configLines: { "ctdb-ts": ["loop turn limit = 2"] } } as const;
  await withCluster(options, async (cluster) => {
    const node = cluster.node(0);
    await using client = await connect({ socketPath: node.socketPath });
    let received = 0;
    await client.onMessage(SRVID, (data) => {
      received = data.length;
    });
    assert.equal((await tool(node, ["loop", "reset"])).status, 0);
    // Another long turn may have been logged just before; then the next line comes after a while.
    await awaitCondition("the turn is logged with its name, and shown", { timeoutMs: LIMIT_MS }, async () => {
      received = 0;
      client.sendMessage(Pnn.CURRENT_NODE, SRVID, Buffer.alloc(LARGE_BYTES));
      await awaitCondition("the message is back", { timeoutMs: LIMIT_MS }, () => received === LARGE_BYTES);
      // Of a daemon that gets little CPU many turns are long: the last ones may be others.
      const { limitMs, longTurns, lastLongTurns } = await loopOf(node);
      const kinds = lastLongTurns.flatMap((turn) => turn.handlers.map((handler) => handler.kind));
      assert.ok(kinds.includes("client REQ_MESSAGE"), `long turns had ${kinds.join(", ")}`);
      assert.equal(limitMs, 2);
      assert.ok(longTurns > 0);
      return /A turn of the loop took \d.*(client|node) REQ_MESSAGE/.test(node.log);
    });
  });
});

test("a daemon that was stopped says that it had no CPU for that time", async () => {
  await withCluster({ kinds: ["ts"] }, async (cluster) => {
    const node = cluster.node(0);
    const pid = node.daemonPid;
    assert.ok(pid !== undefined);
    process.kill(pid, "SIGSTOP");
    await pauseMs(STOPPED_MS);
    process.kill(pid, "SIGCONT");
    // The signal may come between two handlers or into one, when that has just woken this process.
    await awaitCondition("the stop is logged", { timeoutMs: LIMIT_MS }, () =>
      /for [1-9]\d{3,} ms outside of all handlers .*: the process did not run|took [1-9]\d{3,} ms in .*: the process waited, was stopped/.test(
        node.log,
      ),
    );
    const { lastLongTurns } = await loopOf(node);
    const stop = lastLongTurns.find((turn) => turn.seconds > STOPPED_MS / 1500);
    assert.ok(stop !== undefined, JSON.stringify(lastLongTurns));
    assert.ok(stop.cpuSeconds < stop.seconds / 2);
  });
});

test("handlers are counted by packet type, control, timer and connection; a reset begins anew", async () => {
  await withCluster({ kinds: ["ts", "ts"], tunables: { KeepaliveInterval: 1 } }, async (cluster) => {
    const node = cluster.node(0);
    await cluster.attach("loop.tdb");
    await using here = await connect({ socketPath: node.socketPath });
    await using there = await connect({ socketPath: cluster.node(1).socketPath });
    for (const client of [here, there, here]) {
      const database = await client.attach("loop.tdb");
      const record = await database.fetchLock("wanders");
      record.store(Buffer.from("x"));
      record.release();
    }
    await awaitCondition("keepalives went both ways", { timeoutMs: LIMIT_MS }, async () => {
      const now = await loopOf(node);
      return countOf(now, "timer keepalive") > 0 && countOf(now, "node REQ_KEEPALIVE") > 0;
    });
    const loop = await loopOf(node);
    for (const kind of [
      "client REQ_CALL",
      "control DB_ATTACH",
      "timer keepalive",
      "node REQ_KEEPALIVE",
      "accept client",
    ]) {
      assert.ok(countOf(loop, kind) > 0, `${kind} among ${loop.handlers.map((handler) => handler.kind).join(", ")}`);
    }
    assert.ok(
      countOf(loop, "node REQ_DMASTER") + countOf(loop, "node REPLY_DMASTER") + countOf(loop, "node REPLY_CALL") > 0,
    );
    assert.equal((await tool(node, ["loop", "reset"])).status, 0);
    assert.equal(countOf(await loopOf(node), "control DB_ATTACH"), 0);
    await node.ctdbOk(["statisticsreset"]);
    assert.ok(countOf(await loopOf(node), "control LOOP_TIMES") <= 1);
  });
});

test("the tool says plainly that a C daemon has no table of its loop and no list of lock holders", async () => {
  await withCluster({ kinds: ["ts", "c"] }, async (cluster) => {
    for (const command of ["loop", "lockholders"]) {
      const { status, stderr } = await tool(cluster.node(0), ["-n", "1", command]);
      assert.equal(status, 1);
      assert.match(stderr, /Node 1 does not know it: its daemon is not ctdb-ts/);
    }
  });
});
