// Our `ctdb` against Debian's on a cluster of our own daemons: a good part of the table of command lines, in every run.
import { after, before, describe } from "node:test";
import { LONG } from "./cluster-mixes.js";
import { changingCases, lookingCases, noDaemonCases, readingCases, type ToolCase } from "./tool-cases.js";
import { compareAll, ToolCluster } from "./tool-cluster.js";

const CONCURRENCY = 4;
/** tool.test.ts runs all of them; here what counts is the daemon's part, and most cases resemble one beside them. */
const READING_STEP = LONG ? 1 : 2;

/** Our daemon has no public addresses yet: what needs one to be prepared waits for them. */
const withoutAddresses = (cases: readonly ToolCase[]): ToolCase[] => cases.filter((one) => one.needsAddresses !== true);

let cluster: ToolCluster;

before(async () => {
  cluster = await ToolCluster.start(["ts", "ts", "ts"]);
});
after(() => cluster.nodes.stop());

describe("the tools on our daemons", { concurrency: 1 }, () => {
  compareAll(
    "looking at a healthy cluster",
    withoutAddresses(readingCases).filter((_, i) => i % READING_STEP === 0),
    CONCURRENCY,
    () => cluster,
  );
  compareAll("changing a healthy cluster", withoutAddresses(changingCases), 1, () => cluster);

  describe("with a dead node", { concurrency: 1 }, () => {
    before(async () => {
      await cluster.nodes.node(2).kill();
      await cluster.nodes.healthy([0, 1]);
    });
    compareAll("looking", lookingCases, CONCURRENCY, () => cluster);
    compareAll(
      "without a daemon",
      noDaemonCases,
      CONCURRENCY,
      () => cluster,
      () => cluster.nodes.node(2).base,
    );
  });
});
