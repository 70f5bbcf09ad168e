import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { awaitCondition, ConditionTimeoutError } from "./await-condition.js";

function spinMs(durationMs: number): void {
  const end = performance.now() + durationMs;
  while (performance.now() < end);
}

test("several looks that take longer than the pause between them do not keep the event out that they wait for", async () => {
  const child = spawn("/bin/true");
  const look = (): boolean => {
    spinMs(3);
    return child.exitCode !== null;
  };
  await Promise.all(
    [1, 2, 3].map((n) => awaitCondition(`end seen by look ${n}`, { timeoutMs: 60_000, intervalMs: 2 }, look)),
  );
});

test("what does not come true in time is named, with the last error", async () => {
  await assert.rejects(
    awaitCondition("a blue moon", { timeoutMs: 20, intervalMs: 1 }, () => {
      throw new Error("it is grey");
    }),
    (error) => {
      assert.ok(error instanceof ConditionTimeoutError);
      assert.match(error.message, /a blue moon; last error: it is grey/);
      return true;
    },
  );
});
