// What a waiting lock request costs the daemon, by the number of requests that wait: with a helper that answers from memory, so
// that only the scheduler's own work is measured. usage: node scripts/run-bundled.mjs bench/lock-queue.ts
import { LockScheduler } from "../src/locks/lock-scheduler.js";
import { nodeTimers } from "../src/platform/node-timers.js";
import { type Logger, LogLevel } from "../src/platform/ports.js";
import { systemClock } from "../src/platform/system-clock.js";
import { FakeFile, FakeHelper } from "../test/unit/locks/fake-locks.js";
import { median } from "./statistics.js";

const silent: Logger = {
  level: LogLevel.ERROR,
  log: () => {},
  error: () => {},
  warning: () => {},
  notice: () => {},
  info: () => {},
  debug: () => {},
};

/** Requests for `records` chains, all granted; microseconds of CPU a request, from request to grant. */
async function microsecondsPerRequest(requests: number, records: number): Promise<number> {
  const file = new FakeFile("bench", true, records);
  const helper = new FakeHelper(() => file);
  const locks = new LockScheduler({ clock: systemClock, timers: nodeTimers, logger: silent, helper });
  const database = { name: "bench", file };
  for (let chain = 0; chain < records; chain++) file.foreign.add(chain);
  const keys = Array.from({ length: records }, (_, i) => Buffer.from(String(i)));
  let granted = 0;
  let busyMs = 0;
  const timed = (action: () => void): void => {
    const start = performance.now();
    action();
    busyMs += performance.now() - start;
  };
  timed(() => {
    for (let i = 0; i < requests; i++) {
      locks.requestRecordLock(database, keys[i % records] ?? Buffer.alloc(0), () => {
        granted++;
      });
    }
  });
  while (granted < requests) {
    const waits = [...helper.waits.entries()];
    timed(() => {
      for (const [id, wait] of waits) {
        file.foreign.delete(wait.chain);
        file.helper.add(wait.chain);
        helper.events.granted(id, 0);
      }
    });
    const before = performance.eventLoopUtilization();
    await new Promise((resolve) => setImmediate(resolve));
    busyMs += performance.eventLoopUtilization(before).active;
  }
  return (busyMs * 1000) / requests;
}

console.log("requests waiting   records   CPU per request");
for (const [requests, records] of [
  [100, 100],
  [1000, 1000],
  [10_000, 1000],
  [60_000, 1000],
  [240_000, 1000],
  [60_000, 1],
] as const) {
  const times: number[] = [];
  for (let round = 0; round < 7; round++) times.push(await microsecondsPerRequest(requests, records));
  const us = median(times).toFixed(2);
  console.log(`${String(requests).padStart(16)}   ${String(records).padStart(7)}   ${us.padStart(12)} us`);
}
