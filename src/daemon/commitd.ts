// Entry point of ctdb-commitd, the helper process of ctdbd that stores records in transactions. Argument: the daemon's pid.
import { dieWithParent, endProcess } from "../lockd/system-calls.js";

const [parent] = process.argv.slice(2);
if (parent === undefined || !/^[0-9]+$/.test(parent)) {
  console.error("ctdb-commitd is started by ctdbd, with the argument PID-OF-CTDBD");
  process.exit(2);
}
process.title = "ctdb-commitd";
// An interrupt from the terminal goes to the whole process group; the daemon decides when this process ends.
process.on("SIGINT", () => {});
process.on("uncaughtException", (error) => {
  console.error(`ctdb-commitd: ${error.stack ?? error.message}`);
  endProcess(1);
});
dieWithParent(Number(parent));
const { runCommitProcess } = await import("../commitd/commit-process.js");
runCommitProcess();
