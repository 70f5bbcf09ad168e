// The TCP mesh between the nodes: two connections a pair. A node sends only on the connection it opened and receives only on
// the one it accepted; a peer counts as connected when both are up. Used by ctdbd's packet router.
//
//   outgoing:  idle -> connecting -> up          incoming:  none -> up
//                ^________|___________|                      ^_____|
//   Any end, error or byte on the outgoing connection, any end or bad packet on the incoming one: the peer is dead; both
//   are closed and a new outgoing attempt starts at once, or a second after the last one: some peers take connections only to
//   close them.
import type { BaseModules, StreamConnection, TcpEndpoint, TcpPort, Timer } from "../platform/ports.js";
import { PacketFramer } from "./packet-framer.js";

const CONNECT_TIMEOUT_MS = 1000;
const CONNECT_RETRY_MS = 1000;
/** A peer that takes no bytes while this much is queued for it is declared dead (the counter `queueOverflows` tells). */
export const PEER_QUEUE_MAX_BYTES = 512 * 1024 * 1024;
/** Above this, senders that can wait (clients that stream to the peer) are asked to. */
export const PEER_QUEUE_HIGH_BYTES = 8 * 1024 * 1024;

export interface PeerMeshModules extends BaseModules {
  readonly tcp: TcpPort;
  readonly nodes: {
    readonly all: readonly { readonly pnn: number; readonly address: string }[];
    readonly ownPnn: number;
    isDeleted(pnn: number): boolean;
    pnnOfAddress(address: string): number | undefined;
  };
}

export interface PeerMeshOptions {
  readonly listen: TcpEndpoint;
}

export interface PeerMeshHandlers {
  /** A whole packet with a good header; valid during the call only. */
  onPacket(packet: Buffer, fromPnn: number): void;
  /** Both directions of `pnn` are up. */
  onConnected(pnn: number): void;
  /** `pnn` was torn down; may be called for a peer that was never fully connected. */
  onDead(pnn: number, reason: string): void;
}

interface Peer {
  readonly pnn: number;
  readonly address: string;
  state: "idle" | "connecting" | "up";
  attempt: { cancel(): void } | undefined;
  /** When the last attempt to connect began. */
  attemptMs: number;
  timer: Timer | undefined;
  outgoing: StreamConnection | undefined;
  incoming: StreamConnection | undefined;
}

export class PeerMesh {
  private readonly peers = new Map<number, Peer>();
  private server: { close(): void } | undefined;
  private stopped = false;
  private waiting: Array<() => void> = [];
  readonly counters = { queueOverflows: 0, refusedConnections: 0, badPackets: 0 };

  constructor(
    private readonly modules: PeerMeshModules,
    private readonly options: PeerMeshOptions,
    private readonly handlers: PeerMeshHandlers,
  ) {}

  async listen(): Promise<void> {
    this.server = await this.modules.tcp.listen(
      this.options.listen,
      (connection, remote) => this.accept(connection, remote),
      (error) => this.modules.logger.error(`listening socket: ${error.message}`),
    );
  }

  /** Opens the outgoing connections. */
  start(): void {
    for (const node of this.modules.nodes.all) this.addPeer(node.pnn);
  }

  addPeer(pnn: number): void {
    const { nodes } = this.modules;
    const node = nodes.all[pnn];
    if (this.stopped || node === undefined || pnn === nodes.ownPnn || nodes.isDeleted(pnn)) return;
    if (this.peers.has(pnn)) return;
    const peer: Peer = {
      pnn,
      address: node.address,
      state: "idle",
      attempt: undefined,
      attemptMs: Number.NEGATIVE_INFINITY,
      timer: undefined,
      outgoing: undefined,
      incoming: undefined,
    };
    this.peers.set(pnn, peer);
    this.connect(peer);
  }

  removePeer(pnn: number): void {
    const peer = this.peers.get(pnn);
    if (peer === undefined) return;
    this.peers.delete(pnn);
    this.close(peer);
    this.wakeWaiting();
  }

  /** False where no outgoing connection exists: the packet is dropped, as CTDB does. */
  send(pnn: number, packet: Uint8Array): boolean {
    const outgoing = this.peers.get(pnn)?.outgoing;
    if (outgoing === undefined) return false;
    outgoing.write(packet);
    if (outgoing.queuedBytes > PEER_QUEUE_MAX_BYTES) {
      this.counters.queueOverflows++;
      this.nodeDead(pnn, `more than ${PEER_QUEUE_MAX_BYTES} bytes wait for it`);
    }
    return true;
  }

  /** Bytes that wait for the peer for which most wait. */
  get mostQueuedBytes(): number {
    let most = 0;
    for (const { outgoing } of this.peers.values()) most = Math.max(most, outgoing?.queuedBytes ?? 0);
    return most;
  }

  isCongested(pnn: number): boolean {
    const outgoing = this.peers.get(pnn)?.outgoing;
    return outgoing !== undefined && outgoing.queuedBytes > PEER_QUEUE_HIGH_BYTES;
  }

  /** Calls back once when some congested peer has drained or died. */
  whenDrained(callback: () => void): void {
    this.waiting.push(callback);
  }

  /** Also called by the keepalives for a silent node. */
  nodeDead(pnn: number, reason: string): void {
    const peer = this.peers.get(pnn);
    if (peer === undefined || this.stopped) return;
    this.close(peer);
    this.modules.logger.notice(`Tearing down connection to dead node :${pnn} (${reason})`);
    this.handlers.onDead(pnn, reason);
    if (this.peers.get(pnn) === peer) {
      const pauseMs = peer.attemptMs + CONNECT_RETRY_MS - this.modules.clock.now();
      if (pauseMs > 0) this.retryAfter(peer, pauseMs);
      else this.connect(peer);
    }
    this.wakeWaiting();
  }

  stop(): void {
    this.stopped = true;
    this.server?.close();
    for (const peer of this.peers.values()) this.close(peer);
    this.peers.clear();
  }

  private wakeWaiting(): void {
    const waiting = this.waiting;
    if (waiting.length === 0) return;
    this.waiting = [];
    for (const callback of waiting) callback();
  }

  private close(peer: Peer): void {
    peer.attempt?.cancel();
    peer.attempt = undefined;
    peer.timer?.cancel();
    peer.timer = undefined;
    peer.outgoing?.destroy();
    peer.outgoing = undefined;
    peer.incoming?.destroy();
    peer.incoming = undefined;
    peer.state = "idle";
  }

  private retryAfter(peer: Peer, delayMs: number): void {
    peer.attempt = undefined;
    peer.state = "idle";
    peer.timer?.cancel();
    peer.timer = this.modules.timers.after(delayMs, () => {
      peer.timer = undefined;
      this.connect(peer);
    });
  }

  private connect(peer: Peer): void {
    if (this.stopped || peer.state !== "idle") return;
    peer.timer?.cancel();
    peer.state = "connecting";
    peer.attemptMs = this.modules.clock.now();
    peer.timer = this.modules.timers.after(CONNECT_TIMEOUT_MS, () => {
      peer.attempt?.cancel();
      peer.timer = undefined;
      peer.attempt = undefined;
      peer.state = "idle";
      this.connect(peer);
    });
    const { listen } = this.options;
    let settled = false;
    const attempt = this.modules.tcp.connect(
      listen.address,
      { address: peer.address, port: listen.port },
      {
        onData: () => this.outgoingEnded(peer, "unexpected data on the outgoing connection"),
        onClose: (reason) => this.outgoingEnded(peer, reason),
        onDrain: () => this.wakeWaiting(),
      },
      (connection) => {
        settled = true;
        peer.timer?.cancel();
        peer.timer = undefined;
        peer.attempt = undefined;
        peer.state = "up";
        peer.outgoing = connection;
        if (peer.incoming !== undefined) this.handlers.onConnected(peer.pnn);
      },
      (reason) => {
        settled = true;
        this.modules.logger.debug(() => `cannot connect to node ${peer.pnn}: ${reason}`);
        if (peer.state === "connecting") this.retryAfter(peer, CONNECT_RETRY_MS);
      },
    );
    if (!settled) peer.attempt = attempt;
  }

  private outgoingEnded(peer: Peer, reason: string): void {
    if (peer.outgoing === undefined) return;
    this.nodeDead(peer.pnn, reason);
  }

  private accept(connection: StreamConnection, remoteAddress: string) {
    const pnn = this.modules.nodes.pnnOfAddress(remoteAddress);
    const peer = pnn === undefined ? undefined : this.peers.get(pnn);
    if (peer === undefined) {
      this.counters.refusedConnections++;
      this.modules.logger.error(`Refused connection from unknown node ${remoteAddress}`);
      return undefined;
    }
    if (peer.incoming !== undefined) {
      this.counters.refusedConnections++;
      this.modules.logger.error(`Incoming queue active, rejecting connection from ${remoteAddress}`);
      return undefined;
    }
    peer.incoming = connection;
    const dead = (reason: string): void => {
      if (peer.incoming === connection) this.nodeDead(peer.pnn, reason);
    };
    const framer = new PacketFramer("close", {
      onPacket: (packet) => {
        this.handlers.onPacket(packet, peer.pnn);
        return peer.incoming === connection;
      },
      onBroken: (reason) => {
        this.counters.badPackets++;
        this.modules.logger.error(`Bad packet from node ${peer.pnn}: ${reason}; closing its connection`);
        dead(reason);
      },
    });
    if (peer.state === "up") this.handlers.onConnected(peer.pnn);
    else if (peer.state === "idle") this.connect(peer);
    return {
      onData: (bytes: Buffer) => framer.push(bytes),
      onClose: dead,
    };
  }
}
