// Keepalives between the nodes: sends ours, counts what comes in, declares silent nodes dead, refuses mixed versions.
import type { Clock, Logger, Timer, Timers } from "../platform/ports.js";
import {
  NodeFlag,
  type PacketWriter,
  packetLength,
  packetSrcnode,
  reqKeepaliveUptime,
  reqKeepaliveVersion,
  writeReqKeepalive,
} from "../protocol/index.js";
import type { NodeTable } from "./node-table.js";

const HEADER_ONLY_BYTES = 32;

export interface KeepaliveModules {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly nodes: NodeTable;
  readonly router: { readonly ownPnn: number; readonly writer: PacketWriter; send(packet: Buffer): void };
  readonly counters: { keepalivePacketsSent: number; keepalivePacketsRecv: number };
  tunables(): { readonly intervalSeconds: number; readonly limit: number; readonly allowMixedVersions: boolean };
  generation(): number;
  nodeConnected(pnn: number): void;
  nodeDead(pnn: number, reason: string): void;
  /** Shuts the daemon down, exit status 0. */
  shutdown(reason: string): void;
}

export class Keepalive {
  private timer: Timer | undefined;

  constructor(
    private readonly modules: KeepaliveModules,
    private readonly options: {
      /** (major << 16) | minor of the Samba release that is announced; must equal that of C peers. */
      readonly version: number;
      readonly startedAtMs: number;
    },
  ) {}

  start(): void {
    this.schedule();
    this.modules.logger.notice("Keepalive monitoring has been started");
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  onPacket(packet: Buffer): void {
    this.modules.counters.keepalivePacketsRecv++;
    if (this.modules.tunables().allowMixedVersions) return;
    const srcnode = packetSrcnode(packet);
    if (packetLength(packet) === HEADER_ONLY_BYTES) {
      this.refuse(`Keepalive version missing from node ${srcnode}`);
      return;
    }
    const version = reqKeepaliveVersion(packet);
    if (version === this.options.version) return;
    const uptime = this.uptimeSeconds();
    const peerUptime = reqKeepaliveUptime(packet);
    if (peerUptime > uptime || (peerUptime === uptime && version > this.options.version)) {
      this.refuse(
        `Keepalive version mismatch 0x${this.options.version.toString(16)} != 0x${version.toString(16)} from node ${srcnode}`,
      );
    }
  }

  private refuse(reason: string): void {
    this.modules.logger.error(reason);
    this.modules.logger.error("CTDB Cluster with mixed versions, cannot continue");
    this.modules.shutdown(reason);
  }

  private uptimeSeconds(): number {
    return Math.floor((this.modules.clock.now() - this.options.startedAtMs) / 1000);
  }

  private schedule(): void {
    const delayMs = Math.max(1, this.modules.tunables().intervalSeconds) * 1000;
    this.timer = this.modules.timers.after(delayMs, () => this.round());
  }

  private round(): void {
    const { nodes, logger, router } = this.modules;
    const { limit } = this.modules.tunables();
    for (const node of nodes.all) {
      if (node.pnn === nodes.ownPnn || (node.flags & NodeFlag.DELETED) !== 0) continue;
      if ((node.flags & NodeFlag.DISCONNECTED) !== 0) {
        if (node.receivedCount !== 0) this.modules.nodeConnected(node.pnn);
        continue;
      }
      node.deadCount = node.receivedCount === 0 ? node.deadCount + 1 : 0;
      node.receivedCount = 0;
      if (node.deadCount >= limit) {
        logger.notice(`dead count reached for node ${node.pnn}`);
        this.modules.nodeDead(node.pnn, "keepalive limit reached");
        continue;
      }
      writeReqKeepalive(
        router.writer,
        this.modules.generation(),
        node.pnn,
        router.ownPnn,
        0,
        this.options.version,
        this.uptimeSeconds(),
      );
      this.modules.counters.keepalivePacketsSent++;
      router.send(router.writer.packet());
    }
    this.schedule();
  }
}
