// The node's own place in the cluster: run state, recovery mode, vnnmap, capabilities, stop and ban. Lives in ctdbd; control
// handlers drive it, the record code reads the vnnmap from it.
//
// run state:      INIT -> SETUP -> FIRST_RECOVERY -> STARTUP -> RUNNING -> SHUTDOWN      (never back)
// recovery mode:  ACTIVE <-> NORMAL      (NORMAL only when every database has the generation of the vnnmap)
// own node:       active -> inactive (STOPPED, BANNED or DELETED) -> active again by a recovery that includes it
import type { Logger, Timer, Timers } from "../platform/ports.js";
import { Generation, NodeFlag, RecoveryMode, RunState, type VnnMap } from "../protocol/index.js";
import type { NodeTable } from "./node-table.js";

const RUN_STATE_NAMES: readonly string[] = [
  "UNKNOWN",
  "INIT",
  "SETUP",
  "FIRST_RECOVERY",
  "STARTUP",
  "RUNNING",
  "SHUTDOWN",
];

export interface NodeStateModules {
  readonly logger: Logger;
  readonly timers: Timers;
  readonly nodes: NodeTable;
  readonly databases: NodeStateDatabases;
  tunables(): {
    readonly recoveryDropAllIpsSeconds: number;
    readonly recoveryBanPeriodSeconds: number;
    readonly enableBans: boolean;
  };
  releaseAllPublicAddresses(): void;
}

/** What becoming inactive does to the databases. */
export interface NodeStateDatabases {
  setAllGenerations(generation: number): void;
  /** FREEZE of all databases, volatile records marked invalid; errors are logged there. */
  freezeAllInvalid(): void;
  readonly allFrozen: boolean;
}

export class NodeState {
  private runStateValue: number = RunState.UNKNOWN;
  private recoveryModeValue: number = RecoveryMode.ACTIVE;
  private map: VnnMap;
  private dropIpsTimer: Timer | undefined;
  private ban: { readonly seconds: number; readonly timer: Timer } | undefined;
  private readonly listeners: Array<() => void> = [];
  private capabilityBits: number;
  lastRecoveryStartedMs = 0;
  lastRecoveryFinishedMs = 0;

  constructor(
    private readonly modules: NodeStateModules,
    options: { readonly capabilities: number },
  ) {
    this.capabilityBits = options.capabilities;
    const members = modules.nodes.all.filter((node) => (node.flags & NodeFlag.DELETED) === 0);
    this.map = { generation: Generation.INVALID, map: members.map((node) => node.pnn) };
  }

  /** Called after each change of recovery mode, vnnmap or run state. */
  onChanged(listener: () => void): void {
    this.listeners.push(listener);
  }

  get capabilities(): number {
    return this.capabilityBits;
  }

  /** SET_LMASTERROLE, SET_RECMASTERROLE: until the daemon is started again. */
  setCapability(bit: number, on: boolean): void {
    const bits = on ? this.capabilityBits | bit : this.capabilityBits & ~bit;
    if (bits === this.capabilityBits) return;
    this.capabilityBits = bits;
    this.changed();
  }

  get runState(): number {
    return this.runStateValue;
  }

  setRunState(state: number): void {
    if (state < this.runStateValue)
      throw new Error(`run state must not go back from ${this.runStateValue} to ${state}`);
    this.runStateValue = state;
    this.modules.logger.notice(`Set runstate to ${RUN_STATE_NAMES[state] ?? "?"} (${state})`);
    this.changed();
  }

  get recoveryMode(): number {
    return this.recoveryModeValue;
  }

  get isRecovering(): boolean {
    return this.recoveryModeValue !== RecoveryMode.NORMAL;
  }

  get isInactive(): boolean {
    return (this.modules.nodes.own.flags & NodeFlag.INACTIVE) !== 0;
  }

  get vnnMap(): VnnMap {
    return this.map;
  }

  get generation(): number {
    return this.map.generation;
  }

  setVnnMap(map: VnnMap): void {
    this.map = map;
    this.changed();
  }

  setRecoveryMode(mode: number): void {
    if (mode === this.recoveryModeValue) return;
    const { logger, timers } = this.modules;
    this.recoveryModeValue = mode;
    logger.notice(`Recovery mode set to ${mode === RecoveryMode.NORMAL ? "NORMAL" : "ACTIVE"}`);
    this.dropIpsTimer?.cancel();
    this.dropIpsTimer = undefined;
    if (mode === RecoveryMode.ACTIVE) {
      this.dropIpsTimer = timers.after(this.modules.tunables().recoveryDropAllIpsSeconds * 1000, () => {
        logger.error("Been in recovery mode for too long. Dropping all IPS");
        this.modules.releaseAllPublicAddresses();
      });
    }
    this.changed();
  }

  /** The databases of the cluster disagree, or a commit was cut short: the leader must run a recovery. */
  forceRecovery(reason: string): void {
    if (this.isRecovering) return;
    this.modules.logger.notice(`Forcing a recovery: ${reason}`);
    this.setRecoveryMode(RecoveryMode.ACTIVE);
  }

  // ------------------------------------------------------------------ stop, ban and removal

  /** The nodes list was read again: a node that is not in it any more takes no part, as if it were stopped. */
  nodesListRead(wasInactive: boolean): void {
    if (!wasInactive && this.isInactive) this.becomeInactive();
  }

  stop(): void {
    this.modules.logger.error("Stopping node");
    if (this.modules.nodes.addFlags(this.modules.nodes.ownPnn, NodeFlag.STOPPED)) this.becomeInactive();
  }

  continue(): void {
    this.modules.logger.error("Continue node");
    this.modules.nodes.clearFlags(this.modules.nodes.ownPnn, NodeFlag.STOPPED);
  }

  /** SET_BAN_STATE for the own node; 0 seconds ends a ban. */
  setBan(seconds: number): void {
    const { logger, nodes, timers } = this.modules;
    const wasBanned = this.ban !== undefined;
    this.ban?.timer.cancel();
    this.ban = undefined;
    if (seconds === 0) {
      logger.error("Unbanning this node");
      nodes.clearFlags(nodes.ownPnn, NodeFlag.BANNED);
      return;
    }
    if (!this.modules.tunables().enableBans) {
      logger.error("Bans are disabled - ignoring ban of this node");
      return;
    }
    logger.error(`Banning this node for ${seconds} seconds`);
    nodes.addFlags(nodes.ownPnn, NodeFlag.BANNED);
    this.ban = { seconds, timer: timers.after(seconds * 1000, () => this.banEnds()) };
    if (!wasBanned) this.becomeInactive();
  }

  /** Seconds of the running ban, 0 without one. */
  get banSeconds(): number {
    return this.ban?.seconds ?? 0;
  }

  private banEnds(): void {
    const { logger, nodes } = this.modules;
    this.ban = undefined;
    if (!this.modules.databases.allFrozen) {
      this.setBan(this.modules.tunables().recoveryBanPeriodSeconds);
      return;
    }
    logger.error("Banning timed out");
    nodes.clearFlags(nodes.ownPnn, NodeFlag.BANNED);
  }

  /** In this order and before the control is answered: calls are refused from here on, and nothing stale can come back. */
  private becomeInactive(): void {
    const { logger, databases } = this.modules;
    logger.warning("Making node INACTIVE");
    this.map = { generation: Generation.INVALID, map: this.map.map };
    databases.setAllGenerations(Generation.INVALID);
    this.setRecoveryMode(RecoveryMode.ACTIVE);
    databases.freezeAllInvalid();
    this.modules.releaseAllPublicAddresses();
    this.changed();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
