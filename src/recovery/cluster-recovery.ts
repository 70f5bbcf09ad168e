// The leader's recovery of all databases: the frame around the recovery of each. Run by the cluster manager, in
// ctdb-clusterd, as a client of the own ctdbd.
import { controlAll } from "../cluster/daemon-link.js";
import { Capability, DbFlag, NodeFlag, RecoveryMode } from "../protocol/index.js";
import { banWorstNode } from "./ban-worst-node.js";
import { type RecoverableDatabase, recoverDatabase } from "./database-recovery.js";
import { RecoveryFailedError } from "./errors.js";
import { STREAMING_DATABASES_MAX } from "./limits.js";
import { Permits } from "./permits.js";
import { RecoveryContext, type RecoveryModules, type RecoveryTunables, StreamSrvids } from "./recovery-context.js";

export interface RecoveryRequest {
  /** The new generation: a random 31-bit number other than 1. */
  readonly generation: number;
  readonly tunables: RecoveryTunables;
  /** Stops the recovery at any step; nothing stays registered. */
  readonly signal: AbortSignal;
  /** Told once who takes part, so that the caller can abort when one of them is lost. */
  onMembers?(members: readonly number[]): void;
}

export interface RecoveryResult {
  readonly members: readonly number[];
  readonly databases: number;
}

/** Flags that are set after the attach and travel by other ways; a recovery neither compares nor sets them. */
const UNSYNCHRONISED_DB_FLAGS = DbFlag.READONLY | DbFlag.STICKY;

/** The union of the members' databases; throws when two members disagree on the type of one. */
function uniteDatabases(
  maps: ReadonlyMap<number, { readonly dbs: ReadonlyArray<{ readonly dbId: number; readonly flags: number }> }>,
  members: readonly number[],
): RecoverableDatabase[] {
  const found = new Map<number, { flags: number; holders: number[] }>();
  for (const pnn of members) {
    for (const { dbId, flags: allFlags } of maps.get(pnn)?.dbs ?? []) {
      const flags = allFlags & ~UNSYNCHRONISED_DB_FLAGS;
      const known = found.get(dbId);
      if (known === undefined) {
        found.set(dbId, { flags, holders: [pnn] });
        continue;
      }
      if (known.flags !== flags) {
        const id = `0x${dbId.toString(16).padStart(8, "0")}`;
        const detail = `Incompatible database flags for ${id}: 0x${known.flags.toString(16)}, 0x${flags.toString(16)}`;
        throw new RecoveryFailedError("GET_DBMAP", detail, pnn);
      }
      known.holders.push(pnn);
    }
  }
  return [...found].map(([dbId, { flags, holders }]) => ({ dbId, flags, holders }));
}

/** The lmasters of the new VNN map: members with the capability, in list order; the leader when there is none. */
export function lmasters(
  capabilities: ReadonlyMap<number, number>,
  members: readonly number[],
  leaderPnn: number,
): number[] {
  const found = members.filter((pnn) => ((capabilities.get(pnn) ?? 0) & Capability.LMASTER) !== 0);
  return found.length > 0 ? found : [leaderPnn];
}

export class ClusterRecovery {
  private readonly srvids: StreamSrvids;

  constructor(private readonly modules: RecoveryModules) {
    this.srvids = new StreamSrvids(modules.random);
  }

  /**
   * Recovers all databases of all active nodes under a new generation:
   * GET_NODEMAP from all (each is asked for its own flags), GET_CAPABILITIES, SET_RECMODE ACTIVE, START_RECOVERY,
   * SETVNNMAP, GET_DBMAP, the databases, SET_RECMODE NORMAL, END_RECOVERY.
   * Throws RecoveryFailedError, or the reason of the aborted signal. After a failure the nodes stay in recovery mode; the
   * next recovery starts from scratch.
   */
  async run(request: RecoveryRequest): Promise<RecoveryResult> {
    const { logger } = this.modules;
    const context = await this.gatherMembers(request);
    const { members } = context;
    request.onMembers?.(members);

    const capabilities = await context.all("GET_CAPABILITIES", undefined);
    await context.all("SET_RECMODE", RecoveryMode.ACTIVE);
    logger.error("Set recovery mode to ACTIVE");
    await context.all("START_RECOVERY", undefined);
    logger.error("start_recovery event finished");
    const map = lmasters(capabilities, members, context.ownPnn);
    await context.all("SETVNNMAP", { generation: request.generation, map });
    logger.notice("updated VNNMAP");

    // Asked for only now: a database that is attached from here on has the new generation already.
    const databases = uniteDatabases(await context.all("GET_DBMAP", undefined), members);
    const permits = new Permits(STREAMING_DATABASES_MAX);
    const outcomes = await Promise.allSettled(databases.map((database) => recoverDatabase(context, database, permits)));
    request.signal.throwIfAborted();
    const recovered = outcomes.filter((outcome) => outcome.status === "fulfilled" && outcome.value).length;
    logger.error(`${recovered} of ${databases.length} databases recovered`);
    if (recovered !== databases.length) {
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") logger.error(`database recovery stopped: ${String(outcome.reason)}`);
      }
      await banWorstNode(context);
      throw new RecoveryFailedError("databases", `${databases.length - recovered} could not be recovered`);
    }

    await context.all("SET_RECMODE", RecoveryMode.NORMAL);
    logger.error("Set recovery mode to NORMAL");
    await context.all("END_RECOVERY", undefined);
    logger.error("recovered event finished");
    return { members, databases: databases.length };
  }

  /** Who takes part: connected nodes of the own map that say of themselves that they are active. */
  private async gatherMembers(request: RecoveryRequest): Promise<RecoveryContext> {
    const { link } = this.modules;
    const { tunables, signal } = request;
    const options = { timeoutMs: tunables.recoverTimeoutMs, signal };
    const own = await link.control("GET_NODEMAP", undefined, options);
    const candidates = own.nodes
      .filter((node) => (node.flags & (NodeFlag.DISCONNECTED | NodeFlag.DELETED)) === 0)
      .map((node) => node.pnn);
    const { replies, failures } = await controlAll(link, "GET_NODEMAP", undefined, candidates, options);
    const [first] = failures;
    if (first !== undefined) throw new RecoveryFailedError("GET_NODEMAP", first.error.message, first.pnn);
    const members = candidates.filter((pnn) => {
      const flags = replies.get(pnn)?.nodes.find((node) => node.pnn === pnn)?.flags ?? NodeFlag.INACTIVE;
      return (flags & NodeFlag.INACTIVE) === 0;
    });
    if (!members.includes(link.pnn)) throw new RecoveryFailedError("GET_NODEMAP", "the leader itself is inactive");
    return new RecoveryContext(
      this.modules,
      this.srvids,
      tunables,
      request.generation,
      members,
      members.length === candidates.length,
      signal,
    );
  }
}
