// Adding, deleting and bringing back nodes of a running cluster with our `ctdb reloadnodes`, on C daemons, on ours and on mixes.
import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { awaitCondition } from "../cluster/await-condition.js";
import { type ClusterNode, runProgram, type ToolResult } from "../cluster/cluster-node.js";
import { LocalCluster } from "../cluster/local-cluster.js";
import { kindsOf, LONG } from "./cluster-mixes.js";

const OUR_TOOL = join(__PROJECT_ROOT__, "bin/ctdb");
const TIMEOUT_MS = 60_000;

function ours(cluster: LocalCluster, args: readonly string[], pnn = 0): Promise<ToolResult> {
  return runProgram(OUR_TOOL, args, cluster.node(pnn).env, TIMEOUT_MS);
}

/** Three nodes of the mix; `prepare` may change their files before they start. */
async function nodesComeAndGo(
  mix: string,
  prepare: (cluster: LocalCluster) => void = () => undefined,
  listFile: (node: ClusterNode) => string = (node) => join(node.base, "nodes"),
): Promise<void> {
  const cluster = await LocalCluster.create({ kinds: kindsOf(mix), tunables: { RerecoveryTimeout: 1 } });
  prepare(cluster);
  const writeLists = (lines: readonly string[]): void => {
    for (const node of cluster.nodes) writeFileSync(listFile(node), lines.map((line) => `${line}\n`).join(""));
  };
  const [first = "", second = "", third = ""] = cluster.nodes.map((node) => node.address);
  try {
    writeLists([first, second]);
    cluster.node(0).start();
    cluster.node(1).start();
    await cluster.healthy([0, 1]);

    const same = await ours(cluster, ["reloadnodes"]);
    assert.deepEqual(same, {
      status: 0,
      stdout: "",
      stderr: "No change in nodes file, skipping unnecessary reload\n",
    });

    writeFileSync(listFile(cluster.node(0)), `${first}\n${second}\n${third}\n`);
    const differs = await ours(cluster, ["reloadnodes"]);
    assert.deepEqual(differs, {
      status: 1,
      stdout: "",
      stderr: "ERROR: Nodes file on node 1 differs from current node (0)\n",
    });

    writeLists([first, second, third]);
    const added = await ours(cluster, ["reloadnodes"]);
    assert.deepEqual(added, { status: 0, stdout: "Node 2 is NEW\n", stderr: "" });
    cluster.node(2).start();
    await cluster.healthy([0, 1, 2]);

    writeLists([first, `#${second}`, third]);
    const connected = await ours(cluster, ["reloadnodes"]);
    assert.equal(connected.status, 1);
    assert.match(connected.stderr, /^ERROR: Node 1 is still connected$/m);

    assert.equal((await ours(cluster, ["shutdown"], 1)).status, 0);
    await cluster.node(1).stop();
    await awaitCondition("node 1 is disconnected", { timeoutMs: TIMEOUT_MS, intervalMs: 100 }, async () => {
      const { stdout } = await ours(cluster, ["nodestatus", "1"]);
      return stdout.includes("DISCONNECTED");
    });
    // Recoveries cannot be disabled while the one that node 1's end has caused is running.
    await cluster.healthy([0, 2]);
    const deleted = await ours(cluster, ["reloadnodes"]);
    assert.deepEqual(deleted, { status: 0, stdout: "Node 1 is DELETED\n", stderr: "" });
    await awaitCondition("node 1 is deleted", { timeoutMs: TIMEOUT_MS, intervalMs: 100 }, async () => {
      const { stdout } = await ours(cluster, ["nodestatus", "all"], 2);
      return stdout.startsWith("Number of nodes:3 (including 1 deleted nodes)\n");
    });
    assert.equal((await ours(cluster, ["listnodes"])).stdout, `${first}\n${third}\n`);
    await cluster.healthy([0, 2]);

    writeLists([first, second, third]);
    const undeleted = await ours(cluster, ["reloadnodes"], 2);
    assert.deepEqual(undeleted, { status: 0, stdout: "Node 1 is UNDELETED\n", stderr: "" });
    cluster.node(1).start();
    await cluster.healthy([0, 1, 2]);
  } catch (error) {
    throw cluster.failed(error);
  } finally {
    await cluster.stop();
  }
}

describe("the nodes of a running cluster", { concurrency: 2 }, () => {
  const skip = LONG ? false : "takes half a minute, and the other ones show it too: set CTDB_TEST_LONG";
  test("come, go and come back with C daemons", { skip }, () => nodesComeAndGo("ccc"));
  test("come, go and come back with our daemons", () => nodesComeAndGo("ttt"));
  test("come, go and come back in a mix: one of ours goes", { skip }, () => nodesComeAndGo("ctc"));
  test("come, go and come back in a mix: a C node goes", () => nodesComeAndGo("tct"));

  test("come, go and come back where the nodes list is the output of a command", () => {
    // Its lists are nobody else's: the file `nodes` holds what would end the daemon and the tool.
    const source = (node: ClusterNode): string => join(node.base, "source of nodes");
    return nodesComeAndGo(
      "ttt",
      (cluster) => {
        for (const node of cluster.nodes) {
          const script = join(node.base, "nodes.sh");
          writeFileSync(script, `#!/bin/sh\ncat "${source(node)}"\nexit 3\n`, { mode: 0o755 });
          writeFileSync(join(node.base, "nodes"), "no address\n");
          appendFileSync(join(node.base, "ctdb.conf"), `[cluster]\n\tnodes list = !${script} ignored\n`);
        }
      },
      source,
    );
  });

  test("listnodes splits a command at blanks, without quoting, and ignores its exit status", async () => {
    const cluster = await LocalCluster.create({ kinds: ["ts"] });
    try {
      const node = cluster.node(0);
      const script = join(node.base, "nodes.sh");
      writeFileSync(script, `#!/bin/sh\necho ${node.address}\necho "$@"\nexit 3\n`, { mode: 0o755 });
      writeFileSync(join(node.base, "ctdb.conf"), `[cluster]\n\tnodes list = !${script} # 10.0.0.2\n`);
      const { stdout, status, stderr } = await ours(cluster, ["-X", "listnodes"]);
      assert.deepEqual([stdout, stderr, status], [`|0|${node.address}|\n`, "", 0]);
    } finally {
      await cluster.stop();
    }
  });
});
