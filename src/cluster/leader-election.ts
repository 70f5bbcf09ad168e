// Who is leader, and how that is decided: leader broadcasts, elections by message, elections by cluster lock.
// Owned by the cluster manager; C nodes in the same cluster see the protocol of the C recovery daemon.
import type { BaseModules, Timer } from "../platform/ports.js";
import { ElectionMessage, Generation, Pnn, RecoveryMode, Srvid, U32 } from "../protocol/index.js";
import type { ClusterLock } from "./cluster-lock.js";
import type { ClusterView } from "./cluster-view.js";
import { controlAll, type DaemonLink } from "./daemon-link.js";
import { beats, type Candidate } from "./election-rules.js";
import {
  ELECTION_QUIET_MS,
  ELECTION_REPLY_MS,
  FIRST_ELECTION_FRESH_MS,
  FIRST_ELECTION_INCOMPLETE_MS,
  FIRST_ELECTION_QUIET_MS,
  FRESHNESS_QUERY_TIMEOUT_MS,
  LEADER_ANSWER_GAP_MS,
  LEADER_BROADCAST_MS,
  LEADER_LOSS_GRACE_MS,
  LEADER_STALL_MS,
  LEADER_STALL_PAUSE_MS,
  LOCK_RETRY_FIRST_MS,
} from "./limits.js";
import { PeerSrvid } from "./local-srvids.js";

/** Value of `leader` while nobody is known to be it. */
export const LEADER_UNKNOWN = Pnn.UNKNOWN;

const MICROSECONDS_PER_SECOND = 1_000_000;

/**
 *   idle        a leader is known, or his broadcast is awaited
 *   announcing  SET_RECMODE ACTIVE is on its way to all active nodes
 *   voting      ELECTION messages are compared until none comes any more
 *   racing      the cluster lock is being taken
 *   observing   LEADER(unknown) was heard: the ELECTION message of another node will follow
 *
 *   idle --leader lost, timeout, two leaders, lock lost, own yield--> announcing --lock--> racing --> idle
 *                                                                    announcing --no lock--> voting --quiet--> idle
 *   idle --LEADER(unknown)--> racing (lock) or observing (no lock)
 *   idle, observing, announcing --ELECTION--> voting
 */
export type ElectionState = "idle" | "announcing" | "voting" | "racing" | "observing";

export interface ElectionModules extends BaseModules {
  readonly link: DaemonLink;
  readonly view: ClusterView;
  /** Absent when no cluster lock is configured. */
  readonly lock: ClusterLock | undefined;
}

export interface ElectionOptions {
  /** Silence after which the leader counts as lost, `[cluster] leader timeout`. */
  readonly leaderTimeoutMs: number;
}

export interface ElectionEvents {
  /** `leader` has another value than before; LEADER_UNKNOWN for nobody. */
  onLeaderChanged(leader: number): void;
  /** This node has become leader by an election that is over. */
  onBecameLeader(): void;
  /** The node map should be read again: a control failed because the view is old. */
  refreshNodes(): Promise<void>;
}

export class LeaderElection {
  private current: number = LEADER_UNKNOWN;
  private electionState: ElectionState = "idle";
  private everHeard = false;
  private stopped = false;
  /** Counts elections; work that awaits something compares it to see whether it still matters. */
  private round = 0;
  private priorityWallMs: number;
  private announceAbort: AbortController | undefined;
  private leaderTimer: Timer | undefined;
  private electionTimer: Timer | undefined;
  private replyTimer: Timer | undefined;
  private retryTimer: Timer | undefined;
  private lossTimer: Timer | undefined;
  private broadcastTimer: Timer | undefined;
  /** Own LEADER(unknown) broadcasts that have not come back yet; without a lock an election may end before. */
  private ownAnnouncements = 0;
  private retryDelayMs = LOCK_RETRY_FIRST_MS;
  private answeredLeaderMs = Number.NEGATIVE_INFINITY;
  private readonly beaten = new Set<number>();
  private connectedBefore = new Set<number>();

  constructor(
    private readonly modules: ElectionModules,
    private readonly options: ElectionOptions,
    private readonly events: ElectionEvents,
  ) {
    this.priorityWallMs = modules.clock.wall();
  }

  get leader(): number {
    return this.current;
  }

  get state(): ElectionState {
    return this.electionState;
  }

  get inProgress(): boolean {
    return this.electionState !== "idle";
  }

  get isLeader(): boolean {
    return this.current === this.modules.view.ownPnn;
  }

  /** Begins to broadcast and to wait for a leader. The view must hold a node map. */
  start(): void {
    this.scheduleBroadcast();
    this.armFirstElection();
  }

  /** Ends all timers and gives the lock up. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.round++;
    this.announceAbort?.abort(new Error("cluster manager stops"));
    for (const timer of [
      this.leaderTimer,
      this.electionTimer,
      this.replyTimer,
      this.retryTimer,
      this.lossTimer,
      this.broadcastTimer,
    ]) {
      timer?.cancel();
    }
    await this.modules.lock?.release();
  }

  /** A node that is inactive counts as the youngest from now on. */
  resetPriority(): void {
    this.priorityWallMs = this.modules.clock.wall();
  }

  /** The lock helper ended by itself. */
  lockLost(): void {
    if (this.isLeader) this.setLeader(LEADER_UNKNOWN);
    if (this.modules.view.canBeLeader) void this.forceElection("cluster lock lost");
  }

  /** Leader without the lock that is configured: step down and let the lock decide. */
  stepDown(reason: string): void {
    if (this.isLeader) this.setLeader(LEADER_UNKNOWN);
    void this.forceElection(reason);
  }

  /** The view has a new node map: a lost leader is noticed at once, and so is a node that has just connected. */
  nodesChanged(): void {
    const { view } = this.modules;
    const connected = new Set(view.connected());
    const joined = [...connected].some((pnn) => !this.connectedBefore.has(pnn));
    this.connectedBefore = connected;
    if (this.stopped) return;
    if (!view.canBeLeader && this.isLeader) {
      this.yieldLeadership();
      return;
    }
    if (joined && !this.everHeard && this.electionState === "idle" && this.current === LEADER_UNKNOWN) {
      this.armFirstElection();
    }
    const { current } = this;
    if (current === LEADER_UNKNOWN || this.isLeader || view.isConnected(current)) {
      this.lossTimer?.cancel();
      this.lossTimer = undefined;
    } else {
      this.lossTimer ??= this.after(LEADER_LOSS_GRACE_MS, () => {
        this.lossTimer = undefined;
        if (this.current !== current || view.isConnected(current)) return;
        this.modules.logger.notice(`Leader ${current} is disconnected`);
        this.setLeader(LEADER_UNKNOWN);
        // A node that cannot win leaves the election to those who can, and steps in only when nobody does.
        if (view.canBeLeader) void this.forceElection("leader disconnected");
        else this.armLeaderTimer(this.options.leaderTimeoutMs);
      });
    }
    if (this.electionState === "voting") this.finishIfDecided();
  }

  /** A LEADER message: `pnn` says that it leads, or LEADER_UNKNOWN says that an election begins. */
  onLeaderMessage(pnn: number): void {
    if (this.stopped) return;
    if (pnn === LEADER_UNKNOWN) this.onElectionAnnounced();
    else if (pnn !== this.modules.view.ownPnn) this.onOtherLeader(pnn);
  }

  /** An ELECTION message. */
  onElectionMessage(sender: ElectionMessage): void {
    const { view, lock, logger } = this.modules;
    if (this.stopped || sender.pnn === view.ownPnn) return;
    view.changes++;
    this.leaderTimer?.cancel();
    this.announceAbort?.abort(new Error("an election is under way"));
    if (this.electionState !== "racing") this.electionState = "voting";
    this.armElectionTimer();
    if (beats(this.candidate(), sender)) {
      this.beaten.add(sender.pnn);
      this.replyTimer ??= this.after(ELECTION_REPLY_MS, () => {
        this.replyTimer = undefined;
        if (this.electionState === "voting") this.sendElection();
      });
      return;
    }
    logger.info(`election: node ${sender.pnn} comes first`);
    this.replyTimer?.cancel();
    this.replyTimer = undefined;
    this.electionState = "voting";
    this.modules.link.sendMessage(sender.pnn, PeerSrvid.ELECTION_YIELD, U32.encode(view.ownPnn));
    if (lock !== undefined && (lock.held || lock.taking)) void lock.release();
    this.setLeader(sender.pnn);
  }

  /** Node `pnn` has compared itself with this one's ELECTION message and comes later. */
  onElectionYield(pnn: number): void {
    if (this.stopped || this.electionState !== "voting" || !this.isLeader) return;
    this.beaten.add(pnn);
    this.finishIfDecided();
  }

  /**
   * Starts an election: recovery mode ACTIVE on all active nodes, then the lock, or LEADER(unknown) and ELECTION messages.
   * Does nothing while one is under way. Gives up when a node cannot be set to recovery mode; the leader timeout then tries again.
   */
  async forceElection(reason: string): Promise<void> {
    const { view, lock, logger } = this.modules;
    if (this.stopped || (this.electionState !== "idle" && this.electionState !== "observing")) return;
    logger.error("Start election");
    logger.info(`election because of: ${reason}`);
    this.round++;
    const { round } = this;
    this.electionState = "announcing";
    this.leaderTimer?.cancel();
    this.cancelRetry();
    view.changes++;
    const abort = new AbortController();
    this.announceAbort = abort;
    try {
      await this.announce(abort.signal);
    } catch (error) {
      if (this.round !== round || abort.signal.aborted) return;
      logger.error(
        `Unable to set recovery mode to active on cluster: ${error instanceof Error ? error.message : error}`,
      );
      this.electionState = "idle";
      this.armLeaderTimer(this.options.leaderTimeoutMs);
      return;
    } finally {
      if (this.announceAbort === abort) this.announceAbort = undefined;
    }
    if (this.round !== round || this.electionState !== "announcing") return;
    if (lock === undefined) {
      this.sendElectionBegins();
      this.startVoting();
      return;
    }
    // Whoever gets the lock at once says so, and nobody else need race. Else all others are asked to race, too: this node
    // may be the only one that has noticed, or may not be allowed to win.
    await this.race(lock);
    if (!this.stopped && this.current === LEADER_UNKNOWN) this.sendElectionBegins();
  }

  private sendElectionBegins(): void {
    this.ownAnnouncements++;
    this.modules.link.sendMessage(Pnn.BROADCAST_CONNECTED, Srvid.LEADER, U32.encode(LEADER_UNKNOWN));
  }

  private async announce(signal: AbortSignal): Promise<void> {
    const { link, view } = this.modules;
    const timeoutMs = view.tunables.recoverTimeoutMs;
    const { failures } = await controlAll(link, "SET_RECMODE", RecoveryMode.ACTIVE, view.active(), {
      timeoutMs,
      signal,
    });
    if (failures.length === 0) return;
    // A node may have died meanwhile; that is no reason to do without a leader.
    await this.events.refreshNodes();
    const alive = failures.find(({ pnn }) => view.isActive(pnn));
    if (alive !== undefined) throw new Error(`node ${alive.pnn}: ${alive.error.message}`);
  }

  private onElectionAnnounced(): void {
    const { view, lock } = this.modules;
    if (this.ownAnnouncements > 0) {
      this.ownAnnouncements--;
      return;
    }
    if (this.electionState !== "idle") return;
    if (this.current === LEADER_UNKNOWN) {
      if (this.retryTimer === undefined) this.armLeaderTimer(this.options.leaderTimeoutMs);
      return;
    }
    view.changes++;
    this.leaderTimer?.cancel();
    if (lock !== undefined) {
      void this.race(lock);
      return;
    }
    this.electionState = "observing";
    this.armLeaderTimer(this.options.leaderTimeoutMs);
  }

  private onOtherLeader(pnn: number): void {
    const { lock, logger } = this.modules;
    if (lock?.held === true) {
      this.answerOtherLeader(pnn);
      return;
    }
    this.everHeard = true;
    switch (this.electionState) {
      case "announcing":
        // Two leaders: the election goes on and decides. Else: somebody leads, so none is needed.
        if (this.isLeader) return;
        this.round++;
        this.announceAbort?.abort(new Error(`node ${pnn} leads`));
        break;
      case "voting":
        // He has lost, or will answer my ELECTION with his own; a broadcast that crossed it says nothing.
        if (this.isLeader) return;
        this.electionTimer?.cancel();
        break;
      case "racing":
        this.noteLeader(pnn);
        return;
      case "observing":
        break;
      case "idle":
        if (this.isLeader) {
          logger.notice(`Received leader broadcast, leader=${pnn}, while leading: election`);
          void this.forceElection(`node ${pnn} leads too`);
          return;
        }
        break;
    }
    this.electionState = "idle";
    this.noteLeader(pnn);
    this.armLeaderTimer(this.options.leaderTimeoutMs);
  }

  private noteLeader(pnn: number): void {
    this.cancelRetry();
    if (this.current === pnn) return;
    this.modules.logger.notice(`Received leader broadcast, leader=${pnn}`);
    this.setLeader(pnn);
    this.nodesChanged();
  }

  // --- election by messages

  private startVoting(): void {
    this.electionState = "voting";
    this.beaten.clear();
    this.armElectionTimer();
    this.sendElection();
  }

  private sendElection(): void {
    const { link, view, clock } = this.modules;
    const mayLead = view.canBeLeader;
    this.setLeader(mayLead ? view.ownPnn : LEADER_UNKNOWN);
    const own = this.candidate(mayLead ? this.priorityWallMs : clock.wall());
    const data = ElectionMessage.encode({
      numConnected: mayLead ? view.connected().length : 0,
      priorityTime: { sec: own.prioritySec, usec: own.priorityUsec },
      pnn: view.ownPnn,
      nodeFlags: view.ownFlags,
    });
    link.sendMessage(Pnn.BROADCAST_ALL, Srvid.ELECTION, data);
    this.finishIfDecided();
  }

  private candidate(wallMs = this.priorityWallMs): Candidate {
    const { view } = this.modules;
    const usec = Math.round(wallMs * 1000);
    return {
      pnn: view.ownPnn,
      canBeLeader: view.canBeLeader,
      prioritySec: Math.floor(usec / MICROSECONDS_PER_SECOND),
      priorityUsec: usec % MICROSECONDS_PER_SECOND,
    };
  }

  /** All nodes that could win have been compared: there is nothing to wait for. */
  private finishIfDecided(): void {
    const { view } = this.modules;
    if (!this.isLeader || this.replyTimer !== undefined) return;
    const undecided = view.active().some((pnn) => pnn !== view.ownPnn && !this.beaten.has(pnn));
    if (!undecided) this.finishVoting();
  }

  private armElectionTimer(): void {
    this.electionTimer?.cancel();
    this.electionTimer = this.after(ELECTION_QUIET_MS, () => {
      if (this.electionState === "voting") this.finishVoting();
    });
  }

  private finishVoting(): void {
    const { lock, logger } = this.modules;
    this.electionTimer?.cancel();
    this.beaten.clear();
    this.electionState = "idle";
    logger.warning(`Election period ended, leader=${this.leaderText()}`);
    if (!this.isLeader) {
      this.armLeaderTimer(this.options.leaderTimeoutMs);
    } else if (lock !== undefined) {
      void this.race(lock);
    } else {
      this.becomeLeader();
    }
  }

  // --- election by lock

  private async race(lock: ClusterLock): Promise<void> {
    const { view, logger } = this.modules;
    this.round++;
    const { round } = this;
    if (!view.canBeLeader) {
      this.electionState = "idle";
      if (this.isLeader) this.setLeader(LEADER_UNKNOWN);
      this.armLeaderTimer(this.options.leaderTimeoutMs);
      await lock.release();
      return;
    }
    this.electionState = "racing";
    let taken = lock.held;
    if (!taken) {
      this.setLeader(LEADER_UNKNOWN);
      taken = await lock.take();
      if (this.stopped || this.round !== round || this.electionState !== "racing") return;
    }
    this.electionState = "idle";
    if (taken) {
      const known = this.isLeader;
      this.setLeader(view.ownPnn);
      if (!known) logger.warning(`Took cluster lock, leader=${view.ownPnn}`);
      this.becomeLeader();
      return;
    }
    this.armLeaderTimer(this.options.leaderTimeoutMs);
    if (this.current === LEADER_UNKNOWN) this.scheduleRetry(lock);
  }

  /**
   * Somebody has the lock and does not say who leads: the helper of a dead leader, or a winner whose broadcast is on its
   * way. Asks again soon, then less and less often; no message is sent for it.
   */
  private scheduleRetry(lock: ClusterLock): void {
    this.retryTimer?.cancel();
    this.retryTimer = this.after(this.retryDelayMs, () => {
      this.retryTimer = undefined;
      if (this.current === LEADER_UNKNOWN && this.electionState === "idle") void this.race(lock);
    });
    this.retryDelayMs = Math.min(this.retryDelayMs * 2, this.options.leaderTimeoutMs);
  }

  private cancelRetry(): void {
    this.retryTimer?.cancel();
    this.retryTimer = undefined;
    this.retryDelayMs = LOCK_RETRY_FIRST_MS;
  }

  // --- leading

  private becomeLeader(): void {
    this.everHeard = true;
    this.leaderTimer?.cancel();
    this.cancelRetry();
    this.sendLeader();
    this.events.onBecameLeader();
  }

  /** The lock is here: the other one has to hear it. He may believe the same, until he sees that his lock is lost. */
  private answerOtherLeader(pnn: number): void {
    const { clock, logger } = this.modules;
    const nowMs = clock.now();
    if (nowMs - this.answeredLeaderMs < LEADER_ANSWER_GAP_MS) return;
    this.answeredLeaderMs = nowMs;
    logger.warning(`Leader broadcast of node ${pnn} ignored, this node holds the cluster lock`);
    this.sendLeader();
  }

  private sendLeader(): void {
    const { link, view } = this.modules;
    link.sendMessage(Pnn.BROADCAST_CONNECTED, Srvid.LEADER, U32.encode(view.ownPnn));
  }

  /**
   * The node must not lead any more. It gives the lock up and starts an election that it cannot win, so that the others
   * need not wait for the leader timeout.
   */
  private yieldLeadership(): void {
    const { lock } = this.modules;
    this.modules.logger.notice("This node cannot be leader any more");
    this.setLeader(LEADER_UNKNOWN);
    void Promise.resolve(lock?.release()).then(() => this.forceElection("leader yields"));
  }

  private scheduleBroadcast(): void {
    this.broadcastTimer = this.after(LEADER_BROADCAST_MS, () => {
      this.scheduleBroadcast();
      const { view, lock } = this.modules;
      if (!view.canBeLeader) {
        if (this.isLeader) this.yieldLeadership();
        else if (lock !== undefined && (lock.held || lock.taking)) void lock.release();
        return;
      }
      if (this.isLeader && this.electionState === "idle") this.sendLeader();
    });
  }

  // --- timers

  private armFirstElection(): void {
    const { view, lock } = this.modules;
    this.armLeaderTimer(this.firstElectionDelayMs(view, lock !== undefined));
    if (view.complete && view.connectedOthers().length > 0) void this.hastenFirstElection();
  }

  /** A cluster that starts as a whole need not wait for the broadcast of a leader that cannot be there. */
  private async hastenFirstElection(): Promise<void> {
    const { link, view } = this.modules;
    const { round } = this;
    const asked = view.connected();
    const { replies, failures } = await controlAll(link, "GETVNNMAP", undefined, asked, {
      timeoutMs: FRESHNESS_QUERY_TIMEOUT_MS,
    });
    const stillFirst = this.round === round && this.electionState === "idle" && this.current === LEADER_UNKNOWN;
    if (this.stopped || this.everHeard || !stillFirst || failures.length > 0) return;
    if (view.connected().join() !== asked.join()) return;
    const fresh = [...replies.values()].every(({ generation }) => generation === Generation.INVALID);
    if (fresh) this.armLeaderTimer(Math.min(FIRST_ELECTION_FRESH_MS, this.options.leaderTimeoutMs));
  }

  private firstElectionDelayMs(view: ClusterView, locked: boolean): number {
    const { leaderTimeoutMs } = this.options;
    if (view.complete)
      return view.connectedOthers().length === 0 ? 0 : Math.min(FIRST_ELECTION_QUIET_MS, leaderTimeoutMs);
    return locked ? Math.min(FIRST_ELECTION_INCOMPLETE_MS, leaderTimeoutMs) : leaderTimeoutMs;
  }

  private armLeaderTimer(delayMs: number): void {
    const { clock } = this.modules;
    const dueAt = clock.now() + delayMs;
    this.leaderTimer?.cancel();
    this.leaderTimer = this.after(delayMs, () => {
      if (this.electionState !== "idle" && this.electionState !== "observing") return;
      if (this.isLeader && this.electionState === "idle") return;
      if (clock.now() - dueAt > LEADER_STALL_MS) {
        this.armLeaderTimer(LEADER_STALL_PAUSE_MS);
        return;
      }
      this.modules.logger.notice("Leader broadcast timeout");
      void this.forceElection("leader timeout");
    });
  }

  private after(delayMs: number, callback: () => void): Timer {
    return this.modules.timers.after(delayMs, () => {
      if (!this.stopped) callback();
    });
  }

  private setLeader(leader: number): void {
    if (this.current === leader) return;
    this.current = leader;
    this.lossTimer?.cancel();
    this.lossTimer = undefined;
    this.events.onLeaderChanged(leader);
  }

  private leaderText(): string {
    return this.current === LEADER_UNKNOWN ? "UNKNOWN" : String(this.current);
  }
}
