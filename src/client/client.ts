// The public interface of the library: one client is one connection to the ctdb daemon of this node, with everything that was
// registered over it. The tools and ctdb-clusterd use nothing else to reach a daemon.
import { EventEmitter } from "node:events";
import {
  type ControlName,
  type ControlReply,
  type ControlRequest,
  type DbMap,
  NodeFlag,
  type NodeMap,
  type Notify,
  type ServerId,
  srvidHigh,
  srvidLow,
  type VnnMap,
} from "../protocol/index.js";
import type { TdbOpener } from "../tdb/tdb-file.js";
import { abortable } from "./abort.js";
import type { AttachOptions } from "./attach.js";
import type { ControlOptions, RawControlReply } from "./control-request.js";
import { DaemonLink, type LinkState, type ReconnectPolicy } from "./daemon-link.js";
import { Database } from "./database.js";
import { ClientError, ConnectionLostError, ControlFailedError } from "./errors.js";
import type { RecordOptions } from "./fetch-lock.js";
import { type GLock, type GLockOptions, GLocks } from "./g-lock.js";
import { type MessageHandler, type MessageOptions, MessageRegistry, type Subscription } from "./message-registry.js";
import { type OwnProcess, thisProcess } from "./own-process.js";
import { type ClientModules, systemModules } from "./time.js";
import { CommitTurns } from "./transaction.js";
import type { ClientTransport } from "./transport.js";
import { type TunnelRequestHandler, TunnelService } from "./tunnel-service.js";
import { type RequestOptions, type Tunnel, type TunnelHandler, TunnelRegistry } from "./tunnels.js";
import { socketPathFromEnvironment, UnixSocketTransport } from "./unix-socket.js";

export interface ConnectOptions {
  /**
   * Path of the daemon's unix socket. Default: CTDB_SOCKET, in test mode `$CTDB_BASE/run/ctdbd.socket`, else
   * /var/run/ctdb/ctdbd.socket.
   */
  readonly socketPath?: string;
  /** Instead of the unix socket. */
  readonly transport?: ClientTransport;
  /** Aborts the connecting, not the client that comes of it. */
  readonly signal?: AbortSignal;
  /** true: the policy's defaults. Default false: a lost connection closes the client. */
  readonly reconnect?: boolean | ReconnectPolicy;
  /** Time limit of controls; 0: none. Default 10 000. */
  readonly timeoutMs?: number;
  /** Time limit of fetchLock and read; 0: none. Default 60 000. */
  readonly recordTimeoutMs?: number;
  /** Bytes that may wait to be sent before calls are refused with SendQueueFullError. Default 64 MiB. */
  readonly sendQueueMaxBytes?: number;
  /** Opens TDB files. Default: the system's libtdb, loaded at the first attach. */
  readonly files?: TdbOpener;
  /** Time and randomness. Default: the real ones. */
  readonly modules?: ClientModules;
  /** Whom this client belongs to. Default: this process. */
  readonly process?: OwnProcess;
}

export interface ClientEvents {
  /** The connection is lost; calls in flight have failed. */
  disconnected: [{ readonly error: ConnectionLostError; readonly willReconnect: boolean }];
  /** A new connection stands; messages, notifies and tunnels are registered again, databases are being attached again. */
  reconnected: [{ readonly pnn: number }];
  /** The client is of no use any more: by `close()`, or the connection is lost for good (`error`). */
  closed: [{ readonly error: ConnectionLostError | undefined }];
}

/** Outcome of a control on one of several nodes. */
export type NodeResult<T> =
  | { readonly pnn: number; readonly ok: true; readonly reply: T }
  | { readonly pnn: number; readonly ok: false; readonly error: Error };

const TIMEOUT_MS = 10_000;
const RECORD_TIMEOUT_MS = 60_000;
const SEND_QUEUE_MAX_BYTES = 64 * 1024 * 1024;

/** Controls whose request is nothing may be called without one. */
type PlainControlName = { [N in ControlName]: ControlRequest<N> extends undefined ? N : never }[ControlName];

/**
 * Connects to the ctdb daemon of this node and asks for its pnn (GET_PNN).
 * Throws ConnectError, or the reason of `signal`.
 */
export async function connect(options: ConnectOptions = {}): Promise<Client> {
  const client = new Client(options);
  await client.open(options.signal);
  return client;
}

export class Client implements AsyncDisposable {
  readonly events = new EventEmitter<ClientEvents>();
  private readonly link: DaemonLink;
  private readonly messages: MessageRegistry;
  private readonly tunnels: TunnelRegistry;
  private readonly tunnelServices = new Set<TunnelService>();
  private readonly notifies = new Map<bigint, Notify>();
  private readonly databases = new Set<Database>();
  private readonly gLocks: GLocks;
  private readonly commits = new CommitTurns();
  private readonly recordTimeoutMs: number;
  private readonly files: TdbOpener | undefined;
  /** What all callers of `drained` wait for. */
  private draining: ReturnType<typeof unsettled> | undefined;

  /** Use `connect`. */
  constructor(options: ConnectOptions) {
    const transport =
      options.transport ?? new UnixSocketTransport(options.socketPath ?? socketPathFromEnvironment(process.env));
    this.recordTimeoutMs = options.recordTimeoutMs ?? RECORD_TIMEOUT_MS;
    this.files = options.files;
    const linkOptions = {
      reconnect: options.reconnect === true ? {} : options.reconnect === false ? undefined : options.reconnect,
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      sendQueueMaxBytes: options.sendQueueMaxBytes ?? SEND_QUEUE_MAX_BYTES,
    };
    this.link = new DaemonLink(transport, options.modules ?? systemModules, linkOptions, {
      onMessage: (packet) => this.messages.dispatch(packet),
      onTunnel: (packet) => this.tunnels.dispatch(packet),
      onLost: (error, willReconnect) => this.lost(error, willReconnect),
      onRestored: () => this.restore(),
      onReconnected: () => this.reconnected(),
      onClosed: (error) => this.closed(error),
      onDrain: () => this.drain(),
    });
    this.messages = new MessageRegistry(this.link);
    this.tunnels = new TunnelRegistry(this.link);
    this.gLocks = new GLocks({
      link: this.link,
      recordTimeoutMs: this.recordTimeoutMs,
      process: options.process ?? thisProcess,
      attach: (name) => this.attach(name),
      onMessage: (srvid, handler) => this.onMessage(srvid, handler),
    });
  }

  /** Called once, by `connect`. */
  open(signal: AbortSignal | undefined): Promise<void> {
    return this.link.open(signal);
  }

  /** Number of the node that this client is connected to. */
  get pnn(): number {
    return this.link.pnn;
  }

  /** connecting, connected, reconnecting or closed. */
  get state(): LinkState {
    return this.link.state;
  }

  /** Bytes that wait to be sent. */
  get queuedBytes(): number {
    return this.link.queuedBytes;
  }

  /** Requests that wait for a reply. */
  get outstanding(): number {
    return this.link.outstanding;
  }

  /** Resolves when all that was queued is with the kernel. Rejects with ConnectionLostError, or the reason of the signal. */
  drained(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (this.link.queuedBytes === 0) return Promise.resolve();
    this.draining ??= unsettled();
    return abortable(this.draining.promise, options.signal);
  }

  /**
   * Executes a control on a node (`options.pnn`, default the own one) and resolves to its reply; the names and types are those of
   * the table of controls. PING, GET_PNN, GET_PID and GET_RECMODE resolve to a number.
   * Throws ControlFailedError (status not 0), ControlTimeoutError, ConnectionLostError, SendQueueFullError, TooManyRequestsError,
   * MalformedReplyError, or the reason of `options.signal`.
   */
  control<N extends PlainControlName>(name: N, request?: undefined, options?: ControlOptions): Promise<ControlReply<N>>;
  control<N extends ControlName>(
    name: N,
    request: ControlRequest<N>,
    options?: ControlOptions,
  ): Promise<ControlReply<N>>;
  control<N extends ControlName>(
    name: N,
    request: ControlRequest<N>,
    options?: ControlOptions,
  ): Promise<ControlReply<N>> {
    return this.link.control(name, request, options);
  }

  /** A control by opcode, with payload and reply as bytes; resolves whatever the status is. For tools and tests. */
  controlRaw(opcode: number, payload: Uint8Array, options?: ControlOptions): Promise<RawControlReply> {
    return this.link.controlRaw(opcode, payload, options);
  }

  /**
   * Sends a control with the flag NOREPLY: also to broadcast addresses. Nothing tells whether it was executed.
   * Throws ConnectionLostError or SendQueueFullError.
   */
  sendControlNoReply<N extends ControlName>(name: N, request: ControlRequest<N>, options?: ControlOptions): void {
    this.link.controlNoReply(name, request, options);
  }

  /** The same control on several nodes at once; the results are in the order of `pnns`. Does not throw for single nodes. */
  async controlAll<N extends ControlName>(
    pnns: readonly number[],
    name: N,
    request: ControlRequest<N>,
    options: Omit<ControlOptions, "pnn"> = {},
  ): Promise<NodeResult<ControlReply<N>>[]> {
    const results = await Promise.all(
      pnns.map(async (pnn): Promise<NodeResult<ControlReply<N>>> => {
        try {
          return { pnn, ok: true, reply: await this.link.control(name, request, { ...options, pnn }) };
        } catch (error) {
          if (!(error instanceof ClientError)) throw error;
          return { pnn, ok: false, error };
        }
      }),
    );
    return results;
  }

  /** The nodes with their flags as the own daemon sees them (GET_NODEMAP, control 91). */
  nodeMap(options?: ControlOptions): Promise<NodeMap> {
    return this.link.control("GET_NODEMAP", undefined, options);
  }

  /** pnns of the nodes that the own daemon is connected with, itself included. */
  async connectedNodes(options?: ControlOptions): Promise<number[]> {
    const unreachable = NodeFlag.DISCONNECTED | NodeFlag.DELETED;
    const { nodes } = await this.nodeMap(options);
    return nodes.filter((node) => (node.flags & unreachable) === 0).map((node) => node.pnn);
  }

  /** Generation and nodes that hold records (GETVNNMAP, control 5). */
  vnnMap(options?: ControlOptions): Promise<VnnMap> {
    return this.link.control("GETVNNMAP", undefined, options);
  }

  /** The attached databases (GET_DBMAP, control 9). */
  databaseMap(options?: ControlOptions): Promise<DbMap> {
    return this.link.control("GET_DBMAP", undefined, options);
  }

  /** True if `pid` is a client of the daemon of node `options.pnn` and alive (PROCESS_EXISTS, control 0). */
  processExists(pid: number, options?: ControlOptions): Promise<boolean> {
    return this.isTrue(this.link.control("PROCESS_EXISTS", pid, options));
  }

  /** True if the client `pid` of node `options.pnn` has registered `srvid` (CHECK_PID_SRVID, control 151). */
  processHasSrvid(pid: number, srvid: bigint, options?: ControlOptions): Promise<boolean> {
    return this.isTrue(this.link.control("CHECK_PID_SRVID", { pid, srvid }, options));
  }

  private async isTrue(control: Promise<undefined>): Promise<boolean> {
    try {
      await control;
      return true;
    } catch (error) {
      if (error instanceof ControlFailedError && error.status === -1 && error.text === "") return false;
      throw error;
    }
  }

  /**
   * Sends a message to all who have registered `srvid` on node `pnn`, or to several nodes with a broadcast address. There is no
   * acknowledgement. Messages of one client arrive in the order in which they were sent. Throws ConnectionLostError or
   * SendQueueFullError.
   */
  sendMessage(pnn: number, srvid: bigint, data: Uint8Array): void {
    this.link.sendMessage(pnn, srvidHigh(srvid), srvidLow(srvid), data);
  }

  /** `sendMessage` with the srvid as two u32: for senders of very many messages. */
  sendMessageTo(pnn: number, srvidHi: number, srvidLo: number, data: Uint8Array): void {
    this.link.sendMessage(pnn, srvidHi, srvidLo, data);
  }

  /**
   * Calls `handler` for each message to `srvid` on this node (REGISTER_SRVID, control 23); 0xFFFFFFFFFFFFFFFF (`Srvid.ALL`) gets
   * every message of the node. Resolves when the daemon has confirmed. The daemon knows one registration for each srvid, however
   * many handlers there are.
   */
  onMessage(srvid: bigint, handler: MessageHandler, options: MessageOptions = {}): Promise<Subscription> {
    return this.messages.add(srvid, handler, options);
  }

  /**
   * The daemon sends `data` to `srvid` on all connected nodes when this client disconnects, for whatever reason (REGISTER_NOTIFY,
   * control 114). One registration for each srvid: a second one fails with ControlFailedError.
   */
  async registerNotify(srvid: bigint, data: Uint8Array, options?: ControlOptions): Promise<void> {
    const notify: Notify = { srvid, data: Buffer.from(data) };
    await this.link.control("REGISTER_NOTIFY", notify, options);
    this.notifies.set(srvid, notify);
  }

  /** Takes a notify back (DEREGISTER_NOTIFY, control 115). ControlFailedError if there is none. */
  async deregisterNotify(srvid: bigint, options?: ControlOptions): Promise<void> {
    this.notifies.delete(srvid);
    await this.link.control("DEREGISTER_NOTIFY", srvid, options);
  }

  /**
   * Opens a tunnel: packets to `id` on this node go to `handler`, and this node may send to `id` on others (TUNNEL_REGISTER,
   * control 152). ControlFailedError if another client of this node has the id.
   */
  openTunnel(id: bigint, handler: TunnelHandler, options: RequestOptions = {}): Promise<Tunnel> {
    return this.tunnels.open(id, handler, options);
  }

  /**
   * A tunnel with requests and replies between clients of this library: `onRequest` answers the requests of others. Without it the
   * service only asks.
   */
  async openTunnelService(
    id: bigint,
    onRequest?: TunnelRequestHandler,
    options: RequestOptions = {},
  ): Promise<TunnelService> {
    const service = await TunnelService.open(this.tunnels, this.link, id, onRequest, options, (closed) => {
      this.tunnelServices.delete(closed);
    });
    this.tunnelServices.add(service);
    return service;
  }

  /**
   * Attaches a database on all nodes, creates it if it is new, and opens its file. During a recovery the daemon holds the attach
   * back until the recovery has ended. Throws ControlFailedError, DatabaseFileError, DatabaseTypeError, and as `control`.
   */
  async attach(name: string, options: AttachOptions = {}): Promise<Database> {
    const context = {
      link: this.link,
      files: () => this.loadFiles(),
      recordTimeoutMs: this.recordTimeoutMs,
      transactions: { gLocks: this.gLocks, commits: this.commits },
      forget: (database: Database) => {
        this.databases.delete(database);
      },
    };
    const database = await Database.attach(name, context, options);
    if (this.link.state !== "connected") {
      await database.close();
      throw new ConnectionLostError("it ended while the database was being attached");
    }
    this.databases.add(database);
    return database;
  }

  /**
   * Takes a lock that is known in the whole cluster by its name, and belongs to this process until it is released: as smbd and `net
   * g_lock do` take it (`format` "samba"), or as the ctdb tool does ("ctdb"). Whoever waits is told by a message when it is free;
   * holders that have died are found out within a second. A lock does not know who asks: a second `gLock` of the same name waits
   * for the first one, in the same process too.
   *
   * Throws GLockTimeoutError, the reason of the signal, ConnectionLostError, GLockRecordError, TooManyGLocksError, and what `attach`
   * and `fetchLock` throw. When it throws, nothing is locked.
   */
  gLock(name: string, options: GLockOptions = {}): Promise<GLock> {
    return this.gLocks.take(name, options);
  }

  /** Who holds the lock `name`, in whichever format; one that has died is named until somebody asks for the lock. */
  gLockHolders(name: string, options: RecordOptions = {}): Promise<ServerId[]> {
    return abortable(this.gLocks.holders(name, options), options.signal);
  }

  /** Closes databases (their record locks are released) and the connection. The daemon forgets all registrations. Idempotent. */
  async close(): Promise<void> {
    if (this.link.state === "closed") return;
    for (const database of [...this.databases]) await database.close();
    this.link.close();
    const error = new ConnectionLostError("the client was closed");
    this.gLocks.connectionLost(error);
    for (const service of this.tunnelServices) service.failAll(error);
    this.failDrainWaiters(error);
    this.events.emit("closed", { error: undefined });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async loadFiles(): Promise<TdbOpener> {
    if (this.files !== undefined) return this.files;
    const { libtdbOpener } = await import("../tdb/libtdb.js");
    return libtdbOpener;
  }

  private lost(error: ConnectionLostError, willReconnect: boolean): void {
    this.messages.connectionLost();
    for (const service of this.tunnelServices) service.failAll(error);
    for (const database of [...this.databases]) database.connectionLost(error, willReconnect);
    this.gLocks.connectionLost(error);
    this.failDrainWaiters(error);
    this.events.emit("disconnected", { error, willReconnect });
  }

  private async restore(): Promise<void> {
    const notifies = [...this.notifies.values()];
    await Promise.all([
      this.messages.restore(),
      this.tunnels.restore(),
      ...notifies.map((notify) => this.link.control("REGISTER_NOTIFY", notify, undefined)),
    ]);
  }

  private reconnected(): void {
    for (const database of this.databases) database.reattach();
    this.events.emit("reconnected", { pnn: this.link.pnn });
  }

  private closed(error: ConnectionLostError): void {
    for (const database of [...this.databases]) database.connectionLost(error, false);
    this.events.emit("closed", { error });
  }

  private drain(): void {
    this.draining?.resolve();
    this.draining = undefined;
  }

  private failDrainWaiters(error: ConnectionLostError): void {
    this.draining?.reject(error);
    this.draining = undefined;
  }
}

function unsettled(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let resolve = (): void => {};
  let reject = (_: Error): void => {};
  const promise = new Promise<void>((resolver, rejecter) => {
    resolve = resolver;
    reject = rejecter;
  });
  return { promise, resolve, reject };
}
