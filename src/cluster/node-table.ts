// What this node believes of every node of the nodes list: address, flags, liveness counters. Owned by ctdbd; the mesh,
// the keepalives and the control handlers change it, everybody else reads it.
import type { Logger } from "../platform/ports.js";
import { NodeFlag } from "../protocol/index.js";

export interface NodeListEntry {
  /** IPv4 or IPv6 literal; "0.0.0.0" for a deleted line. */
  readonly address: string;
  readonly deleted: boolean;
}

export interface NodeEntry {
  readonly pnn: number;
  readonly address: string;
  flags: number;
  /** Packets received since the last keepalive round. */
  receivedCount: number;
  /** Keepalive rounds without any packet. */
  deadCount: number;
}

export class NodeTable {
  private entries: NodeEntry[];
  private readonly listeners: Array<(pnn: number, oldFlags: number, newFlags: number) => void> = [];

  constructor(
    list: readonly NodeListEntry[],
    readonly ownPnn: number,
    private readonly logger: Logger,
  ) {
    this.requireOwn(list);
    this.entries = list.map((entry, pnn) => this.newEntry(pnn, entry, undefined));
  }

  private requireOwn(list: readonly NodeListEntry[]): void {
    if (this.ownPnn < list.length) return;
    throw new RangeError(`this node, ${this.ownPnn}, is not in the list of ${list.length} nodes`);
  }

  /** A node that is taken out of the list and put back while it runs stays connected to itself, and stopped, banned or disabled. */
  private newEntry(pnn: number, { address, deleted }: NodeListEntry, before: NodeEntry | undefined): NodeEntry {
    let flags: number = deleted ? NodeFlag.DELETED : NodeFlag.UNHEALTHY;
    if (pnn !== this.ownPnn) flags |= NodeFlag.DISCONNECTED;
    else if (before !== undefined) flags = deleted ? before.flags | flags : before.flags & ~NodeFlag.DELETED;
    return { pnn, address, flags, receivedCount: 0, deadCount: 0 };
  }

  get size(): number {
    return this.entries.length;
  }

  get all(): readonly NodeEntry[] {
    return this.entries;
  }

  get own(): NodeEntry {
    return this.require(this.ownPnn);
  }

  get(pnn: number): NodeEntry | undefined {
    return this.entries[pnn];
  }

  require(pnn: number): NodeEntry {
    const entry = this.entries[pnn];
    if (entry === undefined) throw new RangeError(`no node with pnn ${pnn}`);
    return entry;
  }

  onFlagsChanged(listener: (pnn: number, oldFlags: number, newFlags: number) => void): void {
    this.listeners.push(listener);
  }

  setFlags(pnn: number, flags: number): boolean {
    const entry = this.require(pnn);
    const old = entry.flags;
    if (old === flags) return false;
    entry.flags = flags;
    for (const listener of this.listeners) listener(pnn, old, flags);
    return true;
  }

  addFlags(pnn: number, flags: number): boolean {
    return this.setFlags(pnn, this.require(pnn).flags | flags);
  }

  clearFlags(pnn: number, flags: number): boolean {
    return this.setFlags(pnn, this.require(pnn).flags & ~flags);
  }

  isConnected(pnn: number): boolean {
    const entry = this.entries[pnn];
    return entry !== undefined && (entry.flags & NodeFlag.DISCONNECTED) === 0;
  }

  /** It takes no part in the cluster. */
  isInactive(pnn: number): boolean {
    const entry = this.entries[pnn];
    return entry === undefined || (entry.flags & NodeFlag.INACTIVE) !== 0;
  }

  /** Nodes other than the own one that are connected. */
  get connectedOthers(): number {
    let count = 0;
    for (const entry of this.entries) {
      if (entry.pnn !== this.ownPnn && (entry.flags & NodeFlag.DISCONNECTED) === 0) count++;
    }
    return count;
  }

  pnnOfAddress(address: string): number | undefined {
    return this.entries.find((entry) => (entry.flags & NodeFlag.DELETED) === 0 && entry.address === address)?.pnn;
  }

  /**
   * Takes a newly read nodes list (RELOAD_NODES_FILE). An entry with an unchanged address keeps its state; the returned
   * lists name the pnns whose connections must be dropped and those that must be connected. Throws RangeError, with
   * nothing changed, for a list that ends before this node.
   */
  reload(list: readonly NodeListEntry[]): { readonly dropped: number[]; readonly added: number[] } {
    this.requireOwn(list);
    const old = this.entries;
    const dropped: number[] = [];
    const added: number[] = [];
    this.entries = list.map((line, pnn) => {
      const before = old[pnn];
      const kept =
        before !== undefined &&
        before.address === line.address &&
        ((before.flags & NodeFlag.DELETED) !== 0) === line.deleted;
      if (kept && before !== undefined) return before;
      if (before !== undefined && (before.flags & NodeFlag.DELETED) === 0) dropped.push(pnn);
      if (!line.deleted && pnn !== this.ownPnn) added.push(pnn);
      return this.newEntry(pnn, line, before);
    });
    for (let pnn = this.entries.length; pnn < old.length; pnn++) dropped.push(pnn);
    for (const pnn of [...dropped, ...added]) this.logger.notice(`node list changed for node ${pnn}`);
    return { dropped, added };
  }
}
