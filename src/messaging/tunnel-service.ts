// REQ_TUNNEL: a 64-bit tunnel id is registered by at most one client of a node; packets for it pass through unchanged.
import type { Logger } from "../platform/ports.js";
import {
  type PacketWriter,
  packetDestnode,
  reqTunnelData,
  reqTunnelFlags,
  reqTunnelTunnelIdHi,
  reqTunnelTunnelIdLo,
  srvidFrom,
  writeReqTunnel,
} from "../protocol/index.js";
import type { MessageClient } from "./message-service.js";

export interface TunnelServiceModules {
  readonly logger: Logger;
  readonly router: { readonly ownPnn: number; readonly writer: PacketWriter; send(packet: Buffer): void };
  readonly nodes: { readonly size: number };
  generation(): number;
}

export class TunnelService {
  private readonly clients = new Map<bigint, MessageClient>();

  constructor(private readonly modules: TunnelServiceModules) {}

  /** TUNNEL_REGISTER (control 152): false when the id is taken. */
  register(client: MessageClient, tunnelId: bigint): boolean {
    if (this.clients.has(tunnelId)) return false;
    this.clients.set(tunnelId, client);
    return true;
  }

  /** TUNNEL_DEREGISTER (control 153): false when this client has not registered it. */
  deregister(client: MessageClient, tunnelId: bigint): boolean {
    return this.clients.get(tunnelId) === client && this.clients.delete(tunnelId);
  }

  removeOwner(client: MessageClient): void {
    for (const [id, owner] of this.clients) if (owner === client) this.clients.delete(id);
  }

  fromClient(packet: Buffer): void {
    const { nodes, router, logger } = this.modules;
    const destnode = packetDestnode(packet);
    if (destnode >= nodes.size) {
      logger.error(`tunnel packet for invalid node 0x${destnode.toString(16)} dropped`);
      return;
    }
    if (!this.clients.has(tunnelIdOf(packet))) {
      logger.error(`Tunnel id 0x${tunnelIdOf(packet).toString(16)} not registered`);
      return;
    }
    this.write(packet, destnode);
    router.send(router.writer.packet());
  }

  fromNode(packet: Buffer): void {
    const client = this.clients.get(tunnelIdOf(packet));
    if (client === undefined) {
      this.modules.logger.error(`Tunnel id 0x${tunnelIdOf(packet).toString(16)} not registered`);
      return;
    }
    this.write(packet, 0);
    client.send(this.modules.router.writer.packet());
  }

  private write(packet: Buffer, destnode: number): void {
    const { router } = this.modules;
    writeReqTunnel(
      router.writer,
      this.modules.generation(),
      destnode,
      router.ownPnn,
      0,
      reqTunnelTunnelIdHi(packet),
      reqTunnelTunnelIdLo(packet),
      reqTunnelFlags(packet),
      reqTunnelData(packet),
    );
  }
}

function tunnelIdOf(packet: Buffer): bigint {
  return srvidFrom(reqTunnelTunnelIdHi(packet), reqTunnelTunnelIdLo(packet));
}
