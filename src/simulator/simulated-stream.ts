// One end of a stream connection between two simulated processes: the StreamConnection port over a route that delays, blocks and
// breaks. Bytes keep their order, arrive in pieces of any size, and wait where the reader does not read.
//
//   open --destroy, end of the process, end of the other side, reset--> closed          open --machine crashes--> vanished
//
//   writer: outbox (this step) -> waiting (the kernel is full) -> on the way -> unread (reading is paused) -> onData
import type { StreamConnection, StreamHandlers } from "../platform/ports.js";
import type { SeededRandom } from "./seeded-random.js";
import type { EndKind, ProcessResource, SimulatedProcess } from "./simulated-process.js";

/** What the kernel takes of one direction before the reader has read it. */
export const KERNEL_WINDOW_BYTES = 512 * 1024;
/** What a reader gets in one call at most. */
const READ_MAX_BYTES = 256 * 1024;
/** After an outage TCP sends again within this. */
const RETRANSMIT_MAX_MS = 400;
/** Share of the segments that arrive in two pieces. */
const SPLIT_CHANCE = 1 / 64;

/** One direction between two machines, or inside one. */
export interface Route {
  readonly back: Route;
  /** Nothing gets through now. */
  readonly blocked: boolean;
  /** Infinity: no limit. */
  readonly bytesPerMs: number;
  readonly random: SeededRandom;
  /** For the next segment. */
  delayMs(): number;
  /** Calls back once when it is not blocked any more. */
  whenOpen(callback: () => void): void;
}

/** Where an end of a connection is. */
export interface StreamPlace {
  readonly process: SimulatedProcess;
  readonly machine: StreamMachine;
}

export interface StreamMachine {
  readonly isUp: boolean;
  readonly streams: Set<SimulatedStream>;
}

type Segment = Buffer | "end";

/** Bytes are handed out in this and are overwritten by the next ones, as those of the real ports are. */
const receiveBuffer = Buffer.alloc(READ_MAX_BYTES);

export class SimulatedStream implements StreamConnection, ProcessResource {
  private state: "open" | "closed" | "vanished" = "open";
  private handlers: StreamHandlers | undefined;
  private peer: SimulatedStream;
  private outbox: Buffer[] = [];
  private readonly waiting: Buffer[] = [];
  private waitingBytes = 0;
  private unackedBytes = 0;
  /** Segments that the route does not let through. */
  private stuck: Segment[] = [];
  private lastArrivalMs = 0;
  private paused = false;
  private unread: Segment[] = [];

  private constructor(
    readonly place: StreamPlace,
    private readonly route: Route,
    /** Sees whole writes, each a packet. */
    private readonly onWrite: ((bytes: Uint8Array) => void) | undefined,
  ) {
    this.peer = this;
  }

  /** Two connected ends; `route` leads from `a` to `b`. */
  static pair(
    a: StreamPlace,
    b: StreamPlace,
    route: Route,
    onWrite: { readonly a?: (bytes: Uint8Array) => void; readonly b?: (bytes: Uint8Array) => void },
  ): [SimulatedStream, SimulatedStream] {
    const ofA = new SimulatedStream(a, route, onWrite.a);
    const ofB = new SimulatedStream(b, route.back, onWrite.b);
    ofA.peer = ofB;
    ofB.peer = ofA;
    for (const stream of [ofA, ofB]) {
      stream.place.machine.streams.add(stream);
      stream.place.process.own(stream);
    }
    return [ofA, ofB];
  }

  get isOpen(): boolean {
    return this.state === "open";
  }

  get other(): SimulatedStream {
    return this.peer;
  }

  get queuedBytes(): number {
    if (this.waitingBytes === 0) return 0;
    return this.waitingBytes + this.outbox.reduce((sum, bytes) => sum + bytes.length, 0);
  }

  /** Says who gets what has come and what comes. */
  attach(handlers: StreamHandlers): void {
    this.handlers = handlers;
    if (this.unread.length > 0) this.readOn();
  }

  write(bytes: Uint8Array): void {
    if (this.state !== "open" || bytes.length === 0) return;
    this.onWrite?.(bytes);
    this.outbox.push(Buffer.from(bytes));
    if (this.outbox.length === 1) this.time.atEndOfStep(() => this.flush());
  }

  pauseReading(paused: boolean): void {
    if (this.paused === paused) return;
    this.paused = paused;
    if (!paused && this.unread.length > 0) this.readOn();
  }

  destroy(): void {
    if (this.state !== "open") return;
    this.flush();
    this.close("closed");
    this.place.process.disown(this);
  }

  processEnded(kind: EndKind): void {
    if (this.state === "open") this.close(kind);
  }

  /** The connection breaks: this end hears of it at once. */
  reset(reason: string): void {
    if (this.state !== "open") return;
    this.leave("closed");
    this.place.process.disown(this);
    this.handlers?.onClose(reason);
  }

  /** The machine of this end went down without a word and is up again: it answers what it does not know with a reset. */
  machineIsBack(): void {
    if (this.state !== "vanished") return;
    this.place.machine.streams.delete(this);
    if (this.peer.unackedBytes > 0) this.resetPeer(this.route.random.between(0, RETRANSMIT_MAX_MS));
  }

  private get time() {
    return this.place.process.context.time;
  }

  private close(kind: EndKind): void {
    // Linux answers with a reset when there is something that was not read.
    const rude = this.unread.some((segment) => segment !== "end");
    this.leave(kind);
    if (kind === "vanished") return;
    if (rude) this.resetPeer(0);
    else this.transmit("end");
  }

  private leave(state: "closed" | "vanished"): void {
    this.state = state;
    this.outbox = [];
    this.waiting.length = 0;
    this.waitingBytes = 0;
    this.unread = [];
    // The kernel of a process that is gone sends on; that of a machine that is gone does not.
    if (state === "vanished") this.stuck = [];
    if (state === "closed") this.place.machine.streams.delete(this);
  }

  private resetPeer(afterMs: number): void {
    const { peer, route, time } = this;
    const atMs = time.nowMs + afterMs + route.delayMs();
    time.at(atMs, peer.place.process, () => peer.reset("ECONNRESET"));
  }

  private flush(): void {
    if (this.state !== "open" || this.outbox.length === 0) return;
    const bytes = this.outbox.length === 1 ? this.outbox : [Buffer.concat(this.outbox)];
    this.outbox = [];
    for (const block of bytes) {
      this.waiting.push(block);
      this.waitingBytes += block.length;
    }
    this.fillWindow();
  }

  private fillWindow(): void {
    while (this.state === "open" && this.unackedBytes < KERNEL_WINDOW_BYTES) {
      const block = this.waiting.shift();
      if (block === undefined) return;
      const room = KERNEL_WINDOW_BYTES - this.unackedBytes;
      const taken = block.length <= room ? block : block.subarray(0, room);
      if (taken !== block) this.waiting.unshift(block.subarray(room));
      this.waitingBytes -= taken.length;
      this.unackedBytes += taken.length;
      this.transmit(taken);
    }
  }

  private transmit(segment: Segment): void {
    const { route, peer } = this;
    if (peer.state === "vanished" && peer.place.machine.isUp) {
      peer.resetPeer(route.delayMs());
      return;
    }
    if (route.blocked || this.stuck.length > 0) {
      this.stuck.push(segment);
      if (this.stuck.length === 1) route.whenOpen(() => this.retransmitSoon());
      return;
    }
    if (segment !== "end" && segment.length > 1 && route.random.chance(SPLIT_CHANCE)) {
      const at = 1 + route.random.below(segment.length - 1);
      this.send(segment.subarray(0, at));
      this.send(segment.subarray(at));
    } else {
      this.send(segment);
    }
  }

  private send(segment: Segment): void {
    const { route, peer, time } = this;
    const bytes = segment === "end" ? 0 : segment.length;
    this.lastArrivalMs = Math.max(this.lastArrivalMs, time.nowMs + route.delayMs()) + bytes / route.bytesPerMs;
    time.at(this.lastArrivalMs, peer.place.process, () => peer.arrived(segment));
  }

  private retransmitSoon(): void {
    const { time, route } = this;
    time.at(time.nowMs + route.random.between(0, RETRANSMIT_MAX_MS), undefined, () => {
      const segments = this.stuck;
      this.stuck = [];
      for (const segment of segments) this.transmit(segment);
    });
  }

  private arrived(segment: Segment): void {
    if (this.state !== "open") return;
    if (this.paused || this.unread.length > 0 || this.handlers === undefined) this.unread.push(segment);
    else this.take(segment);
  }

  private readOn(): void {
    const { time } = this;
    time.at(time.nowMs, this.place.process, () => {
      while (this.state === "open" && !this.paused) {
        const segment = this.unread.shift();
        if (segment === undefined) return;
        this.take(segment);
      }
    });
  }

  private take(segment: Segment): void {
    const { handlers } = this;
    if (handlers === undefined) return;
    if (segment === "end") {
      this.leave("closed");
      this.place.process.disown(this);
      handlers.onClose("closed by the peer");
      return;
    }
    const length = Math.min(segment.length, READ_MAX_BYTES);
    if (length < segment.length) {
      this.unread.unshift(segment.subarray(length));
      if (this.unread.length === 1) this.readOn();
    }
    segment.copy(receiveBuffer, 0, 0, length);
    handlers.onData(receiveBuffer.subarray(0, length));
    this.peer.acknowledged(length, this.route);
  }

  /** `back`: the way that the acknowledgement takes. */
  private acknowledged(bytes: number, back: Route): void {
    if (this.state !== "open") return;
    if (back.blocked) {
      back.whenOpen(() => this.acknowledged(bytes, back));
      return;
    }
    this.unackedBytes -= bytes;
    if (this.waitingBytes === 0) return;
    const { time } = this;
    time.at(time.nowMs + back.delayMs(), this.place.process, () => {
      if (this.waitingBytes === 0 || this.state !== "open") return;
      this.fillWindow();
      if (this.waitingBytes === 0) this.handlers?.onDrain?.();
    });
  }
}
