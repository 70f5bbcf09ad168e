// Our `ctdb` against Debian's: both run every command line of the table on the same cluster of C daemons; what they print on
// standard output and on standard error and their exit status must be equal. Differences that are meant are in docs/differences.md
// and are undone here, each by its name. CTDB_TEST_LONG=1: more cases.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { C_TOOL } from "../cluster/cluster-node.js";
import { LocalCluster } from "../cluster/local-cluster.js";
import {
  changingCases,
  commandLineCases,
  lookingCases,
  type Mask,
  noDaemonCases,
  readingCases,
  type ToolCase,
} from "./tool-cases.js";

const OUR_TOOL = join(__PROJECT_ROOT__, "bin/ctdb");
const LONG = process.env["CTDB_TEST_LONG"] !== undefined;
const RUN_TIMEOUT_MS = 60_000;
/** Command lines that run at the same time; most of them wait. */
const CONCURRENCY = 4;

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let cluster: LocalCluster;
let files: Readonly<Record<string, string>>;

function substitute(text: string): string {
  return text.replace(/@[A-Z0-9]+@/g, (name) => files[name] ?? name);
}

function run(tool: string, args: readonly string[], one: ToolCase, base: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args.map(substitute), {
      env: {
        PATH: process.env["PATH"],
        CTDB_TEST_MODE: "yes",
        CTDB_BASE: base,
        TZ: "UTC",
        ...Object.fromEntries(Object.entries(one.env ?? {}).map(([name, value]) => [name, substitute(value)])),
      },
    });
    const parts: { readonly stdout: Buffer[]; readonly stderr: Buffer[] } = { stdout: [], stderr: [] };
    child.stdout.on("data", (bytes: Buffer) => parts.stdout.push(bytes));
    child.stderr.on("data", (bytes: Buffer) => parts.stderr.push(bytes));
    child.stdin.on("error", () => undefined);
    child.stdin.end(one.stdin ?? "");
    const timer = setTimeout(() => child.kill("SIGKILL"), RUN_TIMEOUT_MS);
    child.once("error", reject);
    child.once("close", (status) => {
      clearTimeout(timer);
      resolve({
        status,
        stdout: Buffer.concat(parts.stdout).toString("latin1"),
        stderr: Buffer.concat(parts.stderr).toString("latin1"),
      });
    });
  });
}

const MASKS: Readonly<Record<Mask, (text: string) => string>> = {
  dates: (text) =>
    text
      .replace(/[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}/g, "DATE")
      .replace(/\(\d{3} \d\d:\d\d:\d\d\)/g, "(SPAN)")
      .replace(/\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/g, "DATE"),
  // A number takes the blanks in front of it along, which its width decides about.
  numbers: (text) => MASKS.dates(text).replace(/ *\d+(\.\d+)?/g, " N"),
  ping: (text) => text.replace(/time=\d\.\d{6} sec {2}\(\d+ clients\)/, "time=T sec  (N clients)"),
};

/** Undoes the meant differences, in both outputs. The names are those of docs/differences.md. */
function undoMeantDifferences(text: string): string {
  return (
    text
      // "usage": our additions stand behind the C tool's text.
      .replace(/\nBeyond the C tool:\n[\s\S]*$/, "")
      // "suggestions"
      .replace(/^Did you mean '.*'\?\n/m, "")
      .replace(/^It is called '.*' now\.\n/m, "")
      // "release"
      .replace("Destiation IP", "Destination IP")
      .replace('Failed to read nodes file "', 'Failed to read nodes from "')
      .replace(/^4\.(17\.12-Debian|24\.5-ctdb-ts)$/m, "VERSION")
  );
}

function comparable(outcome: Outcome, mask: Mask | undefined): Outcome {
  const change = (text: string): string => undoMeantDifferences(mask === undefined ? text : MASKS[mask](text));
  return { status: outcome.status, stdout: change(outcome.stdout), stderr: change(outcome.stderr) };
}

async function runWithSurroundings(tool: string, one: ToolCase, base: string): Promise<readonly Outcome[]> {
  const plain = { args: [] };
  for (const args of one.before ?? []) {
    const outcome = await run(C_TOOL, args, plain, base);
    assert.equal(outcome.status, 0, `preparing: ctdb ${args.join(" ")}: ${outcome.stderr}`);
  }
  const outcomes = [await run(tool, one.args, one, base)];
  for (const args of one.after ?? []) outcomes.push(await run(C_TOOL, args, plain, base));
  return outcomes.map((outcome) => comparable(outcome, one.mask));
}

function title(one: ToolCase): string {
  const env = Object.entries(one.env ?? {}).map(([name, value]) => `${name}=${value} `);
  const stdin = one.stdin === undefined ? "" : ` <<< ${JSON.stringify(one.stdin)}`;
  return `${env.join("")}ctdb ${one.args.map((word) => (word === "" ? "''" : word)).join(" ")}${stdin}`;
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
  const built = spawnSync(process.execPath, ["scripts/build.mjs", "--no-types", "ctdb"], {
    cwd: __PROJECT_ROOT__,
    encoding: "utf8",
  });
  assert.equal(built.status, 0, built.stderr);
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

  describe("with a stopped node", { concurrency: 1 }, () => {
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

  describe("with a banned node", { concurrency: 1, skip: LONG ? false : "takes long: set CTDB_TEST_LONG" }, () => {
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
