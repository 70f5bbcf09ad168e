// The common course of disable, enable, stop, continue, ban and unban: look, send the control, wait until the node map
// shows the change, have the addresses spread anew.
import { setTimeout as delay } from "node:timers/promises";
import type { NodeEntry } from "../../protocol/index.js";
import type { Outcome } from "../cluster-access.js";
import type { ClusterContext } from "../command.js";
import { CommandFailure } from "../errors.js";
import { reallocateIps } from "./ip-reallocation.js";
import { fetchNodeMap } from "./node-map.js";

const POLL_INTERVAL_MS = 1000;

export interface FlagChange {
  readonly flag: number;
  /** The flag is to be set, else cleared. */
  readonly set: boolean;
  /** What to say when nothing is to be done, like `is already stopped`. */
  readonly alreadyText: string;
  /** Checks arguments after the look at the node map; a result that is not 0 ends the command. */
  readonly check?: () => number;
  readonly send: () => Promise<Outcome<unknown>>;
  /** Name of the control, for its complaint. */
  readonly complain: (failure: { result: number; replied: boolean }) => void;
  /** What to say when the control failed. */
  readonly failureText: string;
}

/** Runs the change on the target; returns the exit result. */
export async function changeNodeFlag(context: ClusterContext, change: FlagChange): Promise<number> {
  const { cluster, terminal, targetPnn } = context;
  const isDone = (nodes: readonly NodeEntry[]): boolean =>
    (((nodes[targetPnn]?.flags ?? 0) & change.flag) !== 0) === change.set;

  /** Undefined where no node tells its map. */
  const look = async (): Promise<boolean | undefined> => {
    try {
      return isDone(await fetchNodeMap(cluster, terminal));
    } catch (error) {
      if (error instanceof CommandFailure) return undefined;
      throw error;
    }
  };

  if ((await look()) === true) {
    terminal.complain(`Node ${targetPnn} ${change.alreadyText}`);
    return 0;
  }
  const refused = change.check?.() ?? 0;
  if (refused !== 0) return refused;
  const outcome = await change.send();
  if (!outcome.ok) {
    change.complain(outcome);
    terminal.complain(change.failureText);
    return outcome.result;
  }
  for (;;) {
    const done = await look();
    if (done === true) break;
    if (done === undefined) terminal.complain("Failed to get nodemap, trying again");
    await delay(POLL_INTERVAL_MS);
  }
  return reallocateIps(cluster);
}
