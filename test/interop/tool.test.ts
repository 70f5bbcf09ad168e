// Our `ctdb` against Debian's: both run every command line of the table on the same cluster of C daemons; what they print on
// standard output and on standard error and their exit status must be equal. Differences that are meant are in docs/differences.md
// and are undone here, each by its name. CTDB_TEST_LONG=1: more cases.
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { C_TOOL } from "../cluster/cluster-node.js";
import { LocalCluster } from "../cluster/local-cluster.js";
import {
  changingCases,
  commandLineCases,
  lookingCases,
  noDaemonCases,
  readingCases,
  type ToolCase,
} from "./tool-cases.js";
import { comparable, OUR_TOOL, type Outcome, runTool, title } from "./tool-comparison.js";

const LONG = process.env["CTDB_TEST_LONG"] !== undefined;
const SKIP_LONG = LONG ? false : "takes long: set CTDB_TEST_LONG";
/** Command lines that run at the same time; most of them wait. */
const CONCURRENCY = 4;

let cluster: LocalCluster;
let files: Readonly<Record<string, string>>;

function substitute(text: string): string {
  return text.replace(/@[A-Z0-9]+@/g, (name) => files[name] ?? name);
}

async function runWithSurroundings(tool: string, one: ToolCase, base: string): Promise<readonly Outcome[]> {
  for (const args of one.before ?? []) {
    const outcome = await runTool(C_TOOL, args, {}, base, substitute);
    assert.equal(outcome.status, 0, `preparing: ctdb ${args.join(" ")}: ${outcome.stderr}`);
  }
  const outcomes = [await runTool(tool, one.args, one, base, substitute)];
  for (const args of one.after ?? []) outcomes.push(await runTool(C_TOOL, args, {}, base, substitute));
  return outcomes.map((outcome) => comparable(outcome, one.mask));
}

function compareAll(name: string, cases: readonly ToolCase[], concurrency: number, base: () => string): void {
  describe(name, { concurrency }, () => {
    for (const one of cases) {
      if (one.slow === true && !LONG) continue;
      test(`\`${title(one)}\` prints and returns the same as Debian's`, async () => {
        const theirs = await runWithSurroundings(C_TOOL, one, base());
        const ours = await runWithSurroundings(OUR_TOOL, one, base());
        assert.deepEqual(ours, theirs);
      });
    }
  });
}

/** Public addresses on the first two nodes, an event script, and the files that the command lines name. */
function writeFiles(directory: string): void {
  const addresses = ["10.47.0.1/24 lo", "10.47.0.2/24 lo", "10.47.1.1/24 lo", "10.47.1.2/24 lo", ""].join("\n");
  for (const node of cluster.nodes) {
    writeFileSync(join(node.base, "public_addresses"), node.pnn < 2 ? addresses : "");
    writeFileSync(join(node.base, "events/legacy/00.test.script"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
    writeFileSync(join(node.base, "functions"), "");
  }
  const path = (name: string): string => join(directory, name);
  writeFileSync(path("bad"), Buffer.concat([Buffer.from([9, 0, 0, 0, 0, 0, 0, 0]), Buffer.alloc(96)]));
  const oneBuffer = Buffer.concat([
    Buffer.from([3, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.alloc(16),
    Buffer.from([1]),
    Buffer.alloc(79),
  ]);
  const hundredBytes = Buffer.from([0, 0, 0, 0, 1, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0]);
  writeFileSync(path("garbage"), Buffer.concat([oneBuffer, hundredBytes, Buffer.alloc(100, 1)]));
  writeFileSync(path("empty"), "");
  writeFileSync(path("short"), oneBuffer);
  writeFileSync(path("trans"), '"k1" "v1"\n"k2" "0x0001"\n');
  for (const [name, body] of [
    ["exit70", "exit 70"],
    ["exit255", "exit 255"],
    ["killed", "kill -9 $$"],
  ] as const) {
    writeFileSync(path(name), `#!/bin/sh\n${body}\n`);
    chmodSync(path(name), 0o755);
  }
  files = {
    "@DB0@": join(cluster.node(0).base, "db"),
    "@FILE@": path("file"),
    "@BACKUP@": path("backup"),
    "@BAD@": path("bad"),
    "@SHORT@": path("short"),
    "@GARBAGE@": path("garbage"),
    "@EMPTY@": path("empty"),
    "@TRANS@": path("trans"),
    "@EXIT70@": path("exit70"),
    "@EXIT255@": path("exit255"),
    "@KILLED@": path("killed"),
  };
}

before(async () => {
  cluster = await LocalCluster.create({ kinds: ["c", "c", "c"] });
  const directory = join(cluster.directory, "files");
  mkdirSync(directory);
  writeFiles(directory);
  cluster.startAll();
  await cluster.healthy();
  const node = cluster.node(0);
  for (const pnn of [0, 1]) await node.ctdbOk(["-n", String(pnn), "setifacelink", "lo", "up"]);
  await node.ctdbOk(["attach", "v.tdb"]);
  await node.ctdbOk(["attach", "r.tdb", "replicated"]);
  await node.ctdbOk(["attach", "p.tdb", "persistent"]);
  await node.ctdbOk(["pstore", "p.tdb", "k1", "v1"]);
  await node.ctdbOk(["pstore", "p.tdb", "bin", "0x610062ff225c"]);
  await node.ctdbOk(["pstore", "r.tdb", "k1", "r1"]);
  await node.ctdbOk(["writekey", "v.tdb", "k1", "v1"]);
  await node.ctdbOk(["writekey", "v.tdb", "bin", "0x610062ff225c"]);
  await node.ctdbOk(["backupdb", "p.tdb", substitute("@BACKUP@")]);
  await node.ctdbOk(["sync"]);
});

after(() => cluster.stop());

const base = (): string => cluster.node(0).base;

describe("the tools on one cluster", { concurrency: 1 }, () => {
  compareAll("wrong command lines", commandLineCases, CONCURRENCY, base);
  compareAll("looking at a healthy cluster", readingCases, CONCURRENCY, base);
  compareAll("changing a healthy cluster", changingCases, 1, base);

  describe("with a stopped node", { concurrency: 1, skip: SKIP_LONG }, () => {
    before(() => cluster.node(0).ctdbOk(["-n", "2", "stop"]));
    compareAll("looking", lookingCases, CONCURRENCY, base);
    compareAll(
      "from the stopped node",
      [{ args: ["-X", "status"] }, { args: ["reloadips"] }],
      1,
      () => cluster.node(2).base,
    );
    after(() => cluster.node(0).ctdbOk(["-n", "2", "continue"]));
  });

  describe("with a banned node", { concurrency: 1, skip: SKIP_LONG }, () => {
    before(() => cluster.node(0).ctdbOk(["-n", "2", "ban", "300"]));
    compareAll("looking", lookingCases, CONCURRENCY, base);
    compareAll("from the banned node", [{ args: ["-X", "status"] }], 1, () => cluster.node(2).base);
    after(() => cluster.node(0).ctdbOk(["-n", "2", "unban"]));
  });

  describe("with a node that does not answer", { concurrency: 1 }, () => {
    before(() => cluster.node(2).pause());
    compareAll(
      "looking",
      [
        { args: ["-t", "1", "-n2", "ping"] },
        { args: ["-t", "1", "-n2", "getdbmap"] },
        { args: ["-t", "1", "-X", "status"] },
        { args: ["-t", "1", "-n2", "nodestatus"] },
        { args: ["-t", "1", "-n2", "listvars"] },
        { args: ["-t", "1", "-n2", "setvar", "MonitorInterval", "1"] },
        { args: ["-t", "1", "ip", "all"] },
        { args: ["-t", "1", "-n2", "disable"] },
        { args: ["-t", "1", "reloadnodes"] },
        { args: ["-T", "1", "-n2", "ping"] },
      ],
      CONCURRENCY,
      base,
    );
    after(() => cluster.node(2).resume());
  });

  describe("with a dead node", { concurrency: 1 }, () => {
    before(async () => {
      await cluster.node(2).kill();
      await cluster.healthy([0, 1]);
    });
    compareAll("looking", lookingCases, CONCURRENCY, base);
    compareAll("without a daemon", noDaemonCases, CONCURRENCY, () => cluster.node(2).base);
  });
});
