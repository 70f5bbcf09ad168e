// Tunnels: packets between the clients that registered the same 64-bit id on different nodes. client.ts feeds them with
// REQ_TUNNEL packets; tunnel-service.ts adds requests with replies.
import {
  Pnn,
  reqTunnelData,
  reqTunnelFlags,
  reqTunnelTunnelIdHi,
  reqTunnelTunnelIdLo,
  srvidHigh,
  srvidLow,
  TunnelFlag,
} from "../protocol/index.js";
import { rethrowLater } from "./connection.js";
import type { DaemonLink } from "./daemon-link.js";
import { ClientError } from "./errors.js";

/** Kind of a tunnel packet. Daemons pass it on unchanged and attach no meaning to it. */
export type TunnelKind = "request" | "request-noreply" | "reply";

const FLAGS: Readonly<Record<TunnelKind, number>> = {
  request: TunnelFlag.REQUEST,
  "request-noreply": TunnelFlag.REQUEST | TunnelFlag.NOREPLY,
  reply: TunnelFlag.REPLY,
};

/**
 * Gets the payload (a copy) of one packet. The daemon tells neither the node that it came from nor a request id: both have to be
 * inside the data.
 */
export type TunnelHandler = (data: Buffer, kind: TunnelKind) => void;

export interface RequestOptions {
  /** 0: no time limit. Default: `timeoutMs` of the client. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export class Tunnel implements AsyncDisposable {
  private closing: Promise<void> | undefined;

  /** Made by `client.openTunnel`. */
  constructor(
    readonly id: bigint,
    private readonly link: DaemonLink,
    readonly handler: TunnelHandler,
    private readonly registry: TunnelRegistry,
  ) {}

  /**
   * Sends a packet to the client that has this tunnel open on node `pnn`. There is no acknowledgement: without such a client the
   * packet is dropped. Throws ConnectionLostError, SendQueueFullError, and RangeError for a broadcast address.
   */
  send(pnn: number, data: Uint8Array, kind: TunnelKind = "request-noreply"): void {
    if (this.closing !== undefined) throw new ClientError(`tunnel 0x${this.id.toString(16)} is closed`);
    const destination = pnn === Pnn.CURRENT_NODE ? this.link.pnn : pnn;
    if (destination > Pnn.CURRENT_NODE)
      throw new RangeError("tunnel packets go to one node, not to a broadcast address");
    this.link.sendTunnel(destination, srvidHigh(this.id), srvidLow(this.id), FLAGS[kind], 0, data);
  }

  /** Deregisters the tunnel (TUNNEL_DEREGISTER, control 153). Idempotent. */
  close(): Promise<void> {
    this.closing ??= this.registry.remove(this);
    return this.closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

export class TunnelRegistry {
  private readonly byHigh = new Map<number, Map<number, Tunnel>>();

  constructor(private readonly link: DaemonLink) {}

  /** Registers (TUNNEL_REGISTER, control 152); ControlFailedError if another client of the node has the id. */
  async open(id: bigint, handler: TunnelHandler, options: RequestOptions): Promise<Tunnel> {
    if (this.find(id) !== undefined)
      throw new ClientError(`tunnel 0x${id.toString(16)} is open in this client already`);
    const tunnel = new Tunnel(id, this.link, handler, this);
    this.byLow(id).set(srvidLow(id), tunnel);
    try {
      await this.link.control("TUNNEL_REGISTER", undefined, { ...options, srvid: id });
    } catch (error) {
      this.forget(tunnel);
      // A reply that did not come may have been a success.
      if (this.link.state === "connected") this.link.controlNoReply("TUNNEL_DEREGISTER", undefined, { srvid: id });
      throw error;
    }
    return tunnel;
  }

  async remove(tunnel: Tunnel): Promise<void> {
    if (this.find(tunnel.id) !== tunnel) return;
    this.forget(tunnel);
    if (this.link.state === "connected") await this.link.control("TUNNEL_DEREGISTER", undefined, { srvid: tunnel.id });
  }

  /** All tunnels are registered again, after a new connection. */
  async restore(): Promise<void> {
    const ids = [...this.byHigh.values()].flatMap((byLow) => [...byLow.values()]);
    await Promise.all(ids.map((tunnel) => this.link.control("TUNNEL_REGISTER", undefined, { srvid: tunnel.id })));
  }

  dispatch(packet: Buffer): void {
    const tunnel = this.byHigh.get(reqTunnelTunnelIdHi(packet))?.get(reqTunnelTunnelIdLo(packet));
    if (tunnel === undefined) return;
    const flags = reqTunnelFlags(packet);
    const kind =
      (flags & TunnelFlag.REPLY) !== 0 ? "reply" : (flags & TunnelFlag.NOREPLY) !== 0 ? "request-noreply" : "request";
    try {
      tunnel.handler(Buffer.from(reqTunnelData(packet)), kind);
    } catch (error) {
      rethrowLater(error);
    }
  }

  private find(id: bigint): Tunnel | undefined {
    return this.byHigh.get(srvidHigh(id))?.get(srvidLow(id));
  }

  private byLow(id: bigint): Map<number, Tunnel> {
    const high = srvidHigh(id);
    const byLow = this.byHigh.get(high) ?? new Map<number, Tunnel>();
    this.byHigh.set(high, byLow);
    return byLow;
  }

  private forget(tunnel: Tunnel): void {
    const byLow = this.byHigh.get(srvidHigh(tunnel.id));
    byLow?.delete(srvidLow(tunnel.id));
    if (byLow?.size === 0) this.byHigh.delete(srvidHigh(tunnel.id));
  }
}
