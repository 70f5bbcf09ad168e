// Requests with replies through a tunnel, in an envelope of this library: daemons carry neither the sender nor a request id.
// client.ts makes it.
import { onAbort } from "./abort.js";
import type { DaemonLink } from "./daemon-link.js";
import {
  ClientClosedError,
  ClientError,
  type ConnectionLostError,
  TooManyRequestsError,
  TunnelTimeoutError,
} from "./errors.js";
import { deadlineAfter, type Waiting, WaitingSet } from "./time.js";
import type { RequestOptions, Tunnel, TunnelKind, TunnelRegistry } from "./tunnels.js";

/** Answers a request; what it throws reaches the caller as the message of a TunnelCallError. */
export type TunnelRequestHandler = (data: Buffer, fromPnn: number) => Uint8Array | Promise<Uint8Array>;

/** The handler on the other node threw; `message` is the message of its error. */
export class TunnelCallError extends ClientError {
  override readonly name = "TunnelCallError";
}

/** Requests of one service that may wait for replies. */
const SERVICE_OUTSTANDING_MAX = 100_000;

// Envelope in front of the data: u32 pnn of the sender, u32 id of the request, u32 outcome (0 data, 1 text of an error), u32 0.
const ENVELOPE_BYTES = 16;
const OUTCOME_DATA = 0;
const OUTCOME_ERROR = 1;

class TunnelCall implements Waiting {
  stopListening: (() => void) | undefined;

  constructor(
    readonly deadlineMs: number,
    readonly resolve: (data: Buffer) => void,
    readonly reject: (reason: unknown) => void,
    readonly onDeadline: () => void,
  ) {}
}

/** Requests with replies through a tunnel. Both sides have to be a TunnelService: the envelope is this library's own. */
export class TunnelService implements AsyncDisposable {
  private readonly calls = new Map<number, TunnelCall>();
  private readonly waiting: WaitingSet<TunnelCall>;
  private lastId = 0;
  private ended: ConnectionLostError | undefined;

  private constructor(
    private readonly link: DaemonLink,
    private readonly onRequest: TunnelRequestHandler | undefined,
    private readonly tunnelOf: () => Tunnel,
    private readonly forgotten: (service: TunnelService) => void,
  ) {
    this.waiting = new WaitingSet(link.modules);
  }

  /** Made by `client.openTunnelService`. */
  static async open(
    registry: TunnelRegistry,
    link: DaemonLink,
    id: bigint,
    onRequest: TunnelRequestHandler | undefined,
    options: RequestOptions,
    /** It is closed: nothing has to be told to it any more. */
    forgotten: (service: TunnelService) => void,
  ): Promise<TunnelService> {
    let tunnel: Tunnel | undefined;
    const tunnelOf = (): Tunnel => {
      if (tunnel === undefined) throw new ClientError(`tunnel 0x${id.toString(16)} is not open yet`);
      return tunnel;
    };
    const service = new TunnelService(link, onRequest, tunnelOf, forgotten);
    tunnel = await registry.open(id, (data, kind) => service.receive(data, kind), options);
    return service;
  }

  get id(): bigint {
    return this.tunnelOf().id;
  }

  /**
   * Sends a request to the service of node `pnn` and waits for its reply. Throws TunnelTimeoutError (also when no service is
   * there), TunnelCallError when its handler threw, ConnectionLostError.
   */
  request(pnn: number, data: Uint8Array, options: RequestOptions = {}): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.ended !== undefined) throw this.ended;
      options.signal?.throwIfAborted();
      if (this.calls.size >= SERVICE_OUTSTANDING_MAX) throw new TooManyRequestsError(SERVICE_OUTSTANDING_MAX);
      const timeoutMs = options.timeoutMs ?? this.link.timeoutMs;
      const id = this.nextId();
      this.send(pnn, id, OUTCOME_DATA, data, "request");
      const call = new TunnelCall(deadlineAfter(this.link.modules.clock, timeoutMs), resolve, reject, () => {
        this.forget(id, call);
        reject(new TunnelTimeoutError(this.id, pnn, timeoutMs));
      });
      call.stopListening = onAbort(options.signal, (reason) => {
        this.forget(id, call);
        reject(reason);
      });
      this.calls.set(id, call);
      this.waiting.add(call);
    });
  }

  /** Fails the requests that wait and closes the tunnel. Idempotent. */
  close(): Promise<void> {
    this.failAll(new ClientClosedError());
    this.ended ??= new ClientClosedError();
    this.forgotten(this);
    return this.tunnelOf().close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Called by the client when its connection is lost: replies will not come. */
  failAll(error: ConnectionLostError): void {
    for (const [id, call] of [...this.calls]) {
      this.forget(id, call);
      call.reject(error);
    }
    this.waiting.stop();
  }

  private nextId(): number {
    let id = this.lastId;
    do {
      id = id >= 0xffff_ffff ? 1 : id + 1;
    } while (this.calls.has(id));
    this.lastId = id;
    return id;
  }

  private forget(id: number, call: TunnelCall): void {
    this.calls.delete(id);
    this.waiting.delete(call);
    call.stopListening?.();
  }

  private send(pnn: number, id: number, outcome: number, data: Uint8Array, kind: TunnelKind): void {
    const packet = Buffer.alloc(ENVELOPE_BYTES + data.length);
    packet.writeUInt32LE(this.link.pnn, 0);
    packet.writeUInt32LE(id, 4);
    packet.writeUInt32LE(outcome, 8);
    packet.set(data, ENVELOPE_BYTES);
    this.tunnelOf().send(pnn, packet, kind);
  }

  private receive(packet: Buffer, kind: TunnelKind): void {
    // Others may use the id without the envelope: what is no envelope is dropped, as a daemon drops what it does not know.
    if (packet.length < ENVELOPE_BYTES) return;
    const pnn = packet.readUInt32LE(0);
    const id = packet.readUInt32LE(4);
    const outcome = packet.readUInt32LE(8);
    const data = packet.subarray(ENVELOPE_BYTES);
    if (kind === "reply") {
      const call = this.calls.get(id);
      if (call === undefined) return;
      this.forget(id, call);
      if (outcome === OUTCOME_DATA) call.resolve(data);
      else call.reject(new TunnelCallError(data.toString("utf8")));
      return;
    }
    void this.answer(pnn, id, data);
  }

  private async answer(pnn: number, id: number, data: Buffer): Promise<void> {
    let outcome = OUTCOME_DATA;
    let result: Uint8Array;
    try {
      if (this.onRequest === undefined) throw new ClientError("this service answers no requests");
      result = await this.onRequest(data, pnn);
    } catch (error) {
      outcome = OUTCOME_ERROR;
      result = Buffer.from(error instanceof Error ? error.message : String(error), "utf8");
    }
    try {
      this.send(pnn, id, outcome, result, "reply");
    } catch (error) {
      // The connection or the tunnel went away meanwhile: the asker's own time limit tells it.
      if (!(error instanceof ClientError)) throw error;
    }
  }
}
