// The cluster manager: what the C recovery daemon's main loop does, one pass each RecoverInterval as a safety net, and at
// once when the own daemon tells of a change. Built by ctdb-clusterd; the simulator builds it with fake ports.
import type { BaseModules, Timer } from "../platform/ports.js";
import {
  type DisableMessage,
  I32,
  type NodeFlagChange,
  type NodeMap,
  Pnn,
  RecoveryMode,
  RunState,
  type VnnMap,
} from "../protocol/index.js";
import { BanCredits } from "./ban-credits.js";
import { ClusterLock, type ClusterMutex } from "./cluster-lock.js";
import { ClusterView, clusterTunables } from "./cluster-view.js";
import {
  type Inconsistency,
  nodeInRecovery,
  nodeMapInconsistency,
  vnnMapDifference,
  vnnMapInconsistency,
} from "./consistency-checks.js";
import { controlAll, type DaemonLink, type MessageRegistration } from "./daemon-link.js";
import { PassInterruptedError } from "./errors.js";
import { makeFlagsConsistent } from "./flag-consistency.js";
import { IncompleteClusterWatch } from "./incomplete-cluster-watch.js";
import { LEADER_UNKNOWN, LeaderElection } from "./leader-election.js";
import { EVENT_PASS_DELAY_MS, LINKS_LOOK_MS, PASS_GAP_MIN_MS } from "./limits.js";
import { LinkAgreement, missingLink } from "./link-agreement.js";
import { OperationSwitch } from "./operation-switch.js";
import { type DatabaseRecovery, RecoveryControl } from "./recovery-control.js";
import { registerMessages } from "./served-messages.js";
import { TakeoverControl, type TakeoverRun } from "./takeover.js";

export interface ClusterManagerModules extends BaseModules {
  readonly link: DaemonLink;
  readonly mutex: ClusterMutex;
  readonly databaseRecovery: DatabaseRecovery;
  /** Makes the takeover run; gets the view that the manager keeps. */
  readonly takeoverRun: (view: ClusterView) => TakeoverRun;
  /** Reads the nodes list anew and returns its number of lines (deleted nodes included). */
  readonly readNodesList: () => Promise<number>;
  /** Text of the memory report for MEM_DUMP. */
  readonly memoryReport: () => string;
}

export interface ClusterManagerOptions {
  /** The cluster lock setting, the same text on every node; absent for none. */
  readonly clusterLock: string | undefined;
  readonly leaderTimeoutMs: number;
}

/** What a pass has found out before the leader's part begins. */
interface PassState {
  readonly signal: AbortSignal;
  readonly capabilities: ReadonlyMap<number, number>;
}

export class ClusterManager {
  readonly view: ClusterView;
  readonly election: LeaderElection;
  private readonly lock: ClusterLock | undefined;
  private readonly credits: BanCredits;
  private readonly recoveries: OperationSwitch;
  private readonly takeoverRuns: OperationSwitch;
  private readonly takeover: TakeoverControl;
  private readonly recovery: RecoveryControl;
  private readonly incompleteWatch: IncompleteClusterWatch;
  private readonly links: LinkAgreement;
  private registrations: MessageRegistration[] = [];
  private nodesListLength = 0;
  private nodesListReported: number | undefined;
  private frozenWhileInactive = false;
  private stopped = false;
  private passTimer: Timer | undefined;
  private passTimerAt = Number.POSITIVE_INFINITY;
  private passAbort: AbortController | undefined;
  private passWanted = false;
  private passStartedAt = Number.NEGATIVE_INFINITY;
  /** Passes of the main loop so far. */
  passes = 0;

  constructor(
    private readonly modules: ClusterManagerModules,
    options: ClusterManagerOptions,
  ) {
    const { link, clock, logger } = modules;
    this.view = new ClusterView(link.pnn);
    const { view } = this;
    const base = { ...modules, view };
    this.credits = new BanCredits(clock);
    this.links = new LinkAgreement(clock);
    this.recoveries = new OperationSwitch("recoveries", modules, () => this.requestPass());
    this.takeoverRuns = new OperationSwitch("takeover runs", modules, () => this.requestPass());
    if (options.clusterLock !== undefined) {
      this.lock = new ClusterLock(options.clusterLock, modules, {
        onLost: () => this.election.lockLost(),
        onLatency: (seconds) => this.reportLockLatency(seconds),
      });
    }
    this.election = new LeaderElection(
      { ...base, lock: this.lock },
      { leaderTimeoutMs: options.leaderTimeoutMs },
      {
        onLeaderChanged: (leader) => {
          this.recovery.leaderChanged(leader);
          if (leader !== view.ownPnn) this.recovery.forget();
        },
        onBecameLeader: () => {
          // The former leader forbade takeover runs for the time of his own; he may be dead.
          if (this.takeoverRuns.disabledBy === "leader") this.takeoverRuns.enable();
          this.requestPass();
        },
        refreshNodes: () => this.fetchNodes(undefined),
      },
    );
    this.takeover = new TakeoverControl({ ...base, takeoverRun: modules.takeoverRun(view) }, this.takeoverRuns);
    this.recovery = new RecoveryControl(
      {
        ...base,
        election: this.election,
        lock: this.lock,
        credits: this.credits,
        recoveries: this.recoveries,
        takeover: this.takeover,
      },
      {
        banOverLimit: (signal) => this.banOverLimit(signal),
        fetchCapabilities: async (signal) => {
          await this.fetchCapabilities(signal);
        },
      },
    );
    this.incompleteWatch = new IncompleteClusterWatch(
      { ...base, election: this.election },
      options.clusterLock === undefined,
    );
    logger.debug(() => `cluster manager of node ${link.pnn}, cluster lock: ${options.clusterLock ?? "none"}`);
  }

  /** Registers the messages, reads the first state and begins. Throws when the daemon cannot be asked. */
  async start(): Promise<void> {
    const { link, logger } = this.modules;
    this.registrations = await registerMessages(
      link,
      {
        onNodesChanged: (map) => this.nodesReported(map),
        onLeader: (pnn) => this.election.onLeaderMessage(pnn),
        onElection: (sender) => this.election.onElectionMessage(sender),
        onElectionYield: (pnn) => this.election.onElectionYield(pnn),
        onBanning: (pnn) => {
          if (this.election.isLeader) this.addCredits(pnn, this.view.nodes.length);
        },
        onPushNodeFlags: (change) => void this.passOnFlags(change),
        onReloadNodes: () => void this.reloadNodesList(),
        onTakeoverRun: (request) => {
          this.takeover.addRequest(request);
          if (this.election.isLeader) this.requestPass();
        },
        onRebalanceNode: (pnn) => {
          if (this.election.isLeader) this.takeover.addRebalanceTarget(pnn);
        },
        onDisableTakeoverRuns: (request) => this.disable(this.takeoverRuns, request),
        onDisableRecoveries: (request) => this.disable(this.recoveries, request),
        onMemoryDump: ({ pnn, srvid }) => {
          link.sendMessage(pnn, srvid, new TextEncoder().encode(this.modules.memoryReport()));
        },
      },
      logger,
    );
    await this.reloadNodesList();
    this.view.ownCapabilities = await link.control("GET_CAPABILITIES", undefined, { timeoutMs: this.timeoutMs });
    await this.fetchNodes(undefined);
    this.election.start();
    this.incompleteWatch.start();
    this.requestPass();
  }

  /** Stops everything and gives the cluster lock up. */
  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    this.passTimer?.cancel();
    this.passAbort?.abort(new Error("cluster manager stops"));
    this.recovery.cancel("cluster manager stops");
    this.incompleteWatch.stop();
    await this.election.stop();
    // The daemon may be gone already, and its registrations with it.
    await Promise.allSettled(this.registrations.map((registration) => registration.close()));
  }

  /** Runs a pass of the main loop as soon as possible, or once more when one is running. */
  requestPass(): void {
    if (this.passAbort !== undefined) {
      this.passWanted = true;
      return;
    }
    const { clock } = this.modules;
    this.schedulePass(Math.max(EVENT_PASS_DELAY_MS, this.passStartedAt + PASS_GAP_MIN_MS - clock.now()));
  }

  /** A recovery is under way that this node leads. */
  get leadsRecovery(): boolean {
    return this.recovery.running;
  }

  private get timeoutMs(): number {
    return this.view.tunables.recoverTimeoutMs;
  }

  private schedulePass(delayMs: number): void {
    if (this.stopped) return;
    const { clock, timers } = this.modules;
    const at = clock.now() + delayMs;
    if (at >= this.passTimerAt) return;
    this.passTimer?.cancel();
    this.passTimerAt = at;
    this.passTimer = timers.after(delayMs, () => {
      this.passTimerAt = Number.POSITIVE_INFINITY;
      void this.runPass();
    });
  }

  private async runPass(): Promise<void> {
    const { clock, logger } = this.modules;
    const abort = new AbortController();
    this.passAbort = abort;
    this.passWanted = false;
    this.passStartedAt = clock.now();
    this.passes++;
    try {
      await this.pass(abort.signal);
    } catch (error) {
      if (this.stopped) return;
      if (error instanceof PassInterruptedError) logger.info(`main loop: ${error.message}, starting over`);
      else logger.error(`main loop: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.passAbort = undefined;
    }
    if (this.stopped) return;
    if (this.passWanted) this.requestPass();
    else this.schedulePass(Math.max(0, this.passStartedAt + this.view.tunables.recoverIntervalMs - clock.now()));
  }

  /**
   * One pass: watchdog, own state, bans, inactive node's duties, capabilities; then the leader's duties. A return ends
   * the pass; a throw is logged by the caller. Nothing here is changed by a pass that is interrupted: the next one
   * starts over.
   */
  private async pass(signal: AbortSignal): Promise<void> {
    const { link, logger } = this.modules;
    const { view, election } = this;
    const options = { timeoutMs: this.timeoutMs, signal };
    await link.control("RECD_PING", undefined, options);
    if (election.inProgress) return;

    const [debugLevel, tunables] = await Promise.all([
      link.control("GET_DEBUG", undefined, options),
      link.control("GET_ALL_TUNABLES", undefined, options),
      this.fetchNodes(signal),
    ]);
    logger.level = debugLevel;
    view.tunables = clusterTunables(tunables);
    if (await this.banOverLimit(signal)) return;

    const ownMode = await link.control("GET_RECMODE", undefined, options);
    if (view.ownInactive) {
      await this.keepInactive(ownMode, signal);
      return;
    }
    this.frozenWhileInactive = false;
    if (!election.isLeader) {
      // Those of the others concern the leader alone; if all asked all, each second had the square of the nodes in packets.
      view.ownCapabilities = await link.control("GET_CAPABILITIES", undefined, options);
      this.takeover.dropRequests();
      return;
    }
    await this.lead({ signal, capabilities: await this.fetchCapabilities(signal) });
  }

  /** An inactive node stays in recovery mode with frozen databases, and counts as the youngest. */
  private async keepInactive(ownMode: number, signal: AbortSignal): Promise<void> {
    const { link, logger } = this.modules;
    const options = { timeoutMs: this.timeoutMs, signal };
    this.election.resetPriority();
    this.takeover.dropRequests();
    if (ownMode === RecoveryMode.NORMAL) {
      logger.notice(
        "Node is stopped or banned but recovery mode is not active. Activate recovery mode and lock databases",
      );
      await link.control("SET_RECMODE", RecoveryMode.ACTIVE, options);
    }
    if (this.frozenWhileInactive) return;
    await link.control("FREEZE", undefined, options);
    this.frozenWhileInactive = true;
  }

  /** The leader's duties: flags, consistency, recovery when needed, takeover runs. */
  private async lead({ signal, capabilities }: PassState): Promise<void> {
    const { link, logger } = this.modules;
    const { view, recovery } = this;
    const options = { timeoutMs: this.timeoutMs, signal };

    const maps = await this.fetchNodeMaps(signal);
    if (maps === undefined) return;
    if (!(await makeFlagsConsistent({ ...this.modules, view }, maps, signal))) return;
    const missing = missingLink(view, maps);
    if (this.links.mustWait(missing)) {
      logger.info(`Node ${missing?.from} is not connected to node ${missing?.to} yet`);
      this.modules.timers.after(LINKS_LOOK_MS, () => this.requestPass());
      return;
    }
    await this.checkNodesList();
    const vnnMap = await link.control("GETVNNMAP", undefined, options);

    const modes = await controlAll(link, "GET_RECMODE", undefined, view.active(), options);
    if (recovery.needed) {
      await this.noteStartingNodes(modes.replies, signal);
      await this.recover(signal);
      return;
    }
    const inRecovery = nodeInRecovery(modes.replies);
    if (inRecovery !== undefined) {
      logger.notice(`Node:${inRecovery} was in recovery mode. Start recovery process`);
      await this.noteStartingNodes(modes.replies, signal);
      await this.recover(signal);
      return;
    }
    const [silent] = modes.failures;
    if (silent !== undefined) {
      logger.error(`Cannot get the recovery mode of node ${silent.pnn}: ${silent.error.message}`);
      return;
    }
    if (this.lock !== undefined && !this.lock.held) {
      logger.error("Failed cluster lock sanity check");
      this.election.stepDown("cluster lock not held");
      return;
    }
    if (!recovery.suppressed) {
      const inconsistency =
        nodeMapInconsistency(view, maps) ??
        vnnMapInconsistency(view, vnnMap, capabilities) ??
        (await this.findVnnMapDifference(vnnMap, signal));
      if (inconsistency === "unknown") return;
      if (inconsistency !== undefined) {
        logger.error(inconsistency.text);
        this.addCredits(inconsistency.culprit, 1);
        await this.recover(signal);
        return;
      }
    }
    if (this.takeover.wanted) await this.takeover.serveRequests(signal);
  }

  private async recover(signal: AbortSignal): Promise<void> {
    await this.recovery.recover(signal);
  }

  /**
   * A node that is still starting goes into recovery mode by itself whenever another one becomes healthy, to be recovered
   * soon. That is a change of the cluster like a node that joins, and no reason to wait out the pause.
   */
  private async noteStartingNodes(modes: ReadonlyMap<number, number>, signal: AbortSignal): Promise<void> {
    if (!this.recovery.suppressed) return;
    const inRecovery = [...modes].filter(([, mode]) => mode !== RecoveryMode.NORMAL).map(([pnn]) => pnn);
    const { replies } = await controlAll(this.modules.link, "GET_RUNSTATE", undefined, inRecovery, {
      timeoutMs: this.timeoutMs,
      signal,
    });
    if ([...replies.values()].some((runState) => runState < RunState.RUNNING)) this.view.changes++;
  }

  /** GET_NODEMAP from all connected other nodes; undefined (after a credit) when one fails. */
  private async fetchNodeMaps(signal: AbortSignal): Promise<Map<number, NodeMap> | undefined> {
    const { link, logger } = this.modules;
    const options = { timeoutMs: this.timeoutMs, signal };
    const { replies, failures } = await controlAll(
      link,
      "GET_NODEMAP",
      undefined,
      this.view.connectedOthers(),
      options,
    );
    if (failures.length === 0) return replies;
    await this.fetchNodes(signal);
    for (const { pnn, error } of failures) {
      logger.error(`Unable to get the node map of node ${pnn}: ${error.message}`);
      // Whoever is gone is no culprit.
      if (this.view.isConnected(pnn)) this.addCredits(pnn, 1);
    }
    return undefined;
  }

  /** "unknown": a node did not answer. */
  private async findVnnMapDifference(own: VnnMap, signal: AbortSignal): Promise<Inconsistency | "unknown" | undefined> {
    const { link, logger } = this.modules;
    const { view } = this;
    const others = view.active().filter((pnn) => pnn !== view.ownPnn);
    const { replies, failures } = await controlAll(link, "GETVNNMAP", undefined, others, {
      timeoutMs: this.timeoutMs,
      signal,
    });
    for (const { pnn, error } of failures) logger.error(`Unable to get vnnmap from node ${pnn}: ${error.message}`);
    if (failures.length > 0) return "unknown";
    for (const [pnn, map] of replies) {
      const difference = vnnMapDifference(own, pnn, map);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }

  /** GET_CAPABILITIES from all active nodes; throws when one fails. */
  private async fetchCapabilities(signal: AbortSignal): Promise<ReadonlyMap<number, number>> {
    const { link } = this.modules;
    const { view } = this;
    const options = { timeoutMs: this.timeoutMs, signal };
    const { replies, failures } = await controlAll(link, "GET_CAPABILITIES", undefined, view.active(), options);
    const own = replies.get(view.ownPnn);
    if (own !== undefined) view.ownCapabilities = own;
    const [failed] = failures;
    if (failed !== undefined) {
      throw new Error(`Unable to get the capabilities of node ${failed.pnn}: ${failed.error.message}`, {
        cause: failed.error,
      });
    }
    return replies;
  }

  private async fetchNodes(signal: AbortSignal | undefined): Promise<void> {
    const map = await this.modules.link.control("GET_NODEMAP", undefined, {
      timeoutMs: this.timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    });
    this.takeNodes(map);
  }

  /** NODES_CHANGED: take the map at once, interrupt what waits for a node that is gone, and look at everything soon. */
  private nodesReported(map: NodeMap): void {
    if (this.stopped) return;
    const membersChanged = this.takeNodes(map);
    if (membersChanged && this.passAbort !== undefined && !this.recovery.running) {
      this.passAbort.abort(new PassInterruptedError("the active nodes have changed"));
    }
    this.requestPass();
  }

  private takeNodes(map: NodeMap): boolean {
    const changed = this.view.replaceNodes(map.nodes);
    this.recovery.nodesChanged();
    this.election.nodesChanged();
    return changed;
  }

  private addCredits(pnn: number, credits: number): void {
    const { view } = this;
    if (view.ownInactive || view.flagsOf(pnn) === undefined) return;
    this.credits.add(pnn, credits, view.tunables.recoveryGracePeriodMs);
  }

  /** Bans nodes that reached the limit of credits; true when this node was one of them. */
  private async banOverLimit(signal: AbortSignal): Promise<boolean> {
    const { link, logger } = this.modules;
    const { view } = this;
    let self = false;
    for (const pnn of this.credits.overLimit(view.nodes.length)) {
      logger.notice(`Node ${pnn} reached ${this.credits.countOf(pnn)} banning credits`);
      this.credits.clear(pnn);
      const time = view.tunables.recoveryBanPeriodSeconds;
      logger.notice(`Banning node ${pnn} for ${time} seconds`);
      try {
        await link.control("SET_BAN_STATE", { pnn, time }, { pnn, timeoutMs: this.timeoutMs, signal });
      } catch (error) {
        signal.throwIfAborted();
        logger.error(`Failed to ban node ${pnn}: ${error instanceof Error ? error.message : error}`);
      }
      if (pnn === view.ownPnn) self = true;
    }
    return self;
  }

  /** PUSH_NODE_FLAGS of the own daemon: the leader's connected nodes are told. */
  private async passOnFlags(change: NodeFlagChange): Promise<void> {
    const { link, logger } = this.modules;
    const { leader } = this.election;
    const timeoutMs = this.timeoutMs;
    if (leader === LEADER_UNKNOWN) {
      logger.error("Unable to push node flags, no leader is known");
      return;
    }
    try {
      const map = await link.control("GET_NODEMAP", undefined, { pnn: leader, timeoutMs });
      const seen = new ClusterView(leader);
      seen.replaceNodes(map.nodes);
      const { failures } = await controlAll(link, "MODIFY_FLAGS", change, seen.connected(), { timeoutMs });
      for (const { pnn, error } of failures) logger.error(`Unable to push flags to node ${pnn}: ${error.message}`);
    } catch (error) {
      logger.error(`Unable to push node flags: ${error instanceof Error ? error.message : error}`);
    }
  }

  /**
   * The nodes list may have been edited without "ctdb reloadnodes". The daemon's list is what counts until then, so this is
   * no reason to leave anything undone.
   */
  private async checkNodesList(): Promise<void> {
    const { length } = this.view.nodes;
    if (this.nodesListLength === length) return;
    await this.reloadNodesList();
    if (this.nodesListLength === length || this.nodesListLength === this.nodesListReported) return;
    this.nodesListReported = this.nodesListLength;
    this.modules.logger.warning(
      `The nodes list has ${this.nodesListLength} nodes, the daemon ${length}: "ctdb reloadnodes" makes them equal`,
    );
  }

  private async reloadNodesList(): Promise<void> {
    try {
      this.nodesListLength = await this.modules.readNodesList();
    } catch (error) {
      this.modules.logger.error(`Unable to read the nodes list: ${error instanceof Error ? error.message : error}`);
    }
  }

  private disable(operation: OperationSwitch, { pnn, srvid, timeout }: DisableMessage): void {
    const { link } = this.modules;
    const refused = operation.disable(timeout, pnn === Pnn.UNKNOWN ? "leader" : "request");
    if (srvid !== 0n) link.sendMessage(pnn, srvid, I32.encode(refused === 0 ? this.view.ownPnn : refused));
  }

  private reportLockLatency(seconds: number): void {
    const { link, logger } = this.modules;
    link.control("RECD_RECLOCK_LATENCY", seconds, { timeoutMs: this.timeoutMs }).catch((error: unknown) => {
      logger.warning(`Unable to report the latency of the cluster lock: ${String(error)}`);
    });
  }
}
