// Where every packet of the node passes: expands broadcasts, delivers packets to the own node in a later turn, checks what
// comes in and hands it to the handler of its operation. Built by ctdbd; subsystems see `send` and `writer` only.
import { type Logger, LogLevel, type Timers } from "../platform/ports.js";
import {
  checkPacket,
  Operation,
  PacketWriter,
  Pnn,
  ProtocolError,
  packetDestnode,
  packetGeneration,
  packetOperation,
  packetSrcnode,
  reqCallHopcount,
  setPacketDestnode,
} from "../protocol/index.js";
import { packetSummary } from "./packet-summary.js";

/** Packets to the own node that wait for the next turn; more means that a handler feeds itself. */
export const LOCAL_QUEUE_MAX_PACKETS = 1_000_000;

export interface NodePacketHandlers {
  onReqCall(packet: Buffer): void;
  onReplyCall(packet: Buffer): void;
  onReqDmaster(packet: Buffer): void;
  onReplyDmaster(packet: Buffer): void;
  onReplyError(packet: Buffer): void;
  onReqMessage(packet: Buffer): void;
  onReqControl(packet: Buffer): void;
  onReplyControl(packet: Buffer): void;
  onKeepalive(packet: Buffer): void;
  onReqTunnel(packet: Buffer): void;
}

export interface RouterNodes {
  readonly ownPnn: number;
  readonly size: number;
  isDeleted(pnn: number): boolean;
  isConnected(pnn: number): boolean;
  isInactive(pnn: number): boolean;
  isBanned(pnn: number): boolean;
  countReceived(pnn: number): void;
}

export interface PacketRouterModules {
  readonly logger: Logger;
  readonly timers: Timers;
  readonly nodes: RouterNodes;
  readonly mesh: { send(pnn: number, packet: Uint8Array): boolean };
  readonly counters: { nodePacketsSent: number; nodePacketsRecv: number };
  /** Told of each packet before it is looked at. */
  readonly packetBegins?: (packet: Buffer) => void;
  /** Generation of the vnnmap, against which calls are admitted. */
  generation(): number;
}

export class PacketRouter {
  /** Scratch in which packets are built; valid until the next packet is written. */
  readonly writer = new PacketWriter();
  private handlers: NodePacketHandlers | undefined;
  private localQueue: Buffer[] = [];
  private localScheduled = false;
  readonly dropped = { generation: 0, malformed: 0, unknownOperation: 0, localOverflow: 0 };

  constructor(private readonly modules: PacketRouterModules) {}

  setHandlers(handlers: NodePacketHandlers): void {
    this.handlers = handlers;
  }

  get ownPnn(): number {
    return this.modules.nodes.ownPnn;
  }

  /** Sends a whole, padded packet to the destination in its header. The bytes are copied before this returns. */
  send(packet: Buffer): void {
    const { nodes, logger } = this.modules;
    const destnode = packetDestnode(packet);
    if (destnode < nodes.size) {
      this.sendToOne(packet, destnode);
      return;
    }
    switch (destnode) {
      case Pnn.BROADCAST_ALL:
      case Pnn.BROADCAST_ACTIVE:
      case Pnn.BROADCAST_CONNECTED:
        for (let pnn = 0; pnn < nodes.size; pnn++) {
          if (!this.isAddressed(destnode, pnn)) continue;
          setPacketDestnode(packet, pnn);
          this.sendToOne(packet, pnn);
        }
        return;
      default:
        logger.error(`packet for invalid node 0x${destnode.toString(16)} dropped`);
    }
  }

  /** Is `pnn` one of the nodes that the broadcast address names? */
  isAddressed(broadcast: number, pnn: number): boolean {
    const { nodes } = this.modules;
    if (nodes.isDeleted(pnn)) return false;
    if (broadcast === Pnn.BROADCAST_ACTIVE) return !nodes.isInactive(pnn);
    if (broadcast === Pnn.BROADCAST_CONNECTED) return nodes.isConnected(pnn);
    return true;
  }

  /** Packets for the own node that wait for the next turn. */
  get localPackets(): number {
    return this.localQueue.length;
  }

  /** Processes a packet in a later turn as if the own node had sent it. Takes ownership of `packet`. */
  requeue(packet: Buffer): void {
    if (this.localQueue.length >= LOCAL_QUEUE_MAX_PACKETS) {
      this.dropped.localOverflow++;
      this.modules.logger.error("local packet queue is full, packet dropped");
      return;
    }
    this.localQueue.push(packet);
    if (this.localScheduled) return;
    this.localScheduled = true;
    this.modules.timers.nextTurn(() => this.deliverLocal());
  }

  /** A packet from the link of node `from`, which need not have made it: calls are passed on. */
  receive(packet: Buffer, from: number): void {
    const { nodes, counters, logger } = this.modules;
    counters.nodePacketsRecv++;
    this.modules.packetBegins?.(packet);
    const operation = packetOperation(packet);
    try {
      checkPacket(packet);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.dropped.malformed++;
      logger.warning(`Invalid packet from node ${packetSrcnode(packet)} dropped: ${error.message}`);
      return;
    }
    if (logger.level >= LogLevel.DEBUG) logger.debug(`node ${from} > ${packetSummary(packet)}`);
    if (!(operation === Operation.REQ_CALL && reqCallHopcount(packet) !== 0)) {
      const srcnode = packetSrcnode(packet);
      if (srcnode < nodes.size) nodes.countReceived(srcnode);
    }
    if (operation <= Operation.REPLY_DMASTER) {
      if (nodes.isBanned(nodes.ownPnn) || packetGeneration(packet) !== this.modules.generation()) {
        this.dropped.generation++;
        logger.debug(() => `operation ${operation} of another generation dropped`);
        return;
      }
    }
    this.dispatch(operation, packet);
  }

  private dispatch(operation: number, packet: Buffer): void {
    const handlers = this.handlers;
    if (handlers === undefined) return;
    switch (operation) {
      case Operation.REQ_CALL:
        handlers.onReqCall(packet);
        return;
      case Operation.REPLY_CALL:
        handlers.onReplyCall(packet);
        return;
      case Operation.REQ_DMASTER:
        handlers.onReqDmaster(packet);
        return;
      case Operation.REPLY_DMASTER:
        handlers.onReplyDmaster(packet);
        return;
      case Operation.REPLY_ERROR:
        handlers.onReplyError(packet);
        return;
      case Operation.REQ_MESSAGE:
        handlers.onReqMessage(packet);
        return;
      case Operation.REQ_CONTROL:
        handlers.onReqControl(packet);
        return;
      case Operation.REPLY_CONTROL:
        handlers.onReplyControl(packet);
        return;
      case Operation.REQ_KEEPALIVE:
        handlers.onKeepalive(packet);
        return;
      case Operation.REQ_TUNNEL:
        handlers.onReqTunnel(packet);
        return;
      default:
        this.dropped.unknownOperation++;
        this.modules.logger.error(`packet with unknown operation ${operation} dropped`);
    }
  }

  private sendToOne(packet: Buffer, pnn: number): void {
    const { nodes, mesh, counters, logger } = this.modules;
    counters.nodePacketsSent++;
    if (pnn === nodes.ownPnn) {
      this.requeue(Buffer.from(packet));
      return;
    }
    if (nodes.isDeleted(pnn)) {
      logger.error(`packet for deleted node ${pnn} dropped`);
      return;
    }
    mesh.send(pnn, packet);
  }

  private deliverLocal(): void {
    this.localScheduled = false;
    const queue = this.localQueue;
    this.localQueue = [];
    for (const packet of queue) this.receive(packet, this.ownPnn);
  }
}
