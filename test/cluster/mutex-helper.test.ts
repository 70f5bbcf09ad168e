// The helper that holds the cluster lock, alone and against Debian's C helper on the same file, and ctdbd's side of it.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type ClusterMutexAttempt, startClusterMutex } from "../../src/platform/cluster-mutex.js";
import { NodeProcessRunner } from "../../src/platform/process-runner.js";
import { RecordingLogger } from "../unit/fake-time.js";
import { awaitCondition } from "./await-condition.js";

const OURS = join(__PROJECT_ROOT__, "libexec/ctdb_mutex_fcntl_helper");
const DEBIANS = "/usr/libexec/ctdb/ctdb_mutex_fcntl_helper";
const LIMIT_MS = 60_000;

const directory = mkdtempSync(join(tmpdir(), "ctdb-mutex-"));
const started: ChildProcess[] = [];
after(() => {
  for (const child of started) child.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});
let files = 0;
const newFile = (): string => join(directory, `lock${files++}`);

interface Helper {
  readonly child: ChildProcess;
  readonly answer: Promise<string>;
  readonly ended: Promise<unknown>;
}

function start(program: string, ...args: string[]): Helper {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  started.push(child);
  assert.ok(child.stdout);
  const { stdout } = child;
  const answer = new Promise<string>((resolve) => {
    stdout.once("data", (bytes: Buffer) => resolve(bytes.toString()));
    stdout.once("end", () => resolve("end"));
  });
  return { child, answer, ended: once(child, "exit") };
}

for (const [holder, contender] of [
  [OURS, OURS],
  [OURS, DEBIANS],
  [DEBIANS, OURS],
] as const) {
  const name = (program: string): string => (program === OURS ? "our" : "Debian's");
  test(`${name(contender)} helper is refused while ${name(holder)} holds the lock, and gets it afterwards`, async () => {
    const file = newFile();
    const first = start(holder, file);
    assert.equal(await first.answer, "0");
    const second = start(contender, file);
    assert.equal(await second.answer, "1");
    await second.ended;
    assert.equal(second.child.exitCode, 0);
    first.child.kill("SIGTERM");
    await first.ended;
    const third = start(contender, file);
    assert.equal(await third.answer, "0");
    third.child.kill("SIGTERM");
    await third.ended;
  });
}

test("a lock file that cannot be opened is an error, wrong usage has exit status 1", async () => {
  const failing = start(OURS, join(directory, "missing/lock"));
  assert.equal(await failing.answer, "3");
  await failing.ended;
  assert.equal(failing.child.exitCode, 0);
  const unused = start(OURS);
  assert.equal(await unused.answer, "end");
  await unused.ended;
  assert.equal(unused.child.exitCode, 1);
});

test("the lock is free at once when its owner is killed", async () => {
  const file = newFile();
  // The shell is the parent of the helper.
  const owner = start("/bin/sh", "-c", `"${OURS}" "${file}"; true`);
  assert.equal(await owner.answer, "0");
  owner.child.kill("SIGKILL");
  await awaitCondition("the lock is free", { timeoutMs: LIMIT_MS }, async () => {
    const probe = start(OURS, file);
    const answer = await probe.answer;
    probe.child.kill("SIGTERM");
    await probe.ended;
    return answer === "0";
  });
});

test("the lock is given up when its file is removed or replaced", async () => {
  const file = newFile();
  const removed = start(OURS, file, "1");
  assert.equal(await removed.answer, "0");
  rmSync(file);
  await removed.ended;
  const replaced = start(OURS, file, "1");
  assert.equal(await replaced.answer, "0");
  writeFileSync(`${file}.new`, "");
  renameSync(`${file}.new`, file);
  await replaced.ended;
});

test("checks once a second neither lose the lock nor disturb the helper of the other kind", async () => {
  const file = newFile();
  const holder = start(OURS, file, "1", "5");
  assert.equal(await holder.answer, "0");
  const [code] = (await Promise.race([
    holder.ended,
    new Promise((resolve) => setTimeout(() => resolve(["still there"]), 2500)),
  ])) as unknown[];
  assert.equal(code, "still there");
  const contender = start(DEBIANS, file);
  assert.equal(await contender.answer, "1");
  holder.child.kill("SIGTERM");
  await holder.ended;
});

interface Observed {
  readonly events: string[];
  readonly attempt: ClusterMutexAttempt;
  readonly logger: RecordingLogger;
}

function attempt(lock: string): Observed {
  const events: string[] = [];
  const logger = new RecordingLogger();
  const processes = new NodeProcessRunner({ stderr: logger });
  return {
    events,
    logger,
    attempt: startClusterMutex({ processes, logger, defaultHelper: [OURS] }, lock, {
      onAnswer: (outcome) => void events.push(outcome),
      onLost: () => void events.push("lost"),
    }),
  };
}

const happened = (observed: Observed, count: number): Promise<unknown> =>
  awaitCondition("an answer", { timeoutMs: LIMIT_MS }, () => observed.events.length >= count);

test("a plain file name goes to the default helper; release frees the lock and tells nothing more", async () => {
  const file = newFile();
  const first = attempt(file);
  await happened(first, 1);
  const second = attempt(file);
  await happened(second, 1);
  assert.deepEqual(second.events, ["contention"]);
  first.attempt.release();
  first.attempt.release();
  await awaitCondition("the lock is free", { timeoutMs: LIMIT_MS }, async () => {
    const next = attempt(file);
    await happened(next, 1);
    next.attempt.release();
    return next.events[0] === "taken";
  });
  assert.deepEqual(first.events, ["taken"]);
});

test("a command of its own serves as helper, with blanks after the exclamation mark", async () => {
  const file = newFile();
  const ours = attempt(`!  ${DEBIANS}\t${file} 0`);
  await happened(ours, 1);
  assert.deepEqual(ours.events, ["taken"]);
  ours.attempt.release();
});

test("each character of the contract has its meaning", async () => {
  const answers: string[] = [];
  for (const character of ["1", "2", "3", "x"]) {
    const script = join(directory, `answer-${character}`);
    writeFileSync(script, `#!/bin/sh\nprintf ${character}1\n`, { mode: 0o755 });
    const observed = attempt(`!${script}`);
    await happened(observed, 1);
    answers.push(observed.events.join());
  }
  assert.deepEqual(answers, ["contention", "timeout", "error", "error"]);
});

test("a helper that ends without an answer, cannot be started or is no absolute path is an error", async () => {
  for (const lock of ["!/bin/true", "!/nonexistent/helper", "!true", "!"]) {
    const observed = attempt(lock);
    await happened(observed, 1);
    assert.deepEqual(observed.events, ["error"], lock);
  }
});

test("a helper that ends while it holds the lock has lost it", async () => {
  const script = join(directory, "short");
  writeFileSync(script, "#!/bin/sh\nprintf 0\nsleep 0.1\n", { mode: 0o755 });
  const observed = attempt(`!${script}`);
  await happened(observed, 2);
  assert.deepEqual(observed.events, ["taken", "lost"]);
});
