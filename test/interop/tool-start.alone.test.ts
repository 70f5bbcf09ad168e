// How long the `ctdb` command takes from start to exit, against node's own start on the same machine.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { LocalCluster } from "../cluster/local-cluster.js";

const OUR_TOOL = join(__PROJECT_ROOT__, "bin/ctdb");
const RUNS = 12;
const STATUS_OVER_NODE_MS = 60;
const PNN_MS = 120;

let cluster: LocalCluster;

before(async () => {
  cluster = await LocalCluster.start({ kinds: ["ts", "ts"] });
});

after(() => cluster.stop());

/** Shortest of several runs: what the program needs, without what other programs took of the machine meanwhile. */
function shortestMs(program: string, args: readonly string[]): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < RUNS; i += 1) {
    const startedAt = performance.now();
    const { status, stderr } = spawnSync(program, args, { env: cluster.node(0).env, encoding: "utf8" });
    shortest = Math.min(shortest, performance.now() - startedAt);
    assert.equal(status, 0, stderr);
  }
  return shortest;
}

test("`ctdb status` takes at most 60 ms longer than an empty node program", () => {
  const node = shortestMs(process.execPath, ["-e", "0"]);
  const status = shortestMs(OUR_TOOL, ["status"]);
  assert.ok(status <= node + STATUS_OVER_NODE_MS, `status ${status.toFixed(1)} ms, node ${node.toFixed(1)} ms`);
});

test("`ctdb pnn` takes at most 120 ms", () => {
  const pnn = shortestMs(OUR_TOOL, ["pnn"]);
  assert.ok(pnn <= PNN_MS, `${pnn.toFixed(1)} ms`);
});
