// Entry point of ctdb-vacuumd, the helper process of ctdbd that removes deleted records. Argument: the path of the daemon's socket.
// Orders come in on stdin; other nodes are reached through the daemon, as a client.
import { connect } from "../client/index.js";
import { setUpChildProcess } from "../platform/child-process-setup.js";
import { FrameCutter } from "../platform/frame-cutter.js";
import { createLogger } from "../platform/logging/logger.js";
import { nodeTimers } from "../platform/node-timers.js";
import { LogLevel } from "../platform/ports.js";
import { systemClock } from "../platform/system-clock.js";
import { libtdbOpener } from "../tdb/libtdb.js";
import { RunTable } from "../vacuumd/run-table.js";

const [socketPath] = process.argv.slice(2);
if (socketPath === undefined) {
  console.error("ctdb-vacuumd is started by ctdbd, with the path of its socket as argument");
  process.exit(2);
}
setUpChildProcess({ title: "ctdb-vacuumd" });
// An interrupt from the terminal goes to the whole process group; the daemon decides when this process ends.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => process.exit(0));

/** What is written to stderr gets into the daemon's log. */
const logger = createLogger({ location: "file:", level: LogLevel.NOTICE, tag: "ctdb-vacuumd" });
const client = await connect({ socketPath });
client.events.on("closed", () => process.exit(1));
const runs = new RunTable({
  clock: systemClock,
  timers: nodeTimers,
  logger,
  link: client,
  files: libtdbOpener,
  send: (frame) => process.stdout.write(frame),
});
const cutter = new FrameCutter((frame) => runs.received(frame));
process.stdin.on("data", (bytes: Buffer) => cutter.push(bytes));
process.stdin.on("end", () => process.exit(0));
process.stdin.on("error", () => process.exit(0));
process.stdout.on("error", () => process.exit(0));
