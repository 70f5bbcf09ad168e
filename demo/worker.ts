// The worker of one node, a process of its own: raises the shared counter under fetch-lock as fast as it can.
import { setImmediate } from "node:timers/promises";
import { connect } from "../src/client/index.js";

export const DATABASE = "demo.tdb";
export const COUNTER_KEY = "counter";
const REPORT_EVERY_MS = 100;
const DAEMON_GONE_STATUS = 3;
const YIELD_EVERY = 16;

/** From the demo to a worker. */
export type WorkerCommand = "go" | "pause" | "stop";
/** From a worker to the demo: increments confirmed so far; `paused` once no increment is under way. */
export interface WorkerReport {
  readonly confirmed: number;
  readonly paused: boolean;
}

export async function runWorker(socketPath: string): Promise<void> {
  let command: WorkerCommand = "pause";
  let wake: (() => void) | undefined;
  process.on("message", (next: WorkerCommand) => {
    command = next;
    wake?.();
  });
  // The demo is gone.
  process.on("disconnect", () => process.exit(1));
  const client = await connect({ socketPath });
  const database = await client.attach(DATABASE);
  let confirmed = 0;
  const report = (paused: boolean, sent?: () => void) =>
    process.send?.({ confirmed, paused } satisfies WorkerReport, undefined, undefined, sent);
  // The last report makes the sum of what this node had confirmed exact.
  client.events.on("closed", () => report(true, () => process.exit(DAEMON_GONE_STATUS)));
  const reporting = setInterval(() => report(false), REPORT_EVERY_MS);
  const value = Buffer.alloc(8);
  const current = (): WorkerCommand => command;
  while (current() !== "stop") {
    if (current() === "pause") {
      report(true);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      continue;
    }
    const record = await database.fetchLock(COUNTER_KEY);
    value.writeDoubleLE((record.value?.readDoubleLE(0) ?? 0) + 1);
    record.store(value);
    record.release();
    confirmed++;
    // A record that stays here is locked without waiting for anything; commands and the daemon's end must get through.
    if (confirmed % YIELD_EVERY === 0) await setImmediate();
  }
  clearInterval(reporting);
  report(true);
  client.events.removeAllListeners("closed");
  await client.close();
  process.disconnect();
}
