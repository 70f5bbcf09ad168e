// The examples of the client library run as documented, on a C daemon and one of ours.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { type ClusterNode, runProgram } from "../cluster/cluster-node.js";
import { LocalCluster } from "../cluster/local-cluster.js";

const RUN_EXAMPLE = join(__PROJECT_ROOT__, "scripts/run-example.mjs");
const EXAMPLES = join(__PROJECT_ROOT__, "examples");

describe("the examples", { timeout: 600_000 }, () => {
  let cluster: LocalCluster;
  before(async () => {
    cluster = await LocalCluster.start({ kinds: ["ts", "c"] });
  });
  after(() => cluster?.stop());

  const tried = new Set<string>();
  async function run(node: ClusterNode, example: string, ...args: string[]): Promise<string> {
    tried.add(example);
    const result = await runProgram(
      process.execPath,
      [RUN_EXAMPLE, join(EXAMPLES, example), ...args],
      node.env,
      120_000,
    );
    assert.equal(result.status, 0, result.stderr);
    assert.equal(result.stderr, "");
    return result.stdout;
  }

  test("shared-counter counts over all nodes", async () => {
    const outputs = await Promise.all(cluster.nodes.map((node) => run(node, "shared-counter.ts", "200")));
    assert.ok(
      outputs.some((output) => output.includes("the counter is 400,")),
      outputs.join(""),
    );
  });

  test("transfer keeps the sum while both nodes transfer", async () => {
    await Promise.all(cluster.nodes.map((node) => run(node, "transfer.ts", "5")));
    const output = await run(cluster.node(1), "transfer.ts", "0");
    assert.match(output, /alice has 990/);
    assert.match(output, /bob has 10/);
    assert.match(output, /together 1000/);
  });

  test("one-at-a-time lets one after the other", async () => {
    const outputs = await Promise.all(cluster.nodes.map((node) => run(node, "one-at-a-time.ts", "0.2")));
    for (const [pnn, output] of outputs.entries()) assert.match(output, new RegExp(`node ${pnn} is done`));
  });

  test("sessions reads, stores, deletes and gives up in time", async () => {
    const output = await run(cluster.node(0), "sessions.ts");
    assert.match(output, /after two visits: \{ user: 'alice', node: 0, visits: 2 \}/);
    assert.match(output, /it waited for a record handle of this process/);
    assert.match(output, /after the end: undefined/);
    assert.match(output, /gave up waiting: TimeoutError/);
  });

  test("dump-database prints what is there", async () => {
    const output = await run(cluster.node(1), "dump-database.ts");
    assert.match(output, /"banana" on node 1, rsn \d+: a banana from node 1/);
    assert.match(output, /3 records in example_dump.tdb \(volatile\)/);
  });

  /** Runs an example until it has printed lines that match all of `expected`, in this order. `afterFirst` is done after the first. */
  async function runUntil(
    node: ClusterNode,
    example: string,
    expected: readonly RegExp[],
    afterFirst: () => Promise<unknown> = async () => {},
  ): Promise<void> {
    tried.add(example);
    const child = spawn(process.execPath, [RUN_EXAMPLE, join(EXAMPLES, example), "600"], {
      env: node.env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      let found = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        if (expected[found]?.test(line) !== true) continue;
        found += 1;
        if (found === 1) await afterFirst();
        if (found === expected.length) return;
      }
      assert.fail(`${example} ended, and had not printed ${expected[found]}`);
    } finally {
      child.kill("SIGTERM");
    }
  }

  test("chat hears the other node come and go", async () => {
    const expected = [
      /hello from process \d+ on node 0/,
      /hello from process \d+ on node 1/,
      /gone: process \d+ on node 1/,
    ];
    await runUntil(cluster.node(0), "chat.ts", expected, () => run(cluster.node(1), "chat.ts", "0.1"));
  });

  test("remote-call asks itself and misses the program on the other node", async () => {
    const output = await run(cluster.node(0), "remote-call.ts");
    assert.match(output, /node 0 answers: \{"pnn":0/);
    assert.match(output, /node 1: this program does not run there/);
  });

  test("watch-cluster shows the nodes and the leader", async () => {
    await runUntil(cluster.node(0), "watch-cluster.ts", [
      /node 1 127\.\d+\.\d+\.\d+: OK, up for \d+ s/,
      /generation \d+, records on nodes [01] [01]/,
      /the leader is node [01]/,
    ]);
  });

  test("every example is run here and named in the README", () => {
    const readme = readFileSync(join(EXAMPLES, "README.md"), "utf8");
    const files = readdirSync(EXAMPLES).filter((name) => name.endsWith(".ts"));
    for (const name of files) assert.ok(readme.includes(`\`${name}\``), name);
    assert.deepEqual([...tried].sort(), files.sort());
  });
});
