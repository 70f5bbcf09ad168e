// One stream to the daemon as packets: cuts what comes in, matches replies with requests, hands on messages and tunnel packets.
// daemon-link.ts has one for its client, traverse.ts one for each traverse.
import {
  checkReqMessage,
  checkReqTunnel,
  Operation,
  type PacketWriter,
  packetOperation,
  packetReqid,
} from "../protocol/index.js";
import { PacketFramer } from "../transport/packet-framer.js";
import { ClientClosedError, ConnectError, ConnectionLostError, SendQueueFullError } from "./errors.js";
import { type PendingRequest, RequestTable } from "./requests.js";
import type { ClientModules } from "./time.js";
import type { ClientTransport, StreamConnection } from "./transport.js";

export interface ConnectionHandlers {
  /** A checked REQ_MESSAGE; the packet is a view that is valid during the call. */
  onMessage(packet: Buffer): void;
  /** A checked REQ_TUNNEL; the packet is a view that is valid during the call. */
  onTunnel(packet: Buffer): void;
  /** Called once when the connection ends by itself, after all requests were failed; not after `close`. */
  onLost(error: ConnectionLostError): void;
  /** All that was queued has been handed to the kernel, after the queue had been full for a while. */
  onDrain(): void;
}

export interface ConnectionOptions {
  /** Bytes that may wait to be sent; a packet beyond them is refused with SendQueueFullError. */
  readonly sendQueueMaxBytes: number;
}

export class Connection {
  readonly requests: RequestTable;
  private stream: StreamConnection | undefined;
  private ended: ConnectionLostError | undefined;
  private readonly framer: PacketFramer;

  private constructor(
    modules: ClientModules,
    private readonly options: ConnectionOptions,
    private readonly handlers: ConnectionHandlers,
  ) {
    this.requests = new RequestTable(modules);
    this.framer = new PacketFramer("close", {
      onPacket: (packet) => this.receive(packet),
      onBroken: (reason) => this.lose(`the daemon sent what is no CTDB packet: ${reason}`),
    });
  }

  /** Opens a stream of `transport`. Throws ConnectError, or the reason of `signal`. */
  static async open(
    transport: ClientTransport,
    modules: ClientModules,
    options: ConnectionOptions,
    handlers: ConnectionHandlers,
    signal: AbortSignal | undefined,
  ): Promise<Connection> {
    const connection = new Connection(modules, options, handlers);
    try {
      connection.stream = await transport.connect(
        {
          onData: (bytes) => connection.framer.push(asBuffer(bytes)),
          onClose: (reason) => connection.lose(reason),
          onDrain: () => handlers.onDrain(),
        },
        signal,
      );
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw new ConnectError(transport.target, error instanceof Error ? error.message : String(error), {
        cause: error,
      });
    }
    return connection;
  }

  get queuedBytes(): number {
    return this.stream?.queuedBytes ?? 0;
  }

  /** Throws ConnectionLostError or SendQueueFullError if a packet cannot be sent now. Call it before adding a request. */
  checkSendable(): void {
    if (this.ended !== undefined) throw this.ended;
    const queued = this.queuedBytes;
    if (queued > this.options.sendQueueMaxBytes) throw new SendQueueFullError(queued, this.options.sendQueueMaxBytes);
  }

  /** Queues the packet that `writer` holds. */
  send(writer: PacketWriter): void {
    this.stream?.write(writer.packet());
  }

  /** Adds a request; returns the id to put in its packet. The packet must be sent in the same turn. */
  add(request: PendingRequest): number {
    return this.requests.add(request);
  }

  pauseReading(paused: boolean): void {
    if (this.ended === undefined) this.stream?.pauseReading(paused);
  }

  /** Ends the connection from this side: requests fail with ClientClosedError. Idempotent. */
  close(): void {
    if (this.ended !== undefined) return;
    this.ended = new ClientClosedError();
    this.stream?.destroy();
    this.requests.failAll(this.ended);
  }

  /** Ends the connection because of what the daemon did. */
  lose(reason: string): void {
    if (this.ended !== undefined) return;
    this.ended = new ConnectionLostError(reason);
    this.stream?.destroy();
    this.requests.failAll(this.ended);
    this.handlers.onLost(this.ended);
  }

  private receive(packet: Buffer): boolean {
    switch (packetOperation(packet)) {
      case Operation.REQ_MESSAGE:
        if (this.accept(packet, checkReqMessage)) this.handlers.onMessage(packet);
        break;
      case Operation.REPLY_CONTROL:
      case Operation.REPLY_CALL:
        this.requests.settle(packetReqid(packet), packetOperation(packet), packet);
        break;
      case Operation.REPLY_ERROR:
        // Answers a call as well.
        this.requests.settle(packetReqid(packet), Operation.REPLY_CALL, packet);
        break;
      case Operation.REQ_TUNNEL:
        if (this.accept(packet, checkReqTunnel)) this.handlers.onTunnel(packet);
        break;
      default:
        // Operations that a newer daemon may know: ignored, as all CTDB clients do.
        break;
    }
    return this.ended === undefined;
  }

  private accept(packet: Buffer, check: (packet: Buffer) => void): boolean {
    try {
      check(packet);
      return true;
    } catch (error) {
      this.lose(`the daemon sent a malformed packet: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What a callback of the user throws must not disturb the connection, and must not be swallowed: it is thrown in a later turn. */
export function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
