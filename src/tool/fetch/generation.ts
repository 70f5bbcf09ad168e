// The generation of the cluster once it is in normal operation. Called by recover, wipedb and restoredb.
import { setTimeout as delay } from "node:timers/promises";
import { Generation, Pnn } from "../../protocol/index.js";
import type { Outcome } from "../cluster-access.js";
import type { ClusterContext } from "../command.js";
import { CommandFailure } from "../errors.js";
import type { LeaderWatch } from "./leader.js";

const POLL_INTERVAL_MS = 1000;
/** What daemons answer to a control for the unknown leader. */
const NO_LEADER: Outcome<number> = { ok: false, result: -1, replied: true };

/** Waits until the leader is in normal mode and has a generation. Complains and throws CommandFailure. */
export async function waitForGeneration({ cluster, terminal }: ClusterContext, watch: LeaderWatch): Promise<number> {
  for (;;) {
    const leader = (await watch.leader()) ?? Pnn.UNKNOWN;
    const mode: Outcome<number> =
      leader === Pnn.UNKNOWN ? NO_LEADER : await cluster.tryControl("GET_RECMODE", undefined, leader);
    if (!mode.ok) {
      cluster.complainAbout("GET_RECMODE", leader, mode);
      terminal.complain(`Failed to get recovery mode from node ${leader}`);
      throw new CommandFailure(mode.result);
    }
    if (mode.reply === 0) {
      const map = await cluster.tryControl("GETVNNMAP", undefined, leader);
      if (!map.ok) {
        cluster.complainAbout("GETVNNMAP", leader, map);
        terminal.complain(`Failed to get generation from node ${leader}`);
        throw new CommandFailure(map.result);
      }
      if (map.reply.generation !== Generation.INVALID) return map.reply.generation;
    }
    await delay(POLL_INTERVAL_MS);
  }
}
