// What our `ctdb` has beside the commands of the C tool, on a cluster of both kinds of daemons: the live view, completion, suggestions.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { awaitCondition } from "../cluster/await-condition.js";
import { runProgram } from "../cluster/cluster-node.js";
import { LocalCluster } from "../cluster/local-cluster.js";

const OUR_TOOL = join(__PROJECT_ROOT__, "bin/ctdb");
const LIMIT_MS = 60_000;
const ESCAPE = "\x1b";

describe("beyond the C tool", { concurrency: 1 }, () => {
  let cluster: LocalCluster;
  before(async () => {
    cluster = await LocalCluster.start({ kinds: ["ts", "c"], tunables: { RerecoveryTimeout: 1 } });
  });
  after(() => cluster.stop());

  const ctdb = (...args: readonly string[]) => runProgram(OUR_TOOL, args, cluster.node(0).env, LIMIT_MS);

  interface View {
    readonly process: ChildProcess;
    /** Everything written to the terminal so far. */
    readonly written: () => string;
    /** What stands on the terminal since it was last cleared. */
    readonly screen: () => string;
  }

  /** `ctdb top` on a terminal of its own, which `script` makes. */
  function topOnTerminal(...args: readonly string[]): View {
    const child = spawn("script", ["-qfec", `${OUR_TOOL} top ${args.join(" ")}`, "/dev/null"], {
      env: { ...cluster.node(0).env, TERM: "xterm", LINES: "40" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", (bytes: Buffer) => {
      text += bytes.toString();
    });
    return { process: child, written: () => text, screen: () => text.slice(text.lastIndexOf(`${ESCAPE}[H`)) };
  }

  const shows = (view: View, pattern: RegExp): Promise<boolean> =>
    awaitCondition(`${pattern} on the terminal`, { timeoutMs: LIMIT_MS, intervalMs: 50 }, () => {
      if (pattern.test(view.screen())) return true;
      throw new Error(view.screen());
    });

  test("top shows nodes and what changes on a terminal, in colours, and gives the terminal back on `q`", async () => {
    const view = topOnTerminal("0.2");
    const [first = "", second = ""] = cluster.nodes.map((node) => node.address.replaceAll(".", "\\."));
    await shows(view, new RegExp(`2/2 nodes healthy.*${first}.*${second}`, "s"));
    assert.ok(view.screen().includes(`${ESCAPE}[32m`), "healthy nodes are green");
    await cluster.node(0).ctdbOk(["-n", "1", "disable"]);
    await shows(view, /1\/2 nodes healthy.*DISABLED.*\d\d:\d\d:\d\d [^\n]*DISABLED/s);
    await cluster.node(0).ctdbOk(["-n", "1", "enable"]);
    await cluster.node(0).ctdbOk(["recover"]);
    await shows(view, /2\/2 nodes healthy.*\d\d:\d\d:\d\d [^\n]*(generation|recover)/is);
    // Not "exit": that may come before the last of what was written.
    const ended = once(view.process, "close");
    view.process.stdin?.write("q");
    assert.deepEqual(await ended, [0, null]);
    assert.ok(view.written().startsWith(`${ESCAPE}[?1049h`), "it takes a screen of its own");
    assert.ok(view.written().trimEnd().endsWith(`${ESCAPE}[?1049l`), "and gives it back");
  });

  test("top prints one look without colours where standard output is no terminal", async () => {
    const { status, stdout, stderr } = await ctdb("top", "0.1");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /^ctdb top {2}2\/2 nodes healthy {2}leader [01] {2}NORMAL {2}generation \d+\n/);
    assert.ok(!stdout.includes(ESCAPE));
    for (const node of cluster.nodes) assert.ok(stdout.includes(node.address), node.address);
    const json = await ctdb("--json", "top", "0.1");
    const { nodes } = JSON.parse(json.stdout);
    assert.deepEqual(
      nodes.map((node: { readonly address: string }) => node.address),
      cluster.nodes.map((node) => node.address),
    );
    assert.equal((await ctdb("top", "often")).status, 1);
    assert.equal((await ctdb("top", "1e9")).status, 1);
  });

  test("no other command writes colours, on a terminal either", async () => {
    const child = spawn("script", ["-qfec", `${OUR_TOOL} status`, "/dev/null"], {
      env: { ...cluster.node(0).env, TERM: "xterm" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const parts: Buffer[] = [];
    child.stdout.on("data", (bytes: Buffer) => parts.push(bytes));
    assert.deepEqual(await once(child, "close"), [0, null]);
    const onTerminal = Buffer.concat(parts).toString().replaceAll("\r\n", "\n");
    assert.equal(onTerminal, (await ctdb("status")).stdout);
  });

  test("output that cannot be written is a failure, with a reason", async () => {
    const full = await runProgram("sh", ["-c", `${OUR_TOOL} status >/dev/full`], cluster.node(0).env, LIMIT_MS);
    assert.deepEqual(full, {
      status: 1,
      stdout: "",
      stderr: "Failed to write the output: ENOSPC: no space left on device, write\n",
    });
  });

  test("completion prints a script for the shells it knows, and needs no daemon", async () => {
    const { status, stdout } = await runProgram(OUR_TOOL, ["completion", "bash"], { PATH: "/usr/bin:/bin" }, LIMIT_MS);
    assert.equal(status, 0);
    const check = await runProgram("bash", ["-nc", stdout], {}, LIMIT_MS);
    assert.deepEqual([check.status, check.stderr], [0, ""]);
    assert.equal((await ctdb("completion", "tcsh")).status, 1);
  });

  test("a mistyped command and one of an old release get a hint in a line of its own", async () => {
    assert.equal((await ctdb("statsu")).stderr, "Unknown command 'statsu'\nDid you mean 'status'?\n");
    assert.equal((await ctdb("recmaster")).stderr, "Unknown command 'recmaster'\nIt is called 'leader' now.\n");
    assert.equal((await ctdb("frobnicate")).stderr, "Unknown command 'frobnicate'\n");
  });
});
