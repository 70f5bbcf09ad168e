// When the leader recovers the databases, and what surrounds it: the C daemon's "do_recovery". Owned by the main loop.

import type { BaseModules } from "../platform/ports.js";
import { Generation, Pnn, Srvid } from "../protocol/index.js";
import type { BanCredits } from "./ban-credits.js";
import type { ClusterLock } from "./cluster-lock.js";
import type { ClusterView } from "./cluster-view.js";
import { controlAll, type DaemonLink } from "./daemon-link.js";
import { makeFlagsConsistent } from "./flag-consistency.js";
import type { LeaderElection } from "./leader-election.js";
import { PAUSE_LIFTS_MAX } from "./limits.js";
import type { OperationSwitch } from "./operation-switch.js";
import type { TakeoverControl } from "./takeover.js";

/** Recovers all databases of all active nodes; src/recovery provides it. */
export interface DatabaseRecovery {
  run(request: {
    readonly generation: number;
    readonly tunables: {
      readonly recoverTimeoutMs: number;
      readonly recBufferSizeLimit: number;
      readonly enableBans: boolean;
      readonly recoveryBanPeriodSeconds: number;
    };
    readonly signal: AbortSignal;
    onMembers?(members: readonly number[]): void;
  }): Promise<{ readonly members: readonly number[]; readonly databases: number }>;
}

export interface RecoveryControlModules extends BaseModules {
  readonly link: DaemonLink;
  readonly view: ClusterView;
  readonly election: LeaderElection;
  readonly lock: ClusterLock | undefined;
  readonly credits: BanCredits;
  readonly recoveries: OperationSwitch;
  readonly takeover: TakeoverControl;
  readonly databaseRecovery: DatabaseRecovery;
}

export interface RecoveryControlCalls {
  /** Bans nodes over the limit; true when this node banned itself. */
  banOverLimit(signal: AbortSignal): Promise<boolean>;
  /** GET_CAPABILITIES from all active nodes; throws when one fails. */
  fetchCapabilities(signal: AbortSignal): Promise<void>;
}

/** A failed recovery is tried again after this share of RecoverInterval, so by the next regular pass. */
const RETRY_SHARE = 0.8;

/**
 *   quiet --needed--> running --done--> paused (RerecoveryTimeout) --> quiet
 *                     running --failed--> quiet, "unfinished" stays set and the next pass tries again
 *
 * The pause keeps a cluster that finds the same fault again and again from recovering all the time. It does not hold up
 * the recovery after a real change: when the set of active nodes has changed, or an election was held, since the last
 * recovery began, the pause is cut short (at most PAUSE_LIFTS_MAX times within one RerecoveryTimeout).
 */
export class RecoveryControl {
  private unfinished = false;
  private changesSeen = -1;
  private notBefore = 0;
  private lifts: number[] = [];
  /** Nodes whose loss ends the running recovery. */
  private members: readonly number[] = [];
  private abort: AbortController | undefined;

  constructor(
    private readonly modules: RecoveryControlModules,
    private readonly calls: RecoveryControlCalls,
  ) {}

  /** A recovery was begun and has not succeeded. */
  get needed(): boolean {
    return this.unfinished;
  }

  get running(): boolean {
    return this.abort !== undefined;
  }

  /** This node does not lead: the leader decides what has to be recovered. */
  forget(): void {
    this.unfinished = false;
  }

  /** Stops a running recovery. */
  cancel(reason: string): void {
    this.abort?.abort(new Error(reason));
  }

  /** The view has a new node map. */
  nodesChanged(): void {
    const lost = this.members.find((pnn) => !this.modules.view.isActive(pnn));
    if (this.running && lost !== undefined) this.cancel(`node ${lost} left during recovery`);
  }

  leaderChanged(leader: number): void {
    if (!this.running || leader === this.modules.view.ownPnn) return;
    this.cancel(`Leader changed to ${leader === Pnn.UNKNOWN ? "UNKNOWN" : leader}, aborting recovery`);
  }

  /** True while the checks that would start a recovery make no sense. */
  get suppressed(): boolean {
    return this.modules.recoveries.disabled && !this.mayLiftPause();
  }

  /** One attempt; false: not possible now or failed, to be tried again by a later pass. Throws only on abort by `signal`. */
  async recover(signal: AbortSignal): Promise<boolean> {
    const { view, election, recoveries, logger, clock } = this.modules;
    if (!election.isLeader) return false;
    this.unfinished = true;
    if (clock.now() < this.notBefore && view.changes === this.changesSeen) return false;
    logger.notice("Starting do_recovery");
    if (recoveries.disabled && this.mayLiftPause()) {
      this.lifts.push(clock.now());
      logger.notice("The cluster has changed, recovery without further pause");
      recoveries.enable();
    }
    if (!recoveries.begin()) return false;
    this.changesSeen = view.changes;
    this.notBefore = clock.now() + view.tunables.recoverIntervalMs * RETRY_SHARE;
    const abort = new AbortController();
    this.abort = abort;
    const onOuterAbort = (): void => abort.abort(signal.reason);
    signal.addEventListener("abort", onOuterAbort, { once: true });
    let done = false;
    try {
      done = await this.attempt(abort.signal);
    } catch (error) {
      logger.error(`Recovery failed: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      signal.removeEventListener("abort", onOuterAbort);
      this.abort = undefined;
      this.members = [];
      recoveries.end();
    }
    signal.throwIfAborted();
    if (done) this.finished();
    return done;
  }

  private async attempt(signal: AbortSignal): Promise<boolean> {
    const { view, election, lock, credits, takeover, databaseRecovery, link, logger } = this.modules;
    if (election.inProgress) {
      logger.error("Election in progress, recovery postponed");
      return false;
    }
    if (await this.calls.banOverLimit(signal)) return false;
    if (lock !== undefined && !lock.held) {
      // C nodes ban themselves here. Stepping down is enough: whoever holds the lock leads.
      logger.error("Cluster lock not held - abort recovery");
      election.stepDown("cluster lock not held");
      return false;
    }
    logger.notice(`Recovery initiated due to problem with node ${credits.lastCulprit}`);
    await this.calls.fetchCapabilities(signal);
    if (!(await this.agreeOnFlags(signal))) return false;
    logger.notice("Recovery - updated flags");

    await databaseRecovery.run({
      generation: this.newGeneration(),
      tunables: view.tunables,
      signal,
      onMembers: (members) => {
        // A node that has just become active may be so for itself before the own daemon knows.
        this.members = members.filter((pnn) => view.isActive(pnn));
      },
    });
    this.members = [];
    await takeover.run(signal);
    link.sendMessage(Pnn.BROADCAST_CONNECTED, Srvid.RECONFIGURE, new Uint8Array(0));
    return true;
  }

  private finished(): void {
    const { credits, view, recoveries, logger } = this.modules;
    this.unfinished = false;
    credits.clearAll();
    logger.notice("Resetting ban count to 0 for all nodes");
    logger.notice("Recovery complete");
    const seconds = view.tunables.rerecoveryTimeoutSeconds;
    logger.notice(
      `Just finished a recovery. New recoveries will now be suppressed for the rerecovery timeout (${seconds} seconds)`,
    );
    recoveries.disable(seconds, "rerecovery");
  }

  /** What differs is pushed; C leaders push the flags of each node to each node. */
  private async agreeOnFlags(signal: AbortSignal): Promise<boolean> {
    const { link, view, logger } = this.modules;
    const { replies, failures } = await controlAll(link, "GET_NODEMAP", undefined, view.connectedOthers(), {
      timeoutMs: view.tunables.recoverTimeoutMs,
      signal,
    });
    for (const { pnn, error } of failures) logger.error(`Unable to get the flags of node ${pnn}: ${error.message}`);
    return failures.length === 0 && (await makeFlagsConsistent(this.modules, replies, signal));
  }

  private newGeneration(): number {
    for (;;) {
      const generation = this.modules.random.uint32() & 0x7fff_ffff;
      if (generation !== Generation.INVALID && generation !== 0) return generation;
    }
  }

  private mayLiftPause(): boolean {
    const { view, recoveries, clock } = this.modules;
    if (recoveries.disabledBy !== "rerecovery" || view.changes === this.changesSeen) return false;
    const windowStart = clock.now() - view.tunables.rerecoveryTimeoutSeconds * 1000;
    this.lifts = this.lifts.filter((at) => at > windowStart);
    return this.lifts.length < PAUSE_LIFTS_MAX;
  }
}
