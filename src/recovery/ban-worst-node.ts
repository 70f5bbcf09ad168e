// After a recovery whose databases failed again and again: ban the node that caused most of it.
import { NodeFlag } from "../protocol/index.js";
import { BAN_CREDITS_MIN } from "./limits.js";
import type { RecoveryContext } from "./recovery-context.js";

/** The node with most credits, the lowest pnn among equals; undefined when nobody has any. */
function worst(credits: ReadonlyMap<number, number>): number | undefined {
  let found: number | undefined;
  let most = 0;
  for (const [pnn, count] of [...credits].sort(([a], [b]) => a - b)) {
    if (count > most) {
      found = pnn;
      most = count;
    }
  }
  return found;
}

/**
 * Bans the node with most credits for RecoveryBanPeriod, if it has at least BAN_CREDITS_MIN and bans are enabled. A node
 * that says of itself that it is inactive is passed over: it failed because it left. Returns the banned pnn.
 */
export async function banWorstNode(context: RecoveryContext): Promise<number | undefined> {
  const { link, modules, tunables, signal } = context;
  const { logger } = modules;
  if (!tunables.enableBans) {
    logger.notice("Bans are not enabled");
    return undefined;
  }
  const credits = new Map(context.credits);
  for (let pnn = worst(credits); pnn !== undefined; pnn = worst(credits)) {
    if ((credits.get(pnn) ?? 0) < BAN_CREDITS_MIN) return undefined;
    credits.delete(pnn);
    const control = { pnn, timeoutMs: tunables.recoverTimeoutMs, signal };
    try {
      const map = await link.control("GET_NODEMAP", undefined, control);
      const suspect = pnn;
      const flags = map.nodes.find((node) => node.pnn === suspect)?.flags ?? NodeFlag.INACTIVE;
      if ((flags & NodeFlag.INACTIVE) !== 0) continue;
      const time = tunables.recoveryBanPeriodSeconds;
      logger.notice(`Banning node ${pnn} for ${time} seconds`);
      await link.control("SET_BAN_STATE", { pnn, time }, control);
      return pnn;
    } catch (error) {
      signal.throwIfAborted();
      logger.error(`cannot ban node ${pnn}: ${error instanceof Error ? error.message : error}`);
      return undefined;
    }
  }
  return undefined;
}
