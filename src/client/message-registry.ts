// The srvids that this client listens to: one registration each at the daemon, any number of handlers inside.
// client.ts feeds it with REQ_MESSAGE packets.
import {
  Control,
  ControlStatus,
  reqMessageData,
  reqMessageSrvid,
  reqMessageSrvidHi,
  reqMessageSrvidLo,
  Srvid,
  srvidHigh,
  srvidLow,
} from "../protocol/index.js";
import { abortable } from "./abort.js";
import { rethrowLater } from "./connection.js";
import type { DaemonLink } from "./daemon-link.js";
import { ControlFailedError } from "./errors.js";

/**
 * Gets the payload and the srvid of one message. It is called in the order in which the daemon delivers. The daemon does not tell
 * which node a message came from.
 */
export type MessageHandler = (data: Buffer, srvid: bigint) => void;

export interface MessageOptions {
  /**
   * True: `data` is a view of the receive buffer that is valid during the call only. False (default): a copy that may be kept.
   */
  readonly view?: boolean;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** One handler. `close` takes it off; the last one of a srvid deregisters that. */
export interface Subscription extends AsyncDisposable {
  readonly srvid: bigint;
  /** The handler is called no more from now on. Resolves when the daemon has confirmed. Idempotent. */
  close(): Promise<void>;
}

class Handler {
  constructor(
    readonly handle: MessageHandler,
    readonly view: boolean,
  ) {}
}

class Registration {
  handlers: readonly Handler[] = [];
  /** REGISTER_SRVID has been sent, DEREGISTER_SRVID has not. */
  wanted = false;
  /** What the daemon has confirmed; changes with its replies, in the order of the stream. */
  atDaemon = false;
  /** The reply to REGISTER_SRVID. */
  registered: Promise<void> = Promise.resolve();
  /** Beside a wild card registration the daemon delivers each message twice, first for this one: true between the two. */
  wildcardCopyIsNext = false;

  constructor(readonly srvid: bigint) {}
}

export class MessageRegistry {
  /** By the upper and the lower half of the srvid: no bigint for each message. */
  private readonly byHigh = new Map<number, Map<number, Registration>>();
  private readonly wildcard = new Registration(Srvid.ALL);

  constructor(private readonly link: DaemonLink) {}

  /** Registers `handler`. REGISTER_SRVID (control 23) goes out with the first handler of a srvid. */
  async add(srvid: bigint, handle: MessageHandler, options: MessageOptions): Promise<Subscription> {
    options.signal?.throwIfAborted();
    const registration = this.findOrCreate(srvid);
    const handler = new Handler(handle, options.view ?? false);
    registration.handlers = [...registration.handlers, handler];
    if (!registration.wanted) this.register(registration, options.timeoutMs);
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => {
      closing ??= this.remove(registration, handler);
      return closing;
    };
    try {
      await abortable(registration.registered, options.signal);
    } catch (error) {
      await close().catch(() => {});
      throw error;
    }
    return { srvid, close, [Symbol.asyncDispose]: close };
  }

  /** All srvids are registered again, after a new connection. Throws what the first failing control throws. */
  async restore(): Promise<void> {
    const replies: Promise<void>[] = [];
    for (const registration of this.registrations()) {
      if (!registration.wanted) continue;
      this.register(registration, undefined);
      replies.push(registration.registered);
    }
    await Promise.all(replies);
  }

  /** The connection is gone: nothing is registered at the daemon. */
  connectionLost(): void {
    for (const registration of [...this.registrations()]) {
      registration.wildcardCopyIsNext = false;
      this.deregistered(registration);
    }
  }

  dispatch(packet: Buffer): void {
    const registration = this.byHigh.get(reqMessageSrvidHi(packet))?.get(reqMessageSrvidLo(packet));
    if (registration?.atDaemon && !registration.wildcardCopyIsNext) {
      if (this.wildcard.atDaemon) registration.wildcardCopyIsNext = true;
      deliver(registration.handlers, packet, registration.srvid);
      return;
    }
    if (registration !== undefined) registration.wildcardCopyIsNext = false;
    if (this.wildcard.handlers.length > 0) deliver(this.wildcard.handlers, packet, reqMessageSrvid(packet));
  }

  private register(registration: Registration, timeoutMs: number | undefined): void {
    registration.wanted = true;
    registration.registered = this.link.control(
      "REGISTER_SRVID",
      undefined,
      timeoutMs === undefined ? { srvid: registration.srvid } : { srvid: registration.srvid, timeoutMs },
      // In the turn of the reply, before the next packet is looked at.
      () => {
        registration.atDaemon = true;
      },
    );
    // Whoever waits for it gets the error; nobody may be waiting any more when it comes.
    registration.registered.catch(() => {});
  }

  private async remove(registration: Registration, handler: Handler): Promise<void> {
    registration.handlers = registration.handlers.filter((other) => other !== handler);
    if (registration.handlers.length > 0 || !registration.wanted) return;
    registration.wanted = false;
    if (this.link.state !== "connected") {
      this.deregistered(registration);
      return;
    }
    // Controls of one connection are executed in order: a registration that is still on its way is undone by this as well.
    const reply = await this.link.controlRaw(
      Control.DEREGISTER_SRVID,
      new Uint8Array(0),
      { srvid: registration.srvid },
      () => this.deregistered(registration),
    );
    if (reply.status !== 0 && reply.status !== ControlStatus.NOT_REGISTERED) {
      throw new ControlFailedError("DEREGISTER_SRVID", this.link.pnn, reply.status, reply.text);
    }
  }

  private deregistered(registration: Registration): void {
    registration.atDaemon = false;
    if (registration === this.wildcard) {
      for (const other of this.registrations()) other.wildcardCopyIsNext = false;
      return;
    }
    if (registration.wanted) return;
    const high = srvidHigh(registration.srvid);
    const byLow = this.byHigh.get(high);
    byLow?.delete(srvidLow(registration.srvid));
    if (byLow?.size === 0) this.byHigh.delete(high);
  }

  private findOrCreate(srvid: bigint): Registration {
    if (srvid === Srvid.ALL) return this.wildcard;
    const high = srvidHigh(srvid);
    const low = srvidLow(srvid);
    const byLow = this.byHigh.get(high) ?? new Map<number, Registration>();
    this.byHigh.set(high, byLow);
    const registration = byLow.get(low) ?? new Registration(srvid);
    byLow.set(low, registration);
    return registration;
  }

  private *registrations(): Iterable<Registration> {
    yield this.wildcard;
    for (const byLow of this.byHigh.values()) yield* byLow.values();
  }
}

function deliver(handlers: readonly Handler[], packet: Buffer, srvid: bigint): void {
  for (const handler of handlers) {
    const view = reqMessageData(packet);
    const data = handler.view ? view : Buffer.from(view);
    try {
      handler.handle(data, srvid);
    } catch (error) {
      rethrowLater(error);
    }
  }
}
