// Debian's ctdb tool says the same of a cluster of our nodes as of a cluster of C nodes in the same state.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { NodeFlag, RecoveryMode } from "../../src/protocol/index.js";
import { awaitCondition } from "../cluster/await-condition.js";
import { makeLeader } from "../cluster/leadership.js";
import { LocalCluster } from "../cluster/local-cluster.js";
import { kindsOf } from "./cluster-mixes.js";

type Mask = readonly [RegExp, string];

/** Values that differ from run to run, in all commands. */
const COMMON_MASKS: readonly Mask[] = [
  [/(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d \d{4}/g, "DATE"],
  [/Generation:\d+/g, "Generation:N"],
  [/time=[\d.]+ sec/g, "time=T"],
  [/PID:\d+/g, "PID:P"],
  // The daemons' own helpers are among them: ours always has one more, C's while it vacuums.
  [/\(\d+ clients\)/g, "(N clients)"],
];
/** For counters: what matters is which ones there are. */
const NUMBERS: Mask = [/\d+(\.\d+)?/g, "N"];
const DURATIONS: readonly Mask[] = [
  [/\(\d+ \d\d:\d\d:\d\d\)/g, "(AGE)"],
  [/[\d.]+ seconds/g, "T seconds"],
];
/** Counters of a different order or spacing once their numbers have other widths. */
const SPACES: Mask = [/[ \t]+/g, " "];

interface Step {
  readonly args: readonly string[];
  /** Node whose tool environment is used; default 0. */
  readonly on?: number;
  readonly masks?: readonly Mask[];
  /** The order of the blank-line-free blocks (records) does not matter. */
  readonly anyOrder?: boolean;
  /** Node whose daemon ends by it, which the tool does not wait for. */
  readonly ends?: number;
}

const LIMIT_MS = 60_000;
const DB = "tool.tdb";
const PERSISTENT_DB = "persistent.tdb";

const STEPS: readonly Step[] = [
  { args: ["status"] },
  { args: ["-X", "status"] },
  { args: ["status"], on: 1 },
  { args: ["nodestatus"] },
  { args: ["nodestatus", "all"] },
  { args: ["-X", "nodestatus", "1"] },
  { args: ["pnn"] },
  { args: ["pnn"], on: 2 },
  { args: ["ping"] },
  { args: ["ping", "-n", "all"] },
  { args: ["ping", "-n", "7"] },
  { args: ["uptime"], masks: DURATIONS },
  { args: ["-X", "uptime"], masks: [NUMBERS] },
  { args: ["listnodes"] },
  { args: ["-X", "listnodes"] },
  { args: ["getcapabilities"] },
  { args: ["-X", "getcapabilities", "-n", "2"] },
  { args: ["runstate"] },
  { args: ["runstate", "-n", "all"] },
  { args: ["runstate", "setup"] },
  { args: ["leader"] },
  { args: ["leader"], on: 2 },
  { args: ["getpid"] },
  { args: ["getpid", "-n", "all"] },
  { args: ["getdebug"] },
  { args: ["setdebug", "INFO"] },
  { args: ["getdebug"] },
  { args: ["setdebug", "nonsense"] },
  { args: ["setdebug", "NOTICE", "-n", "all"] },
  { args: ["listvars"] },
  { args: ["getvar", "MonitorInterval"] },
  { args: ["setvar", "MonitorInterval", "20"] },
  { args: ["getvar", "MonitorInterval"] },
  { args: ["getvar", "MonitorInterval", "-n", "1"] },
  { args: ["setvar", "MonitorInterval", "15", "-n", "all"] },
  { args: ["getvar", "NoSuchTunable"] },
  { args: ["setvar", "NoSuchTunable", "1"] },
  { args: ["setvar", "MaxRedirectCount", "5"] },
  { args: ["getdbmap"] },
  { args: ["attach", DB] },
  { args: ["attach", PERSISTENT_DB, "persistent"] },
  { args: ["getdbmap"] },
  { args: ["-X", "getdbmap"] },
  { args: ["getdbmap"], on: 2 },
  { args: ["getdbstatus", DB] },
  { args: ["getdbstatus", PERSISTENT_DB], on: 1 },
  { args: ["getdbstatus", "nosuch.tdb"] },
  { args: ["catdb", DB] },
  { args: ["writekey", DB, "first", "one"] },
  { args: ["writekey", DB, "second", "two"], on: 1 },
  { args: ["writekey", DB, "third", "three"], on: 2 },
  { args: ["readkey", DB, "first"] },
  { args: ["readkey", DB, "first"], on: 1 },
  { args: ["readkey", DB, "first"], on: 2 },
  { args: ["readkey", DB, "absent"] },
  { args: ["writekey", DB, "second", "zwei"], on: 2 },
  { args: ["catdb", DB], anyOrder: true },
  { args: ["catdb", DB], on: 1, anyOrder: true },
  { args: ["cattdb", DB], anyOrder: true },
  { args: ["cattdb", DB], on: 1, anyOrder: true },
  { args: ["cattdb", DB], on: 2, anyOrder: true },
  { args: ["deletekey", DB, "third"], on: 1 },
  { args: ["readkey", DB, "third"] },
  { args: ["deletekey", DB, "absent"] },
  { args: ["catdb", DB], anyOrder: true },
  { args: ["catdb", "nosuch.tdb"] },
  { args: ["statistics"], masks: [NUMBERS, SPACES] },
  {
    args: ["dbstatistics", DB],
    masks: [NUMBERS, SPACES, [/^.*Key:.*$/gm, "HOT KEY"], [/(HOT KEY\n)+/g, "HOT KEYS\n"]],
  },
  { args: ["statisticsreset"] },
  { args: ["disable", "-n", "1"] },
  { args: ["status"] },
  { args: ["-X", "status"], on: 1 },
  { args: ["nodestatus", "1"] },
  { args: ["enable", "-n", "1"] },
  { args: ["status"] },
  { args: ["stop", "-n", "2"] },
  { args: ["status"] },
  { args: ["status"], on: 2 },
  { args: ["nodestatus", "all"] },
  { args: ["cattdb", DB], anyOrder: true },
  { args: ["catdb", DB], on: 1, anyOrder: true },
  { args: ["continue", "-n", "2"] },
  { args: ["status"] },
  { args: ["catdb", DB], on: 2, anyOrder: true },
  { args: ["ban", "60", "-n", "1"] },
  { args: ["status"] },
  { args: ["nodestatus", "1"] },
  { args: ["unban", "-n", "1"] },
  { args: ["status"] },
  { args: ["recover"] },
  { args: ["status"] },
  { args: ["catdb", DB], anyOrder: true },
  { args: ["cattdb", DB], anyOrder: true },
  { args: ["shutdown", "-n", "2"], ends: 2 },
  { args: ["status"] },
  { args: ["ping", "-n", "2"] },
];

function masked(text: string, cluster: LocalCluster, step: Step): string {
  const network = cluster.node(0).address.replace(/\.\d+$/, ".");
  let result = text.replaceAll(cluster.directory, "DIRECTORY").replaceAll(network, "NETWORK.");
  for (const node of cluster.nodes) {
    if (node.daemonPid !== undefined) result = result.replaceAll(new RegExp(`\\b${node.daemonPid}\\b`, "g"), "PID");
  }
  // The tool puts its own name and process into some messages.
  result = result.replaceAll(/\b(generation|Generation)[ :=]+\d+/g, "$1 N");
  for (const [pattern, replacement] of [...COMMON_MASKS, ...(step.masks ?? [])]) {
    result = result.replaceAll(pattern, replacement);
  }
  if (step.anyOrder === true) {
    result = result
      .split(/\n(?=key\()|\n(?=Dumped)|\n\n/)
      .map((block) => block.trim())
      .filter((block) => block !== "")
      .sort()
      .join("\n");
  }
  return result;
}

/** Waits until the running, active nodes are NORMAL, and all running nodes agree on the flags of all. */
async function quiet(cluster: LocalCluster): Promise<void> {
  await awaitCondition("the cluster is quiet", { timeoutMs: LIMIT_MS, intervalMs: 50 }, async () => {
    const running = cluster.nodes.filter((node) => node.daemonPid !== undefined);
    const views = await Promise.all(running.map((node) => cluster.view(node.pnn)));
    const flags = views.map((view) => view.flags.join());
    if (new Set(flags).size !== 1) return false;
    const inactive = NodeFlag.STOPPED | NodeFlag.BANNED | NodeFlag.DISCONNECTED;
    const active = running.flatMap((node, i) => {
      const view = views[i];
      return view === undefined || ((view.flags[node.pnn] ?? 0) & inactive) !== 0 ? [] : [{ node, view }];
    });
    const members = active.map(({ node }) => node.pnn).join();
    return active.every(
      ({ view }) =>
        view.recoveryMode === RecoveryMode.NORMAL &&
        view.generation === active[0]?.view.generation &&
        [...view.map].sort().join() === members &&
        view.flags.every((bits) => (bits & NodeFlag.UNHEALTHY) === 0 || (bits & inactive) !== 0),
    );
  });
}

describe("the C tool answers on our nodes as on C nodes:", () => {
  const clusters: LocalCluster[] = [];
  before(async () => {
    // No vacuuming: cattdb shows the empty records that reads have made, and when these go is the chance of each cluster.
    const tunables = { RerecoveryTimeout: 1, VacuumInterval: 3600 };
    const started = await Promise.all(
      (process.env["CTDB_TEST_COMPARE"] ?? "ccc,ttt")
        .split(",")
        .map((mix) => LocalCluster.start({ kinds: kindsOf(mix), tunables })),
    );
    clusters.push(...started);
    await Promise.all(clusters.map((cluster) => makeLeader(cluster, 0)));
  });
  after(async () => {
    await Promise.all(clusters.map((cluster) => cluster.stop()));
  });

  for (const [number, step] of STEPS.entries()) {
    const title = `${number + 1}. ctdb ${step.args.join(" ")}${step.on === undefined ? "" : ` on node ${step.on}`}`;
    test(title, async () => {
      const answers = await Promise.all(
        clusters.map(async (cluster) => {
          await quiet(cluster);
          const result = await cluster.node(step.on ?? 0).ctdb(step.args);
          if (step.ends !== undefined) await cluster.node(step.ends).exited(LIMIT_MS);
          return {
            status: result.status,
            stdout: masked(result.stdout, cluster, step),
            stderr: masked(result.stderr, cluster, step),
          };
        }),
      );
      assert.deepEqual(answers[1], answers[0]);
    });
  }
});
