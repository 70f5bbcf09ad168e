// Carries REQ_MESSAGE between clients and nodes, and to the parts of the daemon that listen themselves (record streams of a
// recovery). Called by the packet router and by the client server's dispatch.
import {
  asBuffer,
  type PacketWriter,
  Pnn,
  packetDestnode,
  reqMessageData,
  reqMessageSrvidHi,
  reqMessageSrvidLo,
  srvidHigh,
  srvidLow,
  writeReqMessage,
} from "../protocol/index.js";
import { SrvidTable } from "./srvid-table.js";

/** A client connection as this folder sees it. */
export interface MessageClient {
  send(packet: Buffer): void;
}

/** A part of the daemon; `data` is valid during the call only. */
export type MessageHandler = (data: Buffer) => void;

export interface MessageServiceModules {
  readonly router: {
    readonly ownPnn: number;
    readonly writer: PacketWriter;
    send(packet: Buffer): void;
  };
  generation(): number;
}

export class MessageService {
  private readonly table = new SrvidTable<MessageClient | MessageHandler>();

  constructor(private readonly modules: MessageServiceModules) {}

  register(owner: MessageClient | MessageHandler, srvid: bigint): void {
    this.table.register(owner, srvidHigh(srvid), srvidLow(srvid));
  }

  /** False where this owner has no such registration. */
  deregister(owner: MessageClient | MessageHandler, srvid: bigint): boolean {
    return this.table.deregister(owner, srvidHigh(srvid), srvidLow(srvid));
  }

  removeOwner(owner: MessageClient | MessageHandler): void {
    this.table.removeOwner(owner);
  }

  isRegistered(owner: MessageClient, srvid: bigint): boolean {
    return this.table.isRegistered(owner, srvidHigh(srvid), srvidLow(srvid));
  }

  /** A message from a local client: delivered at once here, or sent on. */
  fromClient(packet: Buffer): void {
    const { router } = this.modules;
    const destnode = packetDestnode(packet);
    if (destnode === Pnn.CURRENT_NODE || destnode === router.ownPnn) {
      this.dispatch(reqMessageSrvidHi(packet), reqMessageSrvidLo(packet), reqMessageData(packet));
      return;
    }
    this.transmit(destnode, reqMessageSrvidHi(packet), reqMessageSrvidLo(packet), reqMessageData(packet));
  }

  /** A message from a node (or the own leg of a broadcast). */
  fromNode(packet: Buffer): void {
    this.dispatch(reqMessageSrvidHi(packet), reqMessageSrvidLo(packet), reqMessageData(packet));
  }

  /**
   * Sends as the daemon itself; `destnode` may be a broadcast. To the own node the message is delivered at once, so that
   * an answer which is given afterwards (DB_PULL) does not overtake it.
   */
  send(destnode: number, srvid: bigint, data: Uint8Array): void {
    if (destnode === this.modules.router.ownPnn) {
      this.dispatch(srvidHigh(srvid), srvidLow(srvid), asBuffer(data));
      return;
    }
    this.transmit(destnode, srvidHigh(srvid), srvidLow(srvid), data);
  }

  /** Delivers on this node only, at once. */
  dispatchLocal(srvid: bigint, data: Buffer): void {
    this.dispatch(srvidHigh(srvid), srvidLow(srvid), data);
  }

  /** Delivers to one client only, whatever it listens to. */
  deliverTo(client: MessageClient, srvid: bigint, data: Buffer): void {
    const { router } = this.modules;
    const [srvidHi, srvidLo] = [srvidHigh(srvid), srvidLow(srvid)];
    writeReqMessage(router.writer, this.modules.generation(), 0, router.ownPnn, 0, srvidHi, srvidLo, data);
    client.send(router.writer.packet());
  }

  private transmit(destnode: number, srvidHi: number, srvidLo: number, data: Uint8Array): void {
    const { router } = this.modules;
    writeReqMessage(router.writer, this.modules.generation(), destnode, router.ownPnn, 0, srvidHi, srvidLo, data);
    router.send(router.writer.packet());
  }

  private dispatch(srvidHi: number, srvidLo: number, data: Buffer): void {
    this.deliver(this.table.exact(srvidHi, srvidLo), srvidHi, srvidLo, data);
    this.deliver(this.table.wildcard(), srvidHi, srvidLo, data);
  }

  private deliver(
    listeners: ReturnType<SrvidTable<MessageClient | MessageHandler>["exact"]>,
    srvidHi: number,
    srvidLo: number,
    data: Buffer,
  ): void {
    if (listeners === undefined) return;
    const { router } = this.modules;
    for (const { owner } of listeners) {
      if (typeof owner === "function") {
        owner(data);
        continue;
      }
      // Clients see the local pnn as the source, whoever sent the message.
      writeReqMessage(router.writer, this.modules.generation(), 0, router.ownPnn, 0, srvidHi, srvidLo, data);
      owner.send(router.writer.packet());
    }
  }
}
