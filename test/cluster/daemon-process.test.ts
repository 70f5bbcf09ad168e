// ctdbd as a process: how it starts, what the system sees of it, how it ends, what it refuses.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { awaitCondition } from "./await-condition.js";
import { C_TOOL, daemonPrograms, runProgram } from "./cluster-node.js";
import { NODE_MARK, processesWithEnvironment } from "./process-guard.js";
import { type SingleNode, STANDARD_PATH, singleNodes } from "./single-node.js";

const LIMIT_MS = 60_000;

const { directory, newAddress, newNode } = singleNodes();

async function start(node: SingleNode, env = node.env): Promise<void> {
  const run = await runProgram(daemonPrograms.ts, [], env, LIMIT_MS);
  assert.deepEqual(run, { status: 0, stdout: "", stderr: "" });
  await healthy(node);
}

async function healthy(node: SingleNode): Promise<void> {
  await awaitCondition("the node is healthy", { timeoutMs: LIMIT_MS }, async () => {
    const { stdout } = await runProgram(C_TOOL, ["nodestatus"], node.env, LIMIT_MS);
    return stdout.includes(" OK ");
  });
}

const nameOf = (pid: number): string => readFileSync(`/proc/${pid}/comm`, "utf8").trim();
/** Names of all processes of the node but the daemon. Throws while one of them is coming or going. */
const helperNames = (node: SingleNode): string[] =>
  processesWithEnvironment(NODE_MARK, node.base).flatMap((pid) => (pid === node.pid ? [] : [nameOf(pid)]));
const argvOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0")[0] ?? "";

/** Whoever inherits an orphan may take its time to bury it. */
function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.charAt(stat.lastIndexOf(")") + 2) !== "Z";
  } catch {
    return false;
  }
}

test("ctdbd starts in the background, shows its own names, and takes all helpers with it when it is killed", async () => {
  const node = newNode();
  await start(node);
  const pid = node.pid;
  assert.equal(nameOf(pid), "ctdbd");
  assert.equal(argvOf(pid), "ctdbd");
  // A helper that has just been started, such as the one for the next freeze, has the name of its interpreter for a moment.
  await awaitCondition("all helpers show their own names", { timeoutMs: LIMIT_MS }, () => {
    const names = helperNames(node);
    assert.ok(!names.includes("node"), names.join());
    for (const expected of ["ctdb-clusterd", "ctdb-lockd", "ctdb_mutex_fcnt"])
      assert.ok(names.includes(expected), `${expected} among ${names.join()}`);
    return true;
  });
  assert.match(
    node.log,
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d node\.0 ctdbd\[\d+\]: CTDB starting on node$/m,
  );
  process.kill(pid, "SIGKILL");
  await node.gone(LIMIT_MS);
  assert.ok(existsSync(node.pidFile), "a killed daemon leaves its pid file");
});

test("a killed daemon can be started again at once: stale pid file and socket do not matter", async () => {
  const node = newNode();
  await start(node);
  const first = node.pid;
  process.kill(first, "SIGKILL");
  // Its helpers may still be there.
  await awaitCondition("the daemon is dead", { timeoutMs: LIMIT_MS }, () => !isAlive(first));
  await start(node);
  assert.notEqual(node.pid, first);
  process.kill(node.pid, "SIGKILL");
  await node.gone(LIMIT_MS);
});

test("SIGTERM ends the daemon at once, without a shutdown sequence", async () => {
  const node = newNode();
  await start(node);
  process.kill(node.pid, "SIGTERM");
  await node.gone(LIMIT_MS);
  assert.ok(!node.log.includes("Shutdown sequence"));
  assert.ok(existsSync(node.pidFile));
});

test("the shutdown control ends all processes and removes the pid file, the socket stays", async () => {
  const node = newNode();
  await start(node);
  const run = await runProgram(C_TOOL, ["shutdown"], node.env, LIMIT_MS);
  assert.equal(run.status, 0);
  await node.gone(LIMIT_MS);
  assert.ok(!existsSync(node.pidFile));
  assert.ok(existsSync(node.socketPath));
});

test("a second daemon on the same run directory gives up and leaves the first one alone", async () => {
  const node = newNode();
  await start(node);
  const first = node.pid;
  const second = await runProgram(daemonPrograms.ts, ["-i"], node.env, LIMIT_MS);
  assert.equal(second.status, 11);
  assert.match(second.stderr, /Failed to create PID file/);
  assert.equal(node.pid, first);
  await healthy(node);
  process.kill(first, "SIGKILL");
  await node.gone(LIMIT_MS);
});

test("a daemon that cannot open its databases says so in its log", async () => {
  const node = newNode();
  mkdirSync(join(node.base, "db", "persistent", "broken.tdb.0"));
  const run = await runProgram(daemonPrograms.ts, [], node.env, LIMIT_MS);
  assert.equal(run.status, 0);
  await node.gone(LIMIT_MS);
  assert.match(node.log, /^\S+ node\.0 ctdbd\[\d+\]: .*cannot open TDB file .*broken\.tdb/m);
});

function openFiles(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return []; // Closed meanwhile.
    }
  });
}

const logOf = (file: string, node: SingleNode): boolean => file === `${node.logPath} (deleted)`;

test("SIGHUP reopens the log file, also that of the helpers", async () => {
  const node = newNode();
  await start(node);
  rmSync(node.logPath);
  process.kill(node.pid, "SIGHUP");
  await awaitCondition("the new log", { timeoutMs: LIMIT_MS }, () => node.log.includes("Reopened logs"));
  await awaitCondition("no process writes to the old file", { timeoutMs: LIMIT_MS }, () =>
    processesWithEnvironment(NODE_MARK, node.base).every((pid) => !openFiles(pid).some((file) => logOf(file, node))),
  );
  process.kill(node.pid, "SIGKILL");
  await node.gone(LIMIT_MS);
});

test("with -i the daemon logs to stderr, and in test mode it ends when the pipe that is its stdin ends", async () => {
  const node = newNode();
  // Between node processes a pipe is a socket, so a shell makes one.
  const shell = spawn("/bin/sh", ["-c", `cat | "${daemonPrograms.ts}" -i`], {
    env: node.env,
    stdio: ["pipe", "ignore", "pipe"],
  });
  let log = "";
  shell.stderr.on("data", (bytes: Buffer) => {
    log += bytes.toString();
  });
  await healthy(node);
  assert.equal(node.log, "");
  await awaitCondition("its log", { timeoutMs: LIMIT_MS }, () => /^CTDB starting on node$/m.test(log));
  const ended = once(shell, "exit");
  shell.stdin.end();
  assert.deepEqual(await ended, [32, null]);
  await node.gone(LIMIT_MS);
});

const HOSTILE: Readonly<Record<string, Record<string, string>>> = {
  "an empty environment": {},
  "a hostile environment": {
    PATH: "/nonexistent",
    NODE_OPTIONS: "--bogus",
    NODE_PATH: "/nonexistent",
    NODE_DEBUG: "net,stream",
    BASH_ENV: "/nonexistent/file",
    CDPATH: "/tmp",
    IFS: "/",
    "BASH_FUNC_exec%%": "() { echo hijacked; }",
  },
};

for (const [name, extra] of Object.entries(HOSTILE)) {
  test(`daemon and tool start through a symlink, from any directory, in ${name}`, async () => {
    const node = newNode();
    const env = { ...extra, CTDB_TEST_MODE: "yes", CTDB_BASE: node.base, [NODE_MARK]: node.base };
    const daemonLink = join(node.base, "daemon link");
    const toolLink = join(node.base, "tool link");
    symlinkSync(daemonPrograms.ts, daemonLink);
    symlinkSync("../../link2", toolLink);
    rmSync(join(directory, "link2"), { force: true });
    symlinkSync(join(__PROJECT_ROOT__, "bin/ctdb"), join(directory, "link2"));
    const child = spawn(daemonLink, { env, cwd: "/", stdio: "ignore" });
    const [status] = await once(child, "exit");
    assert.equal(status, 0);
    await healthy(node);
    const tool = await runProgram(toolLink, ["pnn"], env, LIMIT_MS);
    assert.deepEqual(tool, { status: 0, stdout: "0\n", stderr: "" });
    process.kill(node.pid, "SIGKILL");
    await node.gone(LIMIT_MS);
  });
}

test("bad configuration is refused before the daemon goes into the background, with file, line and key", async () => {
  const bad: ReadonlyArray<readonly [section: string, line: string, key: RegExp]> = [
    ["cluster", "leader timeout = 0", /leader timeout/],
    ["cluster", "transport = ib", /transport/],
    ["logging", "log level = loud", /log level/],
    ["database", "tdb mutexes = maybe", /tdb mutexes/],
    ["legacy", "script log level = 11", /script log level/],
    ["event", "debug script = missing", /debug script/],
  ];
  for (const [section, line, key] of bad) {
    const node = newNode({ [section]: [line] });
    const number = readFileSync(join(node.base, "ctdb.conf"), "utf8")
      .split("\n")
      .findIndex((text) => text.includes(line));
    const run = await runProgram(daemonPrograms.ts, [], node.env, LIMIT_MS);
    assert.equal(run.status, 1, line);
    assert.match(run.stderr, key);
    assert.ok(run.stderr.includes(`${join(node.base, "ctdb.conf")}:${number + 1}`), run.stderr);
    assert.deepEqual(processesWithEnvironment(NODE_MARK, node.base), [], line);
  }
});

test("a nodes list with a bad line is refused with file and line", async () => {
  const node = newNode();
  appendFileSync(join(node.base, "nodes"), "not-an-address\n");
  const run = await runProgram(daemonPrograms.ts, [], node.env, LIMIT_MS);
  assert.equal(run.status, 1);
  assert.ok(run.stderr.includes(`"${join(node.base, "nodes")}": line 2`), run.stderr);
});

test("a node address that is not in the nodes list ends the start with a reason in the log", async () => {
  const node = newNode();
  writeFileSync(join(node.base, "nodes"), "192.0.2.1\n");
  const run = await runProgram(daemonPrograms.ts, ["-i"], node.env, LIMIT_MS);
  assert.notEqual(run.status, 0);
  assert.match(run.stderr, /not in the nodes list/);
});

test("unknown options and arguments are refused as the C daemon refuses them", async () => {
  const node = newNode();
  for (const args of [["--foo"], ["-x"], ["-ix"], ["--interactive=3"], ["a", "b"], ["--usage"], ["--help"], ["-?"]]) {
    const [ours, theirs] = await Promise.all([
      runProgram(daemonPrograms.ts, args, node.env, LIMIT_MS),
      runProgram(daemonPrograms.c, args, node.env, LIMIT_MS),
    ]);
    assert.deepEqual(ours, theirs, args.join(" "));
  }
});

// Private mounts over the standard directories: nothing of this machine's own CTDB is touched.
const STANDARD_PATHS_SCRIPT = `
set -e
for directory in /etc/ctdb /run/ctdb /var/lib/ctdb /var/log/ctdb; do
  mkdir -p $directory
  mount -t tmpfs tmpfs $directory
done
mkdir /var/lib/ctdb/volatile /var/lib/ctdb/persistent /var/lib/ctdb/state
echo "$2" >/etc/ctdb/nodes
printf '[cluster]\n\tnode address = %s\n' "$2" >/etc/ctdb/ctdb.conf
"$1"
until ctdb nodestatus 2>/dev/null | grep -q ' OK '; do sleep 0.05; done
processes() { ps -o comm=,cls= -p "$(cat /run/ctdb/ctdbd.pid)" --ppid "$(cat /run/ctdb/ctdbd.pid)"; }
while processes | grep -q '^node '; do sleep 0.05; done # One that has just been started.
processes
grep -c "ctdbd.*CTDB starting on node" /var/log/ctdb/log.ctdb
ctdb shutdown
`;

test("outside test mode the standard paths are used, and the daemon but none of its helpers has real-time priority", {
  skip: process.geteuid?.() !== 0 && "only root may use the standard paths",
}, async () => {
  const env = { PATH: STANDARD_PATH, [NODE_MARK]: join(directory, "standard") };
  const args = ["-m", "/bin/sh", "-c", STANDARD_PATHS_SCRIPT, "sh", daemonPrograms.ts, newAddress()];
  const run = await runProgram("unshare", args, env, LIMIT_MS);
  assert.equal(run.status, 0, run.stderr);
  const [daemon, ...rest] = run.stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/ +/).join(" "));
  assert.equal(daemon, "ctdbd FF");
  assert.deepEqual(rest.slice(0, -1).sort(), [
    "ctdb-clusterd TS",
    "ctdb-commitd TS",
    // One waits for records, one is there for the next freeze.
    "ctdb-lockd TS",
    "ctdb-lockd TS",
    "ctdb-vacuumd TS",
  ]);
  assert.equal(rest.at(-1), "1");
});
