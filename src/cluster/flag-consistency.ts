// The leader makes all nodes see the same flags. Each node is the only authority for its own flags.
import type { BaseModules } from "../platform/ports.js";
import { NodeFlag, type NodeMap } from "../protocol/index.js";
import type { ClusterView } from "./cluster-view.js";
import { controlAll, type DaemonLink } from "./daemon-link.js";

export interface FlagModules extends BaseModules {
  readonly link: DaemonLink;
  readonly view: ClusterView;
}

const hex = (flags: number): string => `0x${flags.toString(16)}`;

/**
 * MODIFY_FLAGS for `pnn` to all connected nodes. Receivers ignore it for themselves and for nodes that they see
 * disconnected. Returns the nodes that failed.
 */
async function pushFlags(
  modules: FlagModules,
  pnn: number,
  newFlags: number,
  oldFlags: number,
  signal: AbortSignal,
): Promise<number[]> {
  const { link, view } = modules;
  const timeoutMs = view.tunables.recoverTimeoutMs;
  const { failures } = await controlAll(link, "MODIFY_FLAGS", { pnn, newFlags, oldFlags }, view.connected(), {
    timeoutMs,
    signal,
  });
  return failures.map((failure) => failure.pnn);
}

/**
 * Compares the maps of all connected nodes (`maps`, the own one may be missing) and pushes the flags of every node about
 * which two of them disagree. A node's own word counts for itself. True: all pushes succeeded.
 */
export async function makeFlagsConsistent(
  modules: FlagModules,
  maps: ReadonlyMap<number, NodeMap>,
  signal: AbortSignal,
): Promise<boolean> {
  const { view, logger } = modules;
  const flagsIn = (reporter: number, pnn: number): number | undefined =>
    maps.get(reporter)?.nodes.find((node) => node.pnn === pnn)?.flags;
  const pushes: Promise<number[]>[] = [];
  for (const { pnn, flags: localFlags } of view.nodes) {
    if (!view.isConnected(pnn)) continue;
    const reported = pnn === view.ownPnn ? localFlags : flagsIn(pnn, pnn);
    // Each node knows best whether it is connected to another one; that bit is never copied.
    const flags = reported === undefined ? localFlags : reported & ~NodeFlag.DISCONNECTED;
    let disagreement = false;
    if (flags !== localFlags) {
      logger.notice(`Remote node ${pnn} had flags ${hex(flags)}, local had ${hex(localFlags)} - updating local`);
      view.setFlags(pnn, flags);
      disagreement = true;
    } else {
      for (const reporter of maps.keys()) {
        if (reporter === pnn) continue;
        const seen = flagsIn(reporter, pnn);
        if (seen === undefined || (seen & NodeFlag.DISCONNECTED) !== 0 || seen === flags) continue;
        disagreement = true;
        break;
      }
    }
    if (!disagreement) continue;
    logger.notice(`Pushing updated flags for node ${pnn} (${hex(flags)})`);
    pushes.push(pushFlags(modules, pnn, flags, localFlags, signal));
  }
  const failed = (await Promise.all(pushes)).flat();
  for (const pnn of failed) logger.error(`Unable to update flags on node ${pnn}`);
  return failed.length === 0;
}
