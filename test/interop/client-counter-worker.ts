// The worker of counter_worker.py on the client library: same arguments, same log, same exit statuses. A test file runs it in a
// process of its own by starting itself with WORKER_VARIABLE set.
import { appendFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { ConnectionLostError, connect } from "../../src/client/index.js";
import { pauseMs } from "../cluster/await-condition.js";

export const WORKER_VARIABLE = "CTDB_TEST_COUNTER_WORKER";
const DAEMON_GONE_STATUS = 3;
/** Log lines are written in groups: a synchronous write each would cost more than the increment. */
const LOG_EVERY_MS = 20;

export interface WorkerArguments {
  readonly socketPath: string;
  readonly database: string;
  readonly keys: number;
  readonly count: number;
  readonly pauseMs: number;
  readonly logPath: string;
}

async function work(options: WorkerArguments): Promise<void> {
  let stopped = false;
  process.stdin.on("end", () => {
    stopped = true;
  });
  process.stdin.resume();
  const client = await connect({ socketPath: options.socketPath });
  let lost: Error | undefined;
  client.events.on("closed", ({ error }) => {
    lost = error;
  });
  const database = await client.attach(options.database);
  console.log("ready");
  let lines = "";
  const flush = () => {
    if (lines !== "") appendFileSync(options.logPath, lines);
    lines = "";
  };
  const flushing = setInterval(flush, LOG_EVERY_MS);
  try {
    for (let done = 0; (options.count === 0 || done < options.count) && !stopped; done++) {
      if (lost !== undefined) throw lost;
      const number = done % options.keys;
      const begin = process.hrtime.bigint();
      const record = await database.fetchLock(`counter ${number}`);
      const counter = (record.value?.readUInt32LE(0) ?? 0) + 1;
      const value = Buffer.alloc(4);
      value.writeUInt32LE(counter);
      record.store(value);
      record.release();
      lines += `${number} ${begin} ${process.hrtime.bigint()} ${counter}\n`;
      // A record that stays here is locked without waiting for anything; the end of stdin must get through.
      if (options.pauseMs > 0) await pauseMs(options.pauseMs);
      else await setImmediate();
    }
  } finally {
    clearInterval(flushing);
    flush();
  }
  await client.close();
}

/** Does the work and ends the process. */
export async function runClientWorker(argumentsJson: string): Promise<never> {
  const options: WorkerArguments = JSON.parse(argumentsJson);
  try {
    await work(options);
  } catch (error) {
    console.error(error);
    process.exit(error instanceof ConnectionLostError ? DAEMON_GONE_STATUS : 1);
  }
  process.exit(0);
}
