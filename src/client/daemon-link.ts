// The living connection of a client: opening, the loss of it, reconnecting by policy, and the sending of requests over it.
// client.ts puts the public interface on top, databases send their calls through it.
import {
  CallFlag,
  CallId,
  type ControlEntry,
  ControlFlag,
  type ControlName,
  type ControlReply,
  type ControlRequest,
  controlName,
  controlsByName,
  PacketWriter,
  Pnn,
  srvidHigh,
  srvidLow,
  writeReqCall,
  writeReqControl,
  writeReqMessage,
  writeReqTunnel,
} from "../protocol/index.js";
import { onAbort } from "./abort.js";
import { Connection } from "./connection.js";
import {
  type ControlOptions,
  RawControl,
  type RawControlReply,
  StatusControl,
  TypedControl,
} from "./control-request.js";
import { ClientClosedError, ClientError, ConnectError, ConnectionLostError } from "./errors.js";
import type { PendingRequest } from "./requests.js";
import { type ClientModules, deadlineAfter } from "./time.js";
import type { ClientTransport } from "./transport.js";

/** How a client tries to come back after the connection was lost. */
export interface ReconnectPolicy {
  /** Pause before the first try; doubled after each failed one. Default 100. */
  readonly initialDelayMs?: number;
  /** Longest pause between two tries. Default 5000. */
  readonly maxDelayMs?: number;
  /** Tries before the client gives up and closes. Default: no limit. */
  readonly maxAttempts?: number;
}

/**
 * connecting -> connected -> reconnecting -> connected ...; closed is final: by `close()`, after a loss without a policy, or when
 * the policy gives up.
 */
export type LinkState = "connecting" | "connected" | "reconnecting" | "closed";

export interface LinkOptions {
  readonly reconnect: ReconnectPolicy | undefined;
  readonly timeoutMs: number;
  readonly sendQueueMaxBytes: number;
}

export interface LinkHandlers {
  onMessage(packet: Buffer): void;
  onTunnel(packet: Buffer): void;
  /** The connection is gone; requests have failed. `willReconnect` says whether the policy goes on trying. */
  onLost(error: ConnectionLostError, willReconnect: boolean): void;
  /**
   * A new connection stands and its pnn is known; whatever the daemon knew of the old one has to be said again. A ClientError
   * from here makes the try fail.
   */
  onRestored(): Promise<void>;
  /** All has been said again: the client is as it was. */
  onReconnected(): void;
  /** No connection will come any more. */
  onClosed(error: ConnectionLostError): void;
  onDrain(): void;
}

const INITIAL_DELAY_MS = 100;
const MAX_DELAY_MS = 5000;
const NO_BYTES = new Uint8Array(0);
/** Packets of clients carry no generation. */
const GENERATION = 0;
const TWO_32 = 0x1_0000_0000;

export class DaemonLink {
  /** pnn of the node that the client is connected to. */
  pnn: number = Pnn.UNKNOWN;
  private stateNow: LinkState = "connecting";
  private connection: Connection | undefined;
  private unusable: ConnectionLostError = new ConnectionLostError("it is not open yet");
  private readonly writer = new PacketWriter();
  private readonly stop = new AbortController();

  constructor(
    readonly transport: ClientTransport,
    readonly modules: ClientModules,
    private readonly options: LinkOptions,
    private readonly handlers: LinkHandlers,
  ) {}

  get state(): LinkState {
    return this.stateNow;
  }

  get queuedBytes(): number {
    return this.connection?.queuedBytes ?? 0;
  }

  get outstanding(): number {
    return this.connection?.requests.size ?? 0;
  }

  get timeoutMs(): number {
    return this.options.timeoutMs;
  }

  /** Opens the first connection. Throws ConnectError, or the reason of `signal`. */
  async open(signal: AbortSignal | undefined): Promise<void> {
    await this.connectOnce(signal);
    if (this.connection === undefined) throw new ConnectError(this.transport.target, this.unusable.reason);
    this.stateNow = "connected";
  }

  /** Closes for good. Idempotent. */
  close(): void {
    if (this.stateNow === "closed") return;
    this.stateNow = "closed";
    this.unusable = new ClientClosedError();
    this.stop.abort(this.unusable);
    this.connection?.close();
    this.connection = undefined;
  }

  /** The living connection, ready to take a packet. Throws ConnectionLostError or SendQueueFullError. */
  private sendable(): Connection {
    const connection = this.connection;
    if (connection === undefined) throw this.unusable;
    connection.checkSendable();
    return connection;
  }

  /** Sends a control and waits for its reply. `succeeded` is called in the turn of a successful reply, before the next packet. */
  control<N extends ControlName>(
    name: N,
    request: ControlRequest<N>,
    options: ControlOptions | undefined,
    succeeded?: () => void,
  ): Promise<ControlReply<N>> {
    const entry: ControlEntry<N> = controlsByName[name];
    const pnn = options?.pnn ?? Pnn.CURRENT_NODE;
    const timeoutMs = options?.timeoutMs ?? this.options.timeoutMs;
    return new Promise<ControlReply<N>>((resolve, reject) => {
      const deadlineMs = deadlineAfter(this.modules.clock, timeoutMs);
      const waiting = entry.replyInStatus
        ? // The table gives these controls a reply of type number.
          new StatusControl(name, pnn, timeoutMs, deadlineMs, resolve as (status: number) => void, reject, succeeded)
        : new TypedControl<ControlReply<N>>(name, pnn, timeoutMs, deadlineMs, resolve, reject, succeeded, entry.reply);
      const payload = request === undefined ? NO_BYTES : entry.request.encode(request);
      this.startControl(entry.opcode, pnn, payload, waiting, options, reject);
    });
  }

  /** Sends a control by its opcode and hands back the reply whatever its status is. */
  controlRaw(
    opcode: number,
    payload: Uint8Array,
    options: ControlOptions | undefined,
    replied?: () => void,
  ): Promise<RawControlReply> {
    const pnn = options?.pnn ?? Pnn.CURRENT_NODE;
    const timeoutMs = options?.timeoutMs ?? this.options.timeoutMs;
    return new Promise<RawControlReply>((resolve, reject) => {
      const deadlineMs = deadlineAfter(this.modules.clock, timeoutMs);
      const waiting = new RawControl(controlName(opcode), pnn, timeoutMs, deadlineMs, resolve, reject, replied);
      this.startControl(opcode, pnn, payload, waiting, options, reject);
    });
  }

  private startControl(
    opcode: number,
    pnn: number,
    payload: Uint8Array,
    waiting: PendingRequest & { stopListening: (() => void) | undefined },
    options: ControlOptions | undefined,
    reject: (reason: unknown) => void,
  ): void {
    const signal = options?.signal;
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const flags = options?.flags ?? 0;
    if ((flags & ControlFlag.NOREPLY) !== 0) {
      throw new TypeError("a control with the flag NOREPLY has no reply to wait for: use sendControlNoReply");
    }
    if (isBroadcast(pnn)) {
      throw new TypeError("the daemon answers no control to a broadcast address: use sendControlNoReply or controlAll");
    }
    const connection = this.sendable();
    const srvid = options?.srvid ?? 0n;
    const reqid = connection.add(waiting);
    if (signal !== undefined) {
      waiting.stopListening = onAbort(signal, (reason) => {
        connection.requests.forget(reqid);
        reject(reason);
      });
    }
    this.writeControl(pnn, reqid, opcode, srvid, flags, payload);
    connection.send(this.writer);
  }

  /** Sends a control without waiting for anything: errors are only logged by the daemon that executes it. */
  controlNoReply<N extends ControlName>(
    name: N,
    request: ControlRequest<N>,
    options: ControlOptions | undefined,
  ): void {
    const entry: ControlEntry<N> = controlsByName[name];
    const payload = request === undefined ? NO_BYTES : entry.request.encode(request);
    const connection = this.sendable();
    const flags = (options?.flags ?? 0) | ControlFlag.NOREPLY;
    const pnn = options?.pnn ?? Pnn.CURRENT_NODE;
    this.writeControl(pnn, 0, entry.opcode, options?.srvid ?? 0n, flags, payload);
    connection.send(this.writer);
  }

  private writeControl(
    pnn: number,
    reqid: number,
    opcode: number,
    srvid: bigint,
    flags: number,
    payload: Uint8Array,
  ): void {
    const high = srvid === 0n ? 0 : srvidHigh(srvid);
    const low = srvid === 0n ? 0 : srvidLow(srvid);
    writeReqControl(this.writer, GENERATION, pnn, this.pnn, reqid, opcode, high, low, 0, flags >>> 0, payload);
  }

  /** Sends REQ_CALL NULL with IMMEDIATE_MIGRATION: brings the record to this node. Returns the id of the request. */
  callMigrate(dbId: number, key: Uint8Array, request: PendingRequest): number {
    return this.call(dbId, key, CallId.NULL, CallFlag.IMMEDIATE_MIGRATION, request);
  }

  /** Sends REQ_CALL FETCH: brings the data, with `wantReadonly` without moving the record where possible. */
  callFetch(dbId: number, key: Uint8Array, wantReadonly: boolean, request: PendingRequest): number {
    return this.call(dbId, key, CallId.FETCH, wantReadonly ? CallFlag.WANT_READONLY : 0, request);
  }

  private call(dbId: number, key: Uint8Array, callId: number, flags: number, request: PendingRequest): number {
    const connection = this.sendable();
    const reqid = connection.add(request);
    writeReqCall(this.writer, GENERATION, Pnn.CURRENT_NODE, this.pnn, reqid, flags, dbId, callId, 0, key, NO_BYTES);
    connection.send(this.writer);
    return reqid;
  }

  /** The request gets no reply any more. */
  forget(reqid: number): void {
    this.connection?.requests.forget(reqid);
  }

  /** Queues a message. Throws ConnectionLostError or SendQueueFullError. */
  sendMessage(pnn: number, srvidHi: number, srvidLo: number, data: Uint8Array): void {
    const connection = this.sendable();
    writeReqMessage(this.writer, GENERATION, pnn, this.pnn, 0, srvidHi, srvidLo, data);
    connection.send(this.writer);
  }

  /** Queues a tunnel packet. Throws ConnectionLostError or SendQueueFullError. */
  sendTunnel(pnn: number, idHi: number, idLo: number, flags: number, reqid: number, data: Uint8Array): void {
    const connection = this.sendable();
    writeReqTunnel(this.writer, GENERATION, pnn, this.pnn, reqid, idHi, idLo, flags, data);
    connection.send(this.writer);
  }

  private async connectOnce(signal: AbortSignal | undefined): Promise<void> {
    let opened: Connection | undefined;
    const connection = await Connection.open(
      this.transport,
      this.modules,
      { sendQueueMaxBytes: this.options.sendQueueMaxBytes },
      {
        onMessage: (packet) => this.handlers.onMessage(packet),
        onTunnel: (packet) => this.handlers.onTunnel(packet),
        onDrain: () => this.handlers.onDrain(),
        onLost: (error) => this.lost(opened, error),
      },
      signal,
    );
    opened = connection;
    if (this.stateNow === "closed") {
      connection.close();
      throw new ClientClosedError();
    }
    this.connection = connection;
    try {
      this.pnn = await this.control("GET_PNN", undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      if (this.connection === connection) this.connection = undefined;
      connection.close();
      if (signal?.aborted || !(error instanceof ClientError) || error instanceof ClientClosedError) throw error;
      throw new ConnectError(this.transport.target, error.message, { cause: error });
    }
  }

  private lost(connection: Connection | undefined, error: ConnectionLostError): void {
    if (connection === undefined || this.connection !== connection) return;
    this.connection = undefined;
    this.unusable = error;
    // Before that state is reached, the one who is opening the connection sees its controls fail.
    if (this.stateNow !== "connected") return;
    const policy = this.options.reconnect;
    this.stateNow = policy === undefined ? "closed" : "reconnecting";
    this.handlers.onLost(error, policy !== undefined);
    if (policy === undefined) {
      this.handlers.onClosed(error);
      return;
    }
    // Every failure inside is handled there; what is left is a bug and must surface.
    void this.reconnect(policy, error);
  }

  private async reconnect(policy: ReconnectPolicy, lost: ConnectionLostError): Promise<void> {
    const maxDelayMs = policy.maxDelayMs ?? MAX_DELAY_MS;
    const maxAttempts = policy.maxAttempts ?? Number.POSITIVE_INFINITY;
    let delayMs = policy.initialDelayMs ?? INITIAL_DELAY_MS;
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      // Up to a quarter is random, so that the clients of a restarted daemon do not all come in the same instant.
      await this.pause(delayMs * (1 - this.modules.random.uint32() / TWO_32 / 4));
      delayMs = Math.min(delayMs * 2, maxDelayMs);
      if (this.isClosed()) return;
      if (await this.tryToRestore()) return;
      if (this.isClosed()) return;
    }
    this.stateNow = "closed";
    const error = new ConnectionLostError(`${lost.reason}; gave up after ${maxAttempts} tries to reconnect`);
    this.unusable = error;
    this.handlers.onClosed(error);
  }

  private async tryToRestore(): Promise<boolean> {
    try {
      await this.connectOnce(this.stop.signal);
      await this.handlers.onRestored();
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      this.connection?.close();
      this.connection = undefined;
      return false;
    }
    if (this.connection === undefined) return false;
    this.stateNow = "connected";
    this.handlers.onReconnected();
    return true;
  }

  private isClosed(): boolean {
    return this.stateNow === "closed";
  }

  private pause(delayMs: number): Promise<void> {
    if (this.stop.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const stopListening = onAbort(this.stop.signal, () => {
        timer.cancel();
        resolve();
      });
      const timer = this.modules.timers.after(delayMs, () => {
        stopListening();
        resolve();
      });
    });
  }
}

function isBroadcast(pnn: number): boolean {
  return pnn > Pnn.CURRENT_NODE;
}
