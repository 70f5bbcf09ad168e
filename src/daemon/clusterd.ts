// The program ctdb-clusterd: the cluster manager of one node, started and supervised by its ctdbd, to which it is a client.
// It ends at once when the daemon is gone (end of stdin or of the socket), and gives the cluster lock up when told to end.
import { setMaxListeners } from "node:events";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { UnixSocketTransport } from "../client/index.js";
import type { ClusterManager } from "../cluster/cluster-manager.js";
import { setUpChildProcess } from "../platform/child-process-setup.js";
import { defaultMutexHelper } from "../platform/cluster-mutex.js";
import { createLogger, type DaemonLogger } from "../platform/logging/logger.js";
import { nodeTimers } from "../platform/node-timers.js";
import { NodeProcessRunner } from "../platform/process-runner.js";
import { systemClock } from "../platform/system-clock.js";
import { systemRandom } from "../platform/system-random.js";
import { startClusterManager } from "./cluster-manager-program.js";
import { type ClusterdOptions, decodeClusterdOptions } from "./clusterd-options.js";

/** A SIGTERM gets the lock given up within this time, or without. */
const STOP_LIMIT_MS = 2000;

function runManager(options: ClusterdOptions, logger: DaemonLogger): Promise<ClusterManager> {
  return startClusterManager(
    {
      clock: systemClock,
      timers: nodeTimers,
      random: systemRandom,
      logger,
      processes: new NodeProcessRunner({ stderr: logger }),
      transport: new UnixSocketTransport(options.socketPath),
      mutexHelper: defaultMutexHelper(process.env, dirname(fileURLToPath(import.meta.url))),
      memoryReport: () => `${JSON.stringify(process.memoryUsage(), undefined, 2)}\n`,
      daemonGone: () => end(1, "recovery daemon parent died - exiting"),
    },
    options,
  );
}

let logger: DaemonLogger | undefined;
let manager: ClusterManager | undefined;
let ending = false;

/** Gives the lock up (the helper is told in the same turn) and ends the process. */
function end(status: number, reason: string): void {
  if (ending) return;
  ending = true;
  logger?.notice(reason);
  const exit = (): void => {
    logger?.flushSync();
    process.exit(status);
  };
  nodeTimers.after(STOP_LIMIT_MS, exit);
  const stopped = manager?.stop() ?? Promise.resolve();
  if (status === 0) stopped.then(exit, exit);
  else exit();
}

function fail(error: unknown): never {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  logger?.error(text);
  logger?.flushSync();
  if (logger === undefined) process.stderr.write(`ctdb-clusterd: ${text}\n`);
  // Children see the end of this process by themselves.
  process.exit(1);
}

function begin(line: string): void {
  const options = decodeClusterdOptions(line);
  logger = createLogger({
    location: options.logging.location,
    level: options.logging.level,
    tag: "ctdb-clusterd",
    ...(options.logging.hostname === undefined ? {} : { hostname: options.logging.hostname }),
  });
  runManager(options, logger).then((started) => {
    manager = started;
  }, fail);
}

setUpChildProcess({ title: "ctdb-clusterd" });
// Many controls of one recovery listen to the same abort signal.
setMaxListeners(0);
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
// An interrupt from the terminal goes to the whole process group; ctdbd decides when this process ends.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => end(0, "ctdb-clusterd ends"));
process.on("SIGHUP", () => logger?.reopen());

let begun = false;
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  if (begun) return;
  begun = true;
  try {
    begin(line);
  } catch (error) {
    fail(error);
  }
});
lines.on("close", () => end(1, "recovery daemon parent died - exiting"));
