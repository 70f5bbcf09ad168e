// Child processes: what the one who starts them is told when that fails.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { it } from "node:test";
import { NodeProcessRunner } from "../../../src/platform/process-runner.js";
import { RecordingLogger } from "../fake-time.js";

function start(
  logger: RecordingLogger,
  program: string,
): Promise<readonly [code: number | null, signal: string | null]> {
  return new Promise((resolve) => {
    const onExit = (code: number | null, signal: string | null): void => resolve([code, signal]);
    const child = new NodeProcessRunner({ stderr: logger }).spawn(program, [], {}, { onStdout: () => {}, onExit });
    child.write(Buffer.from("nobody reads this"));
    child.kill("SIGTERM");
  });
}

it("A program that is not there has ended with neither status nor signal", async () => {
  const logger = new RecordingLogger();
  assert.deepEqual(await start(logger, "/nonexistent"), [null, null]);
  assert.match(logger.lines.join(), /\/nonexistent: .*ENOENT/);
});

it("So has one for which there are no descriptors left, and the process that wanted it goes on", async () => {
  const logger = new RecordingLogger();
  const setLimit = (limit: string): void => {
    execFileSync("prlimit", ["--pid", String(process.pid), `--nofile=${limit}:`]);
  };
  const before = execFileSync("prlimit", ["--pid", String(process.pid), "--nofile", "--output=SOFT", "--noheadings"]);
  const used: number[] = [];
  setLimit("100");
  let ended: readonly [number | null, string | null];
  try {
    assert.throws(() => {
      for (let i = 0; i < 100; i++) used.push(openSync("/dev/null", "r"));
    }, /EMFILE/);
    ended = await start(logger, "/bin/true");
  } finally {
    for (const fd of used) closeSync(fd);
    setLimit(before.toString().trim());
  }
  assert.deepEqual(ended, [null, null]);
  assert.match(logger.lines.join(), /EMFILE/);
});
