// The program ctdb-clusterd: the cluster manager of one node, started and supervised by its ctdbd, to which it is a client.
// It ends at once when the daemon is gone (end of stdin or of the socket), and gives the cluster lock up when told to end.
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { UnixSocketTransport } from "../client/index.js";
import { setUpChildProcess } from "../platform/child-process-setup.js";
import { defaultMutexHelper } from "../platform/cluster-mutex.js";
import { createLogger, type DaemonLogger } from "../platform/logging/logger.js";
import { nodeTimers } from "../platform/node-timers.js";
import { NodeProcessRunner } from "../platform/process-runner.js";
import { systemClock } from "../platform/system-clock.js";
import { systemRandom } from "../platform/system-random.js";
import { ClusterManagerProgram } from "./cluster-manager-program.js";
import { decodeClusterdOptions } from "./clusterd-options.js";

let logger: DaemonLogger | undefined;
let program: ClusterManagerProgram | undefined;

function exit(status: number): never {
  logger?.flushSync();
  process.exit(status);
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
  program = new ClusterManagerProgram(
    {
      clock: systemClock,
      timers: nodeTimers,
      random: systemRandom,
      logger,
      processes: new NodeProcessRunner({ stderr: logger }),
      transport: new UnixSocketTransport(options.socketPath),
      mutexHelper: defaultMutexHelper(process.env, dirname(fileURLToPath(import.meta.url))),
      memoryReport: () => `${JSON.stringify(process.memoryUsage(), undefined, 2)}\n`,
      exit,
    },
    options,
  );
  program.start().catch(fail);
}

setUpChildProcess({ title: "ctdb-clusterd" });
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
// An interrupt from the terminal goes to the whole process group; ctdbd decides when this process ends.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => {
  if (program === undefined) exit(0);
  program.end(0, "ctdb-clusterd ends");
});
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
lines.on("close", () => {
  if (program === undefined) exit(1);
  program.daemonGone();
});
