// `ctdb recover`: forces a recovery and waits for its end (control SET_RECMODE).
import { setTimeout as delay } from "node:timers/promises";
import type { ClusterCommand } from "../command.js";
import { CommandFailure } from "../errors.js";
import { waitForGeneration } from "../fetch/generation.js";
import { LeaderWatch } from "../fetch/leader.js";

const POLL_INTERVAL_MS = 1000;
const RECOVERY_ACTIVE = 1;

const command: ClusterCommand = {
  async run(context) {
    const { cluster, terminal, targetPnn } = context;
    const watch = await LeaderWatch.start(cluster, terminal);
    const before = await waitForGeneration(context, watch);
    const outcome = await cluster.tryControl("SET_RECMODE", RECOVERY_ACTIVE, targetPnn);
    if (!outcome.ok) {
      cluster.complainAbout("SET_RECMODE", targetPnn, outcome);
      terminal.complain("Failed to set recovery mode active");
      return outcome.result;
    }
    try {
      while ((await waitForGeneration(context, watch)) === before) await delay(POLL_INTERVAL_MS);
    } catch (error) {
      if (error instanceof CommandFailure) terminal.complain("Failed to confirm end of recovery");
      throw error;
    }
    return 0;
  },
};
export default command;
