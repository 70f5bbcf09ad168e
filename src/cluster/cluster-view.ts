// What this node's cluster manager knows at present: node flags as the own daemon sees them, own capabilities, tunables.
// Replaced piece by piece by the main loop and by NODES_CHANGED; read by election, recovery and takeover.
import { Capability, NodeFlag, type TunableList, Tunables } from "../protocol/index.js";

export interface ViewNode {
  readonly pnn: number;
  readonly flags: number;
}

/** Tunables that the cluster manager obeys, in their own units. */
export interface ClusterTunables {
  readonly recoverTimeoutMs: number;
  readonly recoverIntervalMs: number;
  readonly recoveryGracePeriodMs: number;
  readonly recoveryBanPeriodSeconds: number;
  readonly rerecoveryTimeoutSeconds: number;
  readonly takeoverTimeoutMs: number;
  readonly enableBans: boolean;
  readonly recBufferSizeLimit: number;
}

export function clusterTunables(list: TunableList): ClusterTunables {
  return {
    recoverTimeoutMs: list.RecoverTimeout * 1000,
    recoverIntervalMs: list.RecoverInterval * 1000,
    recoveryGracePeriodMs: list.RecoveryGracePeriod * 1000,
    recoveryBanPeriodSeconds: list.RecoveryBanPeriod,
    rerecoveryTimeoutSeconds: list.RerecoveryTimeout,
    takeoverTimeoutMs: list.TakeoverTimeout * 1000,
    enableBans: list.EnableBans !== 0,
    recBufferSizeLimit: list.RecBufferSizeLimit,
  };
}

/** What holds until the daemon was asked. */
const INITIAL_TUNABLES: ClusterTunables = {
  recoverTimeoutMs: Tunables.RecoverTimeout.default * 1000,
  recoverIntervalMs: Tunables.RecoverInterval.default * 1000,
  recoveryGracePeriodMs: Tunables.RecoveryGracePeriod.default * 1000,
  recoveryBanPeriodSeconds: Tunables.RecoveryBanPeriod.default,
  rerecoveryTimeoutSeconds: Tunables.RerecoveryTimeout.default,
  takeoverTimeoutMs: Tunables.TakeoverTimeout.default * 1000,
  enableBans: Tunables.EnableBans.default !== 0,
  recBufferSizeLimit: Tunables.RecBufferSizeLimit.default,
};

export class ClusterView {
  private nodeList: readonly ViewNode[] = [];
  private activeSignature = "";
  ownCapabilities = 0;
  tunables: ClusterTunables = INITIAL_TUNABLES;
  /**
   * Counts what may make a further recovery necessary: changes of the set of active nodes, elections. A recovery that
   * found the same number before is a repetition.
   */
  changes = 0;

  constructor(readonly ownPnn: number) {}

  get nodes(): readonly ViewNode[] {
    return this.nodeList;
  }

  /** Takes a complete new node map. True when the set of active nodes is another than before. */
  replaceNodes(nodes: readonly ViewNode[]): boolean {
    this.nodeList = nodes.map(({ pnn, flags }) => ({ pnn, flags }));
    const signature = this.active().join(",");
    if (signature === this.activeSignature) return false;
    this.activeSignature = signature;
    this.changes++;
    return true;
  }

  /** Corrects the flags of one node, as that node reports them itself. */
  setFlags(pnn: number, flags: number): void {
    this.replaceNodes(this.nodeList.map((node) => (node.pnn === pnn ? { pnn, flags } : node)));
  }

  flagsOf(pnn: number): number | undefined {
    return this.nodeList[pnn]?.pnn === pnn
      ? this.nodeList[pnn]?.flags
      : this.nodeList.find((node) => node.pnn === pnn)?.flags;
  }

  /** Own flags; INACTIVE while the node map is not known. */
  get ownFlags(): number {
    return this.flagsOf(this.ownPnn) ?? NodeFlag.INACTIVE;
  }

  get ownInactive(): boolean {
    return (this.ownFlags & NodeFlag.INACTIVE) !== 0;
  }

  get canBeLeader(): boolean {
    return !this.ownInactive && (this.ownCapabilities & Capability.RECMASTER) !== 0;
  }

  isActive(pnn: number): boolean {
    const flags = this.flagsOf(pnn);
    return flags !== undefined && (flags & NodeFlag.INACTIVE) === 0;
  }

  isConnected(pnn: number): boolean {
    const flags = this.flagsOf(pnn);
    return flags !== undefined && (flags & (NodeFlag.DISCONNECTED | NodeFlag.DELETED)) === 0;
  }

  /** Nodes without an INACTIVE flag, in list order, the own one included. */
  active(): number[] {
    return this.nodeList.filter(({ flags }) => (flags & NodeFlag.INACTIVE) === 0).map(({ pnn }) => pnn);
  }

  /** Nodes neither DISCONNECTED nor DELETED, in list order, the own one included. */
  connected(): number[] {
    return this.nodeList
      .filter(({ flags }) => (flags & (NodeFlag.DISCONNECTED | NodeFlag.DELETED)) === 0)
      .map(({ pnn }) => pnn);
  }

  connectedOthers(): number[] {
    return this.connected().filter((pnn) => pnn !== this.ownPnn);
  }

  /** Every node of the list that is not deleted is connected. */
  get complete(): boolean {
    return this.nodeList.every(
      ({ flags }) => (flags & NodeFlag.DELETED) !== 0 || (flags & NodeFlag.DISCONNECTED) === 0,
    );
  }
}
