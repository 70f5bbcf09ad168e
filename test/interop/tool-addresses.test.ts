// Public addresses come, go and move on running C daemons: each tool goes through the same steps on a cluster of its own, from the same
// state, and they must print and return the same, and leave the same addresses on the same nodes.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { awaitCondition } from "../cluster/await-condition.js";
import { C_TOOL } from "../cluster/cluster-node.js";
import { LocalCluster } from "../cluster/local-cluster.js";
import { comparable, OUR_TOOL, type Outcome, runTool } from "./tool-comparison.js";

/** The node by node allocation: where an address goes depends on nothing but the list of addresses. */
const DETERMINISTIC_ALLOCATION = 0;
const SETTLED_MS = 60_000;
const TOOLS = [C_TOOL, OUR_TOOL] as const;

const FIRST = ["10.47.0.1/24 lo", "10.47.0.2/24 lo", "fd00:47::1/64 lo"];
const SECOND = ["10.47.0.2/24 lo", "10.47.0.3/24 lo", "fd00:47::1/64 lo"];

type Step = readonly string[] | { readonly publicAddresses: readonly string[] };

const SHOW: readonly Step[] = [
  ["ip", "all"],
  ["-X", "-v", "ip", "all"],
  ["ipinfo", "10.47.0.2"],
  ["-n1", "ipinfo", "fd00:47::1"],
  ["ifaces"],
];

const SEQUENCES: Readonly<Record<string, readonly Step[]>> = {
  "reloadips takes over a changed list on one node, and then on all": [
    { publicAddresses: SECOND },
    ["reloadips"],
    ...SHOW,
    ["reloadips", "0,1"],
    ...SHOW,
    { publicAddresses: FIRST },
    ["reloadips", "all"],
    ...SHOW,
  ],
  "addip adds an address to one node, delip takes it away, known and unknown ones are no mistakes": [
    ["-n1", "addip", "10.47.0.9/24", "lo"],
    ["ipreallocate"],
    ["-n1", "ip"],
    ["-n1", "addip", "10.47.0.9/24", "lo"],
    ["addip", "[fd00:47::9]/64", "lo"],
    ["ipreallocate"],
    ["-v", "ip", "all"],
    ["-X", "ifaces"],
    ["gratarp", "10.47.0.9", "lo"],
    ["-n1", "delip", "10.47.0.9"],
    ["delip", "fd00:47::9"],
    ["ipreallocate"],
    ["-v", "ip", "all"],
    ["-X", "ifaces"],
    ["delip", "10.47.0.9"],
  ],
  "a node gives its addresses away while an interface is down, or while it is disabled": [
    ["-n1", "setifacelink", "lo", "down"],
    ["ipreallocate"],
    ...SHOW,
    ["-X", "status"],
    ["-n1", "setifacelink", "lo", "up"],
    ["disable"],
    ...SHOW,
    ["enable"],
    ...SHOW,
  ],
  "tickles belong to an address": [
    ["addtickle", "10.9.9.9:1000", "10.47.0.1:445"],
    ["addtickle", "[fd00::9]:1001", "[fd00:47::1]:2049"],
    ["gettickles", "10.47.0.1"],
    ["-X", "gettickles", "fd00:47::1", "2049"],
    ["deltickle", "10.9.9.9:1000", "10.47.0.1:445"],
    ["deltickle", "[fd00::9]:1001", "[fd00:47::1]:2049"],
    ["gettickles", "10.47.0.1"],
    ["addtickle", "10.9.9.9:1000", "10.47.0.200:445"],
  ],
};

function writeAddresses(cluster: LocalCluster, lines: readonly string[]): void {
  for (const node of cluster.nodes) {
    writeFileSync(join(node.base, "public_addresses"), lines.map((line) => `${line}\n`).join(""));
  }
}

async function prepare(cluster: LocalCluster): Promise<void> {
  writeAddresses(cluster, FIRST);
  cluster.startAll();
  await cluster.healthy();
  for (const pnn of [0, 1]) await cluster.node(0).ctdbOk(["-n", String(pnn), "setifacelink", "lo", "up"]);
  await cluster.node(0).ctdbOk(["ipreallocate"]);
  await awaitCondition("all addresses are served", { timeoutMs: SETTLED_MS, intervalMs: 200 }, async () => {
    return !(await cluster.node(0).ctdbOk(["ip", "all"])).includes("-1");
  });
}

async function goThrough(tool: string, cluster: LocalCluster, steps: readonly Step[]): Promise<Outcome[]> {
  const network = cluster.node(0).address.replace(/\.\d+$/, ".");
  const outcomes: Outcome[] = [];
  for (const step of steps) {
    if ("publicAddresses" in step) writeAddresses(cluster, step.publicAddresses);
    else {
      const outcome = comparable(await runTool(tool, step, {}, cluster.node(0).base), undefined);
      outcomes.push({ ...outcome, stdout: `${step.join(" ")}\n${outcome.stdout.replaceAll(network, "NETWORK.")}` });
    }
  }
  return outcomes;
}

describe("public addresses of C daemons", { concurrency: 1 }, () => {
  const clusters: LocalCluster[] = [];

  before(async () => {
    const tunables = { RerecoveryTimeout: 1, IPAllocAlgorithm: DETERMINISTIC_ALLOCATION };
    for (let i = 0; i < TOOLS.length; i++) clusters.push(await LocalCluster.create({ kinds: ["c", "c"], tunables }));
    await Promise.all(clusters.map(prepare));
  });
  after(() => Promise.all(clusters.map((cluster) => cluster.stop())));

  for (const [title, steps] of Object.entries(SEQUENCES)) {
    test(title, async () => {
      const [theirs, ours] = await Promise.all(clusters.map((cluster, i) => goThrough(TOOLS[i] ?? "", cluster, steps)));
      assert.deepEqual(ours, theirs);
    });
  }
});
