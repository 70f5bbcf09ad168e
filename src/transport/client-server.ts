// The clients of this node on the unix socket: one object a connection, its outgoing queue and its limits.
import { type LocalServerPort, type Logger, LogLevel, type StreamConnection } from "../platform/ports.js";
import { Operation, packetOperation } from "../protocol/index.js";
import { PacketFramer } from "./packet-framer.js";
import { packetSummary } from "./packet-summary.js";

/** A client that does not read its replies is itself not read from while more than this waits for it. */
export const CLIENT_QUEUE_HIGH_BYTES = 8 * 1024 * 1024;
/** A client for which messages pile up beyond this is disconnected. */
export const CLIENT_QUEUE_MAX_BYTES = 512 * 1024 * 1024;

const OWN_QUEUE = "its own queue";

export interface ClientServerHandlers {
  /** `packet` is valid during the call only; magic, version and length are good. */
  onPacket(client: ClientConnection, packet: Buffer): void;
  onDisconnected(client: ClientConnection): void;
}

export interface ClientServerModules {
  readonly logger: Logger;
  readonly server: LocalServerPort;
  readonly counters: { numClients: number; clientPacketsSent: number; clientPacketsRecv: number };
  /** Tunable MaxQueueDropMsg. */
  maxQueuedMessages(): number;
  allocateId(): number;
  releaseId(id: number): void;
}

export class ClientConnection {
  id = 0;
  closed = false;
  /** Messages written since the connection's queue was last empty. */
  private messagesQueued = 0;
  private isBehind = false;
  private readonly holds = new Set<string>();

  constructor(
    readonly pid: number,
    private readonly connection: StreamConnection,
    private readonly modules: ClientServerModules,
    private readonly onOverflow: (client: ClientConnection, reason: string) => void,
    private readonly onBehind: (client: ClientConnection) => void,
  ) {}

  /** What waits for the client: messages are counted since it was last empty. */
  get queued(): { readonly bytes: number; readonly messages: number } {
    return { bytes: this.connection.queuedBytes, messages: this.messagesQueued };
  }

  /** Queues a packet; the bytes are copied before this returns. */
  send(packet: Buffer): void {
    if (this.closed) return;
    this.modules.counters.clientPacketsSent++;
    if (this.modules.logger.level >= LogLevel.DEBUG) this.trace("<", packet);
    const { connection } = this;
    if (connection.queuedBytes > 0 && packetOperation(packet) === Operation.REQ_MESSAGE) {
      this.messagesQueued++;
      if (
        this.messagesQueued > this.modules.maxQueuedMessages() ||
        connection.queuedBytes + packet.length > CLIENT_QUEUE_MAX_BYTES
      ) {
        this.onOverflow(this, "CTDB_REQ_MESSAGE queue full - killing client connection.");
        return;
      }
    }
    connection.write(packet);
    if (connection.queuedBytes > CLIENT_QUEUE_HIGH_BYTES && !this.isBehind) {
      this.isBehind = true;
      this.hold(OWN_QUEUE);
      this.onBehind(this);
    }
  }

  /** A line of the debug log about a packet of the client (">") or to it ("<"). */
  trace(direction: string, packet: Buffer): void {
    this.modules.logger.debug(`client ${this.id} pid ${this.pid} ${direction} ${packetSummary(packet)}`);
  }

  /** Stops reading from this client until every reason to do so has been released. */
  hold(reason: string): void {
    if (this.closed) return;
    this.holds.add(reason);
    this.connection.pauseReading(true);
  }

  releaseHold(reason: string): void {
    if (!this.holds.delete(reason) || this.closed) return;
    if (this.holds.size === 0) this.connection.pauseReading(false);
  }

  drained(): void {
    this.messagesQueued = 0;
    this.isBehind = false;
    this.releaseHold(OWN_QUEUE);
  }

  destroy(): void {
    this.connection.destroy();
  }
}

export class ClientServer {
  private readonly clientsById = new Map<number, ClientConnection>();
  private readonly clientsByPid = new Map<number, ClientConnection[]>();
  private readonly behind = new Set<ClientConnection>();
  private waitingForDrain: Array<() => void> = [];
  private listener: { startAccepting(): void; close(): void } | undefined;
  readonly skipped = { packets: 0 };

  constructor(
    private readonly modules: ClientServerModules,
    private readonly handlers: ClientServerHandlers,
  ) {}

  /** Binds and listens; clients wait in the backlog until `startAccepting`. */
  async listen(path: string): Promise<void> {
    this.listener = await this.modules.server.listen(path, (connection, pid) => this.accept(connection, pid));
  }

  startAccepting(): void {
    this.listener?.startAccepting();
  }

  get size(): number {
    return this.clientsById.size;
  }

  get all(): Iterable<ClientConnection> {
    return this.clientsById.values();
  }

  get(id: number): ClientConnection | undefined {
    return this.clientsById.get(id);
  }

  /** Connections whose peer is process `pid`, newest first. */
  byPid(pid: number): readonly ClientConnection[] {
    return this.clientsByPid.get(pid) ?? [];
  }

  disconnect(client: ClientConnection, reason: string): void {
    if (client.closed) return;
    this.modules.logger.notice(`client ${client.id} (pid ${client.pid}) disconnected: ${reason}`);
    client.destroy();
    this.forget(client);
  }

  /** Some client has more in its queue than it reads; who streams to this node's clients should wait. */
  get someoneIsBehind(): boolean {
    return this.behind.size > 0;
  }

  /** Calls back once when a client that was behind has caught up or gone. */
  whenDrained(callback: () => void): void {
    this.waitingForDrain.push(callback);
  }

  private noLongerBehind(client: ClientConnection): void {
    if (!this.behind.delete(client)) return;
    const waiting = this.waitingForDrain;
    this.waitingForDrain = [];
    for (const callback of waiting) callback();
  }

  close(): void {
    this.listener?.close();
    for (const client of [...this.clientsById.values()]) client.destroy();
  }

  private accept(connection: StreamConnection, pid: number) {
    const client = new ClientConnection(
      pid,
      connection,
      this.modules,
      (c, reason) => this.disconnect(c, reason),
      (c) => this.behind.add(c),
    );
    client.id = this.modules.allocateId();
    this.clientsById.set(client.id, client);
    const samePid = this.clientsByPid.get(pid);
    if (samePid === undefined) this.clientsByPid.set(pid, [client]);
    else samePid.unshift(client);
    this.modules.counters.numClients++;
    const framer = new PacketFramer("skip", {
      onPacket: (packet) => {
        this.modules.counters.clientPacketsRecv++;
        this.handlers.onPacket(client, packet);
        return !client.closed;
      },
      onBroken: (reason) => this.disconnect(client, reason),
      onSkipped: (reason) => {
        this.skipped.packets++;
        this.modules.logger.debug(() => `packet of client ${client.id} ignored: ${reason}`);
      },
    });
    return {
      onData: (bytes: Buffer) => framer.push(bytes),
      onClose: () => this.forget(client),
      onDrain: () => {
        client.drained();
        this.noLongerBehind(client);
      },
    };
  }

  private forget(client: ClientConnection): void {
    if (client.closed) return;
    client.closed = true;
    this.noLongerBehind(client);
    this.clientsById.delete(client.id);
    const samePid = this.clientsByPid.get(client.pid);
    if (samePid !== undefined) {
      const index = samePid.indexOf(client);
      if (index >= 0) samePid.splice(index, 1);
      if (samePid.length === 0) this.clientsByPid.delete(client.pid);
    }
    this.modules.counters.numClients--;
    this.handlers.onDisconnected(client);
    this.modules.releaseId(client.id);
  }
}
