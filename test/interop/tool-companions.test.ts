// Our ctdb-event, ctdb-path and ctdb-config against Debian's: the same command lines in the same directory, made anew for each.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { LocalCluster } from "../cluster/local-cluster.js";

const DEBIAN = "/usr/libexec/ctdb";
const OURS = join(__PROJECT_ROOT__, "libexec");

interface Step {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

function run(directory: string, line: string, base: string): Step {
  const [program = "", ...args] = line.split(" ").map((word) => word.replace(/_/g, " "));
  const env = { PATH: process.env["PATH"], CTDB_TEST_MODE: "1", CTDB_BASE: base, TZ: "UTC" };
  const { stdout, stderr, status } = spawnSync(join(directory, program), args, { env, encoding: "utf8" });
  return { stdout, stderr, status };
}

function writeScripts(base: string): void {
  const installed = join(base, "share/events/legacy");
  const enabled = join(base, "events/legacy");
  mkdirSync(installed, { recursive: true });
  mkdirSync(enabled, { recursive: true });
  for (const name of ["10.x.script", "20.y.script"]) writeFileSync(join(installed, name), "#!/bin/sh\n");
  for (const name of ["30.z.script", "xx.script", "notascript"]) writeFileSync(join(enabled, name), "#!/bin/sh\n");
  mkdirSync(join(enabled, "40.d.script"));
  symlinkSync("/nonexistent", join(enabled, "50.l.script"));
}

/** What the event directory looks like: names with their permissions and link texts. */
function scriptFiles(base: string): string[] {
  const enabled = join(base, "events/legacy");
  return readdirSync(enabled)
    .sort()
    .map((name) => {
      const status = lstatSync(join(enabled, name));
      return `${name} ${status.mode.toString(8)} ${status.isSymbolicLink() ? readlinkSync(join(enabled, name)) : ""}`;
    });
}

const lines: readonly string[] = [
  "ctdb-path",
  "ctdb-path foo",
  "ctdb-path -h",
  "ctdb-path -Z",
  "ctdb-path config",
  "ctdb-path config x",
  "ctdb-path pidfile ctdbd",
  "ctdb-path pidfile eventd",
  "ctdb-path socket",
  "ctdb-path socket ctdbd",
  "ctdb-path socket eventd",
  "ctdb-path datadir",
  "ctdb-path datadir append",
  "ctdb-path datadir append x/y",
  "ctdb-path etcdir",
  "ctdb-path etcdir append x",
  "ctdb-path rundir",
  "ctdb-path rundir append x",
  "ctdb-path vardir append a",
  "ctdb-path vardir append a b",
  "ctdb-path append",
  "ctdb-config",
  "ctdb-config -h",
  "ctdb-config -?",
  "ctdb-config --usage",
  "ctdb-config --help",
  "ctdb-config -Z",
  "ctdb-config foo",
  "ctdb-config get",
  "ctdb-config get cluster",
  "ctdb-config get a b",
  "ctdb-config get cluster leader_capability",
  "ctdb-config get CLUSTER leader_timeout",
  "ctdb-config get cluster LEADER_timeout",
  "ctdb-config get cluster recovery_lock",
  "ctdb-config get database tdb_mutexes",
  "ctdb-config validate x",
  "ctdb-config dump x",
  "ctdb-event",
  "ctdb-event -h",
  "ctdb-event --help",
  "ctdb-event -Z",
  "ctdb-event foo",
  "ctdb-event run",
  "ctdb-event run 1 legacy",
  "ctdb-event status",
  "ctdb-event status legacy",
  "ctdb-event status legacy monitor",
  "ctdb-event run 10 legacy monitor",
  "ctdb-event script",
  "ctdb-event script foo",
  "ctdb-event script list",
  "ctdb-event script list legacy x",
  "ctdb-event script list legacy",
  "ctdb-event script enable legacy",
  "ctdb-event script enable legacy foo",
  "ctdb-event script enable legacy 10.x",
  "ctdb-event script enable legacy 30.z",
  "ctdb-event script enable legacy 40.d",
  "ctdb-event script enable legacy 50.l",
  "ctdb-event script enable legacy xx",
  "ctdb-event script enable ../x y",
  "ctdb-event script disable legacy 10.x",
  "ctdb-event script disable legacy 30.z",
  "ctdb-event script disable legacy 40.d",
  "ctdb-event script disable legacy 50.l",
  "ctdb-event script disable legacy xx",
  "ctdb-event script disable legacy notascript",
  "ctdb-event script enable legacy 10.x && ctdb-event script list legacy && ctdb-event script disable legacy 10.x",
];

describe("the companions in a node directory without a daemon", { concurrency: 4 }, () => {
  for (const line of lines) {
    test(`\`${line}\` prints, returns and changes the same as Debian's`, () => {
      const base = mkdtempSync(join(tmpdir(), "ctdb-companions-"));
      try {
        const results = [DEBIAN, OURS].map((directory) => {
          rmSync(base, { recursive: true });
          mkdirSync(base);
          writeScripts(base);
          const steps = line.split(" && ").map((one) => run(directory, one, base));
          return { steps, files: scriptFiles(base) };
        });
        assert.deepEqual(results[1], results[0]);
      } finally {
        rmSync(base, { recursive: true });
      }
    });
  }

  test("`ctdb-config dump` prints what Debian's does, but for options of 4.24 and the level of ctdbd", () => {
    const base = mkdtempSync(join(tmpdir(), "ctdb-companions-"));
    const config =
      "[cluster]\n\trecovery lock = x y\n\tleader timeout = 5\n[database]\n\ttdb mutexes = no\n\tvolatile database directory = /tmp\n\tpersistent database directory = /var\n\tstate database directory = /usr\n[legacy]\n\tscript log level = INFO\n";
    writeFileSync(join(base, "ctdb.conf"), config);
    const [theirs, ours] = [DEBIAN, OURS].map((directory) => run(directory, "ctdb-config dump", base));
    const newer = /^\t# (nodes list|shutdown extra timeout|shutdown failover timeout) = .*\n/gm;
    assert.deepEqual(
      { ...ours, stdout: ours?.stdout.replace(newer, "").replace("log level = NOTICE", "log level = ERROR") },
      theirs,
    );
    rmSync(base, { recursive: true });
  });

  test("a bad value and an unknown option are refused with Debian's exit status and last line", () => {
    const base = mkdtempSync(join(tmpdir(), "ctdb-companions-"));
    for (const config of ["[cluster]\n\tleader timeout = abc\n", "[cluster]\n\tfoo = bar\n", undefined]) {
      rmSync(join(base, "ctdb.conf"), { force: true });
      if (config !== undefined) writeFileSync(join(base, "ctdb.conf"), config);
      const last = [DEBIAN, OURS].map((directory) => {
        const { status, stderr } = run(directory, "ctdb-config validate", base);
        return { status, line: stderr.trimEnd().split("\n").at(-1) };
      });
      assert.deepEqual(last[1], last[0]);
    }
    rmSync(base, { recursive: true });
  });
});

describe("ctdb-event with Debian's event daemon", { concurrency: 1 }, () => {
  let cluster: LocalCluster;
  const script = (node: { readonly base: string }, name: string, body: string, mode = 0o755): void =>
    writeFileSync(join(node.base, "events/legacy", `${name}.script`), `#!/bin/sh\n${body}\n`, { mode });

  before(async () => {
    cluster = await LocalCluster.create({ kinds: ["c"] });
    const node = cluster.node(0);
    script(node, "00.test", '[ "$1" != slow ] || sleep 20; exit 0');
    script(node, "10.bad", '[ "$1" != bad ] || { echo broken; exit 3; }; exit 0');
    script(node, "20.off", "exit 0", 0o644);
    cluster.startAll();
    await cluster.healthy();
  });
  after(() => cluster.stop());

  const mask = (step: Step): Step => ({
    ...step,
    stdout: step.stdout
      .replace(/ \d+\.\d{3} /g, " T ")
      .replace(/\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}/g, "DATE")
      // 4.17 prints the output of scripts with its newlines, 4.24 without.
      .replace(/( OUTPUT: .*\n)\n/g, "$1"),
  });

  for (const line of [
    "ctdb-event status legacy startup",
    "ctdb-event status legacy foo",
    "ctdb-event status foo monitor",
    "ctdb-event run 10 legacy hello",
    "ctdb-event run x legacy hello a b",
    "ctdb-event run 10 foo hello",
    "ctdb-event run 10 legacy bad",
    "ctdb-event status legacy bad",
    "ctdb-event run 1 legacy slow",
    "ctdb-event status legacy slow",
    "ctdb-event run 0 legacy hello",
    "ctdb-event status legacy hello",
  ]) {
    test(`\`${line}\` prints and returns the same as Debian's`, () => {
      const [theirs, ours] = [DEBIAN, OURS].map((directory) => mask(run(directory, line, cluster.node(0).base)));
      assert.deepEqual(ours, theirs);
    });
  }
});
