// REQ_CONTROL and REPLY_CONTROL: executes controls that are addressed to this node, passes those of clients on, keeps what is
// pending and ends it by reply, time-out or the death of the node that was asked.
import type { Clock, Logger, Timers } from "../platform/ports.js";
import {
  ControlFlag,
  type ControlName,
  type ControlRequest,
  checkRequestSize,
  controlByOpcode,
  controlsByName,
  encodeControlRequest,
  type PacketWriter,
  Pnn,
  ProtocolError,
  packetDestnode,
  packetGeneration,
  packetReqid,
  packetSrcnode,
  replyControlData,
  replyControlErrorText,
  replyControlStatus,
  reqControlClientId,
  reqControlData,
  reqControlFlags,
  reqControlOpcode,
  reqControlSrvidHi,
  reqControlSrvidLo,
  writeReplyControl,
  writeReqControl,
} from "../protocol/index.js";
import { type ControlAnswer, ControlCall } from "./control-call.js";

const NO_DATA = Buffer.alloc(0);
const EXPIRY_CHECK_MS = 1000;

/** A client connection as this folder sees it. */
export interface ControlClient {
  readonly id: number;
  readonly closed: boolean;
  send(packet: Buffer): void;
}

/** What came back from a control that the daemon itself sent. */
export interface ControlResult {
  readonly status: number;
  /** Valid during the callback only. */
  readonly data: Buffer;
  readonly errorText: string;
}

interface PendingControl {
  readonly pnn: number;
  readonly deadlineMs: number;
  readonly client: ControlClient | undefined;
  readonly clientReqid: number;
  readonly callback: ((result: ControlResult) => void) | undefined;
}

/** Handlers by control name; each must answer its call exactly once. */
export type ControlHandlers = {
  [Name in ControlName]?: (request: ControlRequest<Name>, call: ControlCall<Name>) => void;
};

/** A handler whose payload types are those of its entry in the table of controls. */
type ErasedHandler = (request: unknown, call: ControlCall) => void;
type Decoder = (data: Buffer) => unknown;

export interface ControlServiceModules {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly router: { readonly ownPnn: number; readonly writer: PacketWriter; send(packet: Buffer): void };
  readonly nodes: { readonly size: number; isConnected(pnn: number): boolean; isDeleted(pnn: number): boolean };
  readonly requestIds: { allocate(): number; release(id: number): void };
  readonly counters: { nodeReqControl: number; nodeReplyControl: number; timeoutsControl: number };
  /** Tunable ControlTimeout, seconds; 0 = never. */
  controlTimeoutSeconds(): number;
  generation(): number;
}

export class ControlService {
  private readonly handlers = new Map<number, ErasedHandler>();
  /** In place of the codecs of the table of controls. */
  private readonly decoders = new Map<number, Decoder>();
  /** Reqid -> pending, oldest first. */
  private readonly pending = new Map<number, PendingControl>();

  constructor(private readonly modules: ControlServiceModules) {
    modules.timers.after(EXPIRY_CHECK_MS, () => this.expire());
  }

  /** Adds handlers; each control has one. */
  handle(handlers: ControlHandlers): void {
    for (const [name, handler] of Object.entries(handlers)) {
      const { opcode } = controlsByName[name as ControlName];
      if (this.handlers.has(opcode)) throw new Error(`control ${name} has two handlers`);
      this.handlers.set(opcode, handler as ErasedHandler);
    }
  }

  /**
   * Adds the handler of a control whose payload may be too large for objects: `decode` reads it in place of the table's codec,
   * from a view that is valid until the handler returns. It throws ProtocolError.
   */
  handleWith<Name extends ControlName, Request>(
    name: Name,
    decode: (data: Buffer) => Request,
    handler: (request: Request, call: ControlCall<Name>) => void,
  ): void {
    const { opcode } = controlsByName[name];
    if (this.handlers.has(opcode)) throw new Error(`control ${name} has two handlers`);
    const erased: unknown = handler;
    this.handlers.set(opcode, erased as ErasedHandler);
    this.decoders.set(opcode, decode);
  }

  get pendingCount(): number {
    return this.pending.size;
  }

  /** A control from a client of this node. */
  fromClient(client: ControlClient, packet: Buffer): void {
    const { router, nodes, logger } = this.modules;
    let destnode = packetDestnode(packet);
    if (destnode === Pnn.CURRENT_NODE) destnode = router.ownPnn;
    const flags = reqControlFlags(packet);
    const noReply = (flags & ControlFlag.NOREPLY) !== 0;
    const reqid = packetReqid(packet);
    if (destnode === router.ownPnn) {
      this.modules.counters.nodeReqControl++;
      this.execute(packet, router.ownPnn, this.modules.generation(), client.id, (status, data, errorText) => {
        this.modules.counters.nodeReplyControl++;
        if (!noReply) this.replyToClient(client, reqid, status, data, errorText);
      });
      return;
    }
    const broadcast = isBroadcast(destnode);
    if (broadcast && !noReply) {
      logger.error("broadcast control without NOREPLY flag refused");
      return;
    }
    if (!broadcast && (destnode >= nodes.size || !nodes.isConnected(destnode))) {
      if (!noReply) this.replyToClient(client, reqid, -1, NO_DATA, "ctdb_control to disconnected node");
      return;
    }
    const ownReqid = noReply
      ? 0
      : this.remember({
          pnn: destnode,
          deadlineMs: this.deadline(undefined),
          client,
          clientReqid: reqid,
          callback: undefined,
        });
    writeReqControl(
      router.writer,
      this.modules.generation(),
      destnode,
      router.ownPnn,
      ownReqid,
      reqControlOpcode(packet),
      reqControlSrvidHi(packet),
      reqControlSrvidLo(packet),
      client.id,
      flags,
      reqControlData(packet),
    );
    router.send(router.writer.packet());
  }

  /** A control from a node, or the own leg of a broadcast. */
  fromNode(packet: Buffer): void {
    this.modules.counters.nodeReqControl++;
    const { router } = this.modules;
    const srcnode = packetSrcnode(packet);
    const reqid = packetReqid(packet);
    const noReply = (reqControlFlags(packet) & ControlFlag.NOREPLY) !== 0;
    this.execute(packet, srcnode, packetGeneration(packet), reqControlClientId(packet), (status, data, errorText) => {
      if (noReply) return;
      writeReplyControl(
        router.writer,
        this.modules.generation(),
        srcnode,
        router.ownPnn,
        reqid,
        status,
        data,
        errorText,
      );
      router.send(router.writer.packet());
    });
  }

  /** The answer of a node to a control that was sent from here. */
  onReply(packet: Buffer): void {
    this.modules.counters.nodeReplyControl++;
    const reqid = packetReqid(packet);
    const pending = this.pending.get(reqid);
    if (pending === undefined) {
      this.modules.logger.info(`Invalid reqid ${reqid} in ctdb_reply_control`);
      return;
    }
    this.finish(reqid, pending, {
      status: replyControlStatus(packet),
      data: replyControlData(packet),
      errorText: replyControlErrorText(packet),
    });
  }

  /**
   * Sends a control as the daemon itself. `callback` is called exactly once, unless `timeoutSeconds` is 0 and the node never
   * answers. Without a callback the control goes out with NOREPLY; only then may `destnode` be a broadcast.
   */
  request<Name extends ControlName>(
    destnode: number,
    name: Name,
    request: ControlRequest<Name>,
    options: { readonly flags?: number; readonly timeoutSeconds?: number; readonly clientId?: number } = {},
    callback?: (result: ControlResult) => void,
  ): void {
    const payload = encodeControlRequest(name, request);
    this.requestRaw(destnode, controlsByName[name].opcode, payload, options, callback);
  }

  /** As `request`, for a payload that is there as bytes. */
  requestRaw(
    destnode: number,
    opcode: number,
    payload: Uint8Array,
    options: { readonly flags?: number; readonly timeoutSeconds?: number; readonly clientId?: number } = {},
    callback?: (result: ControlResult) => void,
  ): void {
    const { router, nodes } = this.modules;
    let flags = options.flags ?? 0;
    let reqid = 0;
    if (callback === undefined) {
      flags |= ControlFlag.NOREPLY;
    } else {
      if (destnode >= nodes.size || !nodes.isConnected(destnode)) {
        callback({ status: -1, data: NO_DATA, errorText: "ctdb_control to disconnected node" });
        return;
      }
      reqid = this.remember({
        pnn: destnode,
        deadlineMs: this.deadline(options.timeoutSeconds),
        client: undefined,
        clientReqid: 0,
        callback,
      });
    }
    const { writer } = router;
    const generation = this.modules.generation();
    writeReqControl(
      writer,
      generation,
      destnode,
      router.ownPnn,
      reqid,
      opcode,
      0,
      0,
      options.clientId ?? 0,
      flags,
      payload,
    );
    router.send(writer.packet());
  }

  /** Ends what waits for a node that is gone: clients get "node is disconnected", the daemon's own controls too. */
  nodeDead(pnn: number): void {
    for (const [reqid, pending] of [...this.pending]) {
      if (pending.pnn === pnn) {
        this.finish(reqid, pending, { status: -1, data: NO_DATA, errorText: "node is disconnected" });
      }
    }
  }

  /** Controls of a client that went away keep running; their answers are dropped. */
  clientGone(client: ControlClient): void {
    for (const [reqid, pending] of [...this.pending]) {
      if (pending.client === client) this.forget(reqid);
    }
  }

  private execute(packet: Buffer, srcnode: number, generation: number, clientId: number, answer: ControlAnswer): void {
    const { logger } = this.modules;
    const opcode = reqControlOpcode(packet);
    const entry = controlByOpcode(opcode);
    if (entry === undefined) {
      logger.warning(`Unknown CTDB control opcode ${opcode}`);
      answer(-1, NO_DATA, "");
      return;
    }
    if (entry.obsolete) {
      logger.error(`Control ${entry.name} is not implemented any more`);
      answer(-1, NO_DATA, "");
      return;
    }
    const handler = this.handlers.get(opcode);
    if (handler === undefined) {
      logger.error(`Control ${entry.name} is not supported by this node yet`);
      answer(-1, NO_DATA, "");
      return;
    }
    let request: unknown;
    try {
      const data = reqControlData(packet);
      checkRequestSize(entry, data.length);
      const decode = this.decoders.get(opcode);
      request = decode === undefined ? entry.request.decode(data) : decode(data);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      logger.error(`Invalid data in control ${entry.name} from node ${srcnode}: ${error.message}`);
      answer(-1, NO_DATA, "");
      return;
    }
    const call = new ControlCall(
      entry.name,
      srcnode,
      generation,
      clientId,
      reqControlFlags(packet),
      reqControlSrvidHi(packet),
      reqControlSrvidLo(packet),
      (reply) => entry.reply.encode(reply),
      answer,
    );
    handler(request, call);
  }

  private replyToClient(
    client: ControlClient,
    reqid: number,
    status: number,
    data: Uint8Array,
    errorText: string,
  ): void {
    if (client.closed) return;
    const { router } = this.modules;
    writeReplyControl(router.writer, this.modules.generation(), 0, router.ownPnn, reqid, status, data, errorText);
    client.send(router.writer.packet());
  }

  private deadline(timeoutSeconds: number | undefined): number {
    const seconds = timeoutSeconds ?? this.modules.controlTimeoutSeconds();
    return seconds === 0 ? Number.POSITIVE_INFINITY : this.modules.clock.now() + seconds * 1000;
  }

  private remember(pending: PendingControl): number {
    const reqid = this.modules.requestIds.allocate();
    this.pending.set(reqid, pending);
    return reqid;
  }

  private forget(reqid: number): void {
    this.pending.delete(reqid);
    this.modules.requestIds.release(reqid);
  }

  private finish(reqid: number, pending: PendingControl, result: ControlResult): void {
    this.forget(reqid);
    if (pending.client !== undefined) {
      this.replyToClient(pending.client, pending.clientReqid, result.status, result.data, result.errorText);
    }
    pending.callback?.(result);
  }

  private expire(): void {
    const now = this.modules.clock.now();
    for (const [reqid, pending] of [...this.pending]) {
      if (pending.deadlineMs > now) continue;
      this.modules.counters.timeoutsControl++;
      this.finish(reqid, pending, { status: -1, data: NO_DATA, errorText: "ctdb_control timed out" });
    }
    this.modules.timers.after(EXPIRY_CHECK_MS, () => this.expire());
  }
}

function isBroadcast(destnode: number): boolean {
  return destnode === Pnn.BROADCAST_ALL || destnode === Pnn.BROADCAST_ACTIVE || destnode === Pnn.BROADCAST_CONNECTED;
}
