// `ctdb uptime`: when the daemon started and when the last recovery ended (control UPTIME).
import type { ClusterCommand } from "../command.js";
import { uptimePrinter } from "../print/uptime.js";

const MICROSECONDS = 1_000_000;

const command: ClusterCommand = {
  async run(context) {
    const uptime = await context.cluster.control("UPTIME", undefined, context.targetPnn);
    const started = uptime.lastRecoveryStarted;
    const finished = uptime.lastRecoveryFinished;
    context.report(uptimePrinter, {
      pnn: context.targetPnn,
      currentTime: uptime.currentTime.sec + uptime.currentTime.usec / MICROSECONDS,
      startTime: uptime.ctdbdStartTime.sec + uptime.ctdbdStartTime.usec / MICROSECONDS,
      lastRecoveryStarted: started.sec + started.usec / MICROSECONDS,
      lastRecoveryFinished: finished.sec + finished.usec / MICROSECONDS,
      lastRecoveryMicroseconds: (finished.sec - started.sec) * MICROSECONDS + finished.usec - started.usec,
    });
    return 0;
  },
};
export default command;
