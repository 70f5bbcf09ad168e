// Our `ctdb` against Debian's: both run every command line of the table on the same cluster of C daemons; what they print on
// standard output and on standard error and their exit status must be equal. Differences that are meant are in docs/differences.md
// and are undone here, each by its name. CTDB_TEST_LONG=1: more cases.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import {
  changingCases,
  commandLineCases,
  lookingCases,
  noDaemonCases,
  readingCases,
  type ToolCase,
} from "./tool-cases.js";
import { compareAll, ToolCluster } from "./tool-cluster.js";
import { OUR_TOOL, runTool } from "./tool-comparison.js";

const SHUTDOWN_MS = 60_000;
/** Command lines that run at the same time; most of them wait. */
const CONCURRENCY = 4;

let started: ToolCluster;
const cluster = (): ToolCluster => started;
const node = (pnn: number) => started.nodes.node(pnn);

before(async () => {
  started = await ToolCluster.start(["c", "c", "c"]);
  for (const pnn of [0, 1]) await node(0).ctdbOk(["-n", String(pnn), "setifacelink", "lo", "up"]);
  await node(0).ctdbOk(["sync"]);
});

after(() => started.nodes.stop());

/**
 * The next group begins when no recovery is under way: C daemons that lose a node amid a push keep it as started ("DB push already started"),
 * and refuse that of the next recovery.
 */
async function backToHealth(...command: readonly string[]): Promise<void> {
  await node(0).ctdbOk(["-n", "2", ...command]);
  await node(0).ctdbOk(["sync"]);
  await started.nodes.healthy();
}

describe("the tools on one cluster", { concurrency: 1 }, () => {
  compareAll("wrong command lines", commandLineCases, CONCURRENCY, cluster);
  compareAll("looking at a healthy cluster", readingCases, CONCURRENCY, cluster);
  compareAll("changing a healthy cluster", changingCases, 1, cluster);

  describe("with a stopped node", { concurrency: 1 }, () => {
    before(() => node(0).ctdbOk(["-n", "2", "stop"]));
    compareAll("looking", lookingCases, CONCURRENCY, cluster);
    compareAll(
      "from the stopped node",
      [{ args: ["-X", "status"] }, { args: ["reloadips"] }],
      1,
      cluster,
      () => node(2).base,
    );
    after(() => backToHealth("continue"));
  });

  describe("with a banned node", { concurrency: 1 }, () => {
    before(() => node(0).ctdbOk(["-n", "2", "ban", "300"]));
    compareAll("looking", lookingCases, CONCURRENCY, cluster);
    compareAll("from the banned node", [{ args: ["-X", "status"] }], 1, cluster, () => node(2).base);
    after(() => backToHealth("unban"));
  });

  describe("with a node that does not answer", { concurrency: 1 }, () => {
    before(() => node(2).pause());
    // So long must nothing but node 2 be silent.
    const waiting: readonly ToolCase[] = [
      { args: ["-t", "3", "-n2", "ping"] },
      { args: ["-t", "3", "-n2", "getdbmap"] },
      { args: ["-t", "3", "-X", "status"] },
      { args: ["-t", "3", "-n2", "nodestatus"] },
      { args: ["-t", "3", "-n2", "listvars"] },
      { args: ["-t", "3", "-n2", "setvar", "MonitorInterval", "1"] },
      { args: ["-t", "3", "ip", "all"] },
      { args: ["-t", "3", "-n2", "disable"] },
      { args: ["-t", "3", "reloadnodes"] },
      { args: ["-T", "3", "-n2", "ping"] },
    ];
    compareAll("looking", waiting, waiting.length, cluster);
    after(() => {
      node(2).resume();
      // It carries out the `disable` of above, which nobody waits for any more.
      return backToHealth("enable");
    });
  });

  describe("with a dead node", { concurrency: 1 }, () => {
    before(async () => {
      // It ends in the ordinary way, by our tool; for all others it is as dead as a killed one.
      const { status, stdout, stderr } = await runTool(OUR_TOOL, ["-n2", "shutdown"], {}, node(0).base);
      assert.deepEqual([status, stdout, stderr], [0, "", ""]);
      await node(2).exited(SHUTDOWN_MS);
      await started.nodes.healthy([0, 1]);
    });
    compareAll("looking", lookingCases, CONCURRENCY, cluster);
    compareAll("without a daemon", noDaemonCases, CONCURRENCY, cluster, () => node(2).base);
  });
});
