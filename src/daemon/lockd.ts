// Entry point of ctdb-lockd, the helper process of ctdbd that waits for locks. Arguments: "wait" or "hold", and the daemon's pid.
import { dieWithParent, endProcess } from "../lockd/system-calls.js";

const [mode, parent] = process.argv.slice(2);
if ((mode !== "wait" && mode !== "hold") || parent === undefined || !/^[0-9]+$/.test(parent)) {
  console.error("ctdb-lockd is started by ctdbd, with arguments: wait|hold PID-OF-CTDBD");
  process.exit(2);
}
process.title = "ctdb-lockd";
// An interrupt from the terminal goes to the whole process group; the daemon decides when this process ends.
process.on("SIGINT", () => {});
process.on("uncaughtException", (error) => {
  console.error(`ctdb-lockd: ${error.stack ?? error.message}`);
  endProcess(1);
});
dieWithParent(Number(parent));
if (mode === "wait") {
  const { runWaitingProcess } = await import("../lockd/waiting-process.js");
  runWaitingProcess();
} else {
  const { runHoldingProcess } = await import("../lockd/holding-process.js");
  runHoldingProcess();
}
