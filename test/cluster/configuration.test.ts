// The same files start Debian's daemon and ours, and the same faults stop both.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { awaitCondition } from "./await-condition.js";
import { C_TOOL, daemonPrograms, type NodeKind, runProgram } from "./cluster-node.js";
import { type SingleNode, singleNodes } from "./single-node.js";

const LIMIT_MS = 120_000;
const KINDS: readonly NodeKind[] = existsSync(daemonPrograms.c) ? ["c", "ts"] : ["ts"];

const { newNode } = singleNodes();

/** Runs `work` while a daemon with the files of `place` is up. */
async function whileRunning(
  t: TestContext,
  kind: NodeKind,
  place: SingleNode,
  work: () => Promise<void>,
): Promise<void> {
  const daemon = spawn(daemonPrograms[kind], ["-i"], { env: place.env, stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  daemon.stderr.on("data", (bytes: Buffer) => {
    log += bytes.toString();
  });
  const exited = once(daemon, "exit");
  t.after(() => daemon.kill("SIGKILL"));
  try {
    await awaitCondition("the daemon runs", { timeoutMs: LIMIT_MS }, async () => {
      assert.equal(daemon.exitCode, null, log);
      return (await tool(place, "runstate")).includes("RUNNING");
    });
    await work();
  } finally {
    const stopped = await runProgram(C_TOOL, ["shutdown"], place.env, LIMIT_MS);
    if (stopped.status !== 0) daemon.kill("SIGTERM");
    const limit = setTimeout(() => daemon.kill("SIGKILL"), LIMIT_MS);
    await exited;
    clearTimeout(limit);
  }
  await place.gone(LIMIT_MS);
}

async function tool(place: SingleNode, ...args: string[]): Promise<string> {
  return (await runProgram(C_TOOL, args, place.env, LIMIT_MS)).stdout;
}

/** The columns of `ctdb -X status` that the configuration decides; UNHEALTHY is a matter of time. */
function administrativeStates(status: string): string {
  const [names = [], values = []] = status.split("\n").map((line) => line.split("|"));
  return ["IP", "Disabled", "Stopped"].map((name) => `${name} ${values[names.indexOf(name)]}`).join(", ");
}

test("a file with every option and every oddity of its syntax gives both daemons the same settings", async (t) => {
  const place = newNode();
  const { base, address } = place;
  mkdirSync(join(base, "d b"));
  writeFileSync(join(base, "debug.sh"), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(
    join(base, "ctdb.conf"),
    `# written by hand
; over the years
[LOGGING]
location = file:
	log   level = inf
[Cluster] the one
	transport = tcp
	node address = ${address}
	recovery lock = ${base}/re\\
clock
	leader timeout = 4s
	leader capability = YES
  Leader Timeout = 9
  word
[database]
	volatile database directory =   ${base}/d b
	persistent database directory=${base}/db/persistent
	state database directory = ${base}/db/state\r
	lock debug script = /usr/lib/debug.sh
	tdb mutexes = No
[event]
	debug script = debug.sh
[legacy]
	realtime scheduling = false
	lmaster capability = false
	lmaster capability = true
	start as disabled = true
	start as stopped = no
	script log level = 3
[failover]
	disabled = FALSE
`,
  );
  writeFileSync(
    join(base, "ctdb.tunables"),
    "# mine\nmonitorinterval = 7\nNoSuchThing=1\nKeepaliveLimit = 0x6\nElectionTimeout=3 x\n[no]\nRecoverTimeout=031\n",
  );
  const answers: Record<string, string>[] = [];
  for (const kind of KINDS) {
    await whileRunning(t, kind, place, async () => {
      await tool(place, "attach", "volatile.tdb");
      answers.push({
        level: await tool(place, "getdebug"),
        lock: await tool(place, "getreclock"),
        capabilities: await tool(place, "getcapabilities"),
        states: administrativeStates(await tool(place, "-X", "status")),
        tunables: await tool(place, "listvars"),
        files: String(existsSync(join(base, "d b/volatile.tdb.0"))),
      });
    });
  }
  const [first, ...others] = answers;
  assert.equal(first?.["level"], "INFO\n");
  assert.equal(first["states"], `IP ${address}, Disabled 1, Stopped 0`);
  assert.equal(first["lock"], `${base}/reclock\n`);
  assert.match(first["capabilities"] ?? "", /LMASTER: NO/);
  assert.match(first["tunables"] ?? "", /^MonitorInterval +=+ 7$/m);
  assert.match(first["tunables"] ?? "", /^KeepaliveLimit +=+ 6$/m);
  assert.match(first["tunables"] ?? "", /^RecoverTimeout +=+ 25$/m);
  assert.equal(first["files"], "true");
  for (const other of others) assert.deepEqual(other, first);
});

const FAULTS: Readonly<Record<string, (place: SingleNode) => void>> = {
  "a leader timeout of 0": ({ base }) => addLine(base, "[cluster]\nleader timeout = 0\n"),
  "a number that is too large": ({ base }) => addLine(base, "[cluster]\nleader timeout = 4294967296\n"),
  "a node address with a port": ({ base }) => addLine(base, "[cluster]\nnode address = 127.0.0.1:4379\n"),
  "an unknown transport": ({ base }) => addLine(base, "[cluster]\ntransport = ib\n"),
  "a boolean that is none": ({ base }) => addLine(base, "[legacy]\nstart as stopped = on\n"),
  "an empty value": ({ base }) => addLine(base, "[cluster]\ncluster lock =\n"),
  "an unknown log level": ({ base }) => addLine(base, "[logging]\nlog level = loud\n"),
  "an unknown log location": ({ base }) => addLine(base, "[logging]\nlocation = journal\n"),
  "a log file in a missing directory": ({ base }) => addLine(base, `[logging]\nlocation = file:${base}/no/log\n`),
  "a missing database directory": ({ base }) => rmSync(join(base, "db/state"), { recursive: true }),
  "a missing script": ({ base }) => addLine(base, "[event]\ndebug script = no.sh\n"),
  "a missing nodes list": ({ base }) => rmSync(join(base, "nodes")),
  "a name in the nodes list": ({ base }) => writeFileSync(join(base, "nodes"), "localhost\n"),
};

function addLine(base: string, text: string): void {
  appendFileSync(join(base, "ctdb.conf"), text);
}

for (const [fault, make] of Object.entries(FAULTS)) {
  test(`${fault} stops the start of both daemons with status 1 and a word on stderr`, async () => {
    const place = newNode();
    make(place);
    for (const kind of KINDS) {
      const { status, stderr } = await runProgram(daemonPrograms[kind], ["-i"], place.env, LIMIT_MS);
      assert.equal(status, 1, `${kind}: ${stderr}`);
      assert.notEqual(stderr, "", kind);
      assert.equal(existsSync(place.pidFile), false, kind);
    }
  });
}

test("a log file of both daemons has the same form of lines, with the directory's name as host", async () => {
  const place = newNode();
  for (const kind of KINDS) {
    const started = await runProgram(daemonPrograms[kind], [], place.env, LIMIT_MS);
    assert.deepEqual([started.status, started.stderr], [0, ""]);
    await awaitCondition("the daemon answers", { timeoutMs: LIMIT_MS }, async () => {
      return (await runProgram(C_TOOL, ["ping"], place.env, LIMIT_MS)).status === 0;
    });
    await runProgram(C_TOOL, ["shutdown"], place.env, LIMIT_MS);
    await place.gone(LIMIT_MS);
    const lines = place.log.trimEnd().split("\n");
    for (const line of lines) {
      assert.match(line, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d node\.0 [a-z-]+\[\d+\]: /, kind);
    }
    assert.ok(
      lines.some((line) => line.endsWith("CTDB starting on node")),
      kind,
    );
    rmSync(place.logPath);
  }
});
