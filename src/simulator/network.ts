// The network between the simulated machines: the TcpPort of each process, and what scenarios do to links.
//
//   connect: SYN --link--> machine down or link blocked: sent again, later and later; no listener: refused; else accepted
import type { StreamConnection, StreamHandlers, TcpEndpoint, TcpPort } from "../platform/ports.js";
import type { Machine } from "./machine.js";
import type { SeededRandom } from "./seeded-random.js";
import type { ProcessResource, SimulatedProcess } from "./simulated-process.js";
import { type Route, SimulatedStream } from "./simulated-stream.js";
import type { Trace } from "./trace.js";
import type { VirtualTime } from "./virtual-time.js";

/** How long a segment takes: `minMs` and up to `jitterMs` more; a few take `spikeMs` more than that. */
export interface LinkSpeed {
  readonly minMs: number;
  readonly jitterMs: number;
  /** Share of the segments that are held up, 0 .. 1. */
  readonly spikeChance: number;
  readonly spikeMs: number;
  readonly bytesPerMs: number;
}

/** A switched network of one gigabyte a second. */
const LINK_SPEED: LinkSpeed = { minMs: 0.05, jitterMs: 0.15, spikeChance: 0.01, spikeMs: 2, bytesPerMs: 1_000_000 };

const SYN_RETRY_FIRST_MS = 1000;
const SYN_RETRIES_MAX = 6;

/** One direction between two machines. */
export class Link implements Route {
  private isBlocked = false;
  private opposite: Link | undefined;
  private speed: LinkSpeed;
  private waiting: Array<() => void> = [];

  constructor(
    readonly from: number,
    readonly to: number,
    readonly random: SeededRandom,
    private readonly normal: LinkSpeed,
  ) {
    this.speed = normal;
  }

  static pair(a: number, b: number, random: SeededRandom, speed: LinkSpeed): [Link, Link] {
    const there = new Link(a, b, random.stream(`link ${a} ${b}`), speed);
    const back = new Link(b, a, random.stream(`link ${b} ${a}`), speed);
    there.opposite = back;
    back.opposite = there;
    return [there, back];
  }

  get back(): Link {
    return this.opposite ?? this;
  }

  get blocked(): boolean {
    return this.isBlocked;
  }

  get bytesPerMs(): number {
    return this.speed.bytesPerMs;
  }

  delayMs(): number {
    const { minMs, jitterMs, spikeChance, spikeMs } = this.speed;
    const ms = minMs + jitterMs * this.random.fraction();
    return this.random.chance(spikeChance) ? ms + spikeMs * this.random.fraction() : ms;
  }

  whenOpen(callback: () => void): void {
    if (this.isBlocked) this.waiting.push(callback);
    else callback();
  }

  block(): void {
    this.isBlocked = true;
  }

  unblock(): void {
    this.isBlocked = false;
    const { waiting } = this;
    this.waiting = [];
    for (const callback of waiting) callback();
  }

  /** undefined: as it was in the beginning. */
  setSpeed(speed: Partial<LinkSpeed> | undefined): void {
    this.speed = { ...this.normal, ...speed };
  }
}

interface Listener {
  readonly process: SimulatedProcess;
  readonly onConnection: (connection: StreamConnection, remoteAddress: string) => StreamHandlers | undefined;
}

export interface NetworkModules {
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly random: SeededRandom;
  /** A whole packet was written to a connection between two machines. */
  packetSent(from: number, to: number, packet: Uint8Array): void;
}

export class Network {
  private readonly machines = new Map<string, Machine>();
  private readonly byIndex: Machine[] = [];
  private readonly links = new Map<number, Link>();
  private readonly listeners = new Map<string, Listener>();
  private readonly speed: LinkSpeed;

  constructor(
    private readonly modules: NetworkModules,
    speed: Partial<LinkSpeed>,
  ) {
    this.speed = { ...LINK_SPEED, ...speed };
  }

  add(machine: Machine): void {
    this.machines.set(machine.address, machine);
    this.byIndex[machine.index] = machine;
  }

  /** The direction from one machine to another. */
  link(from: number, to: number): Link {
    const existing = this.links.get(linkKey(from, to));
    if (existing !== undefined) return existing;
    const [there, back] = Link.pair(from, to, this.modules.random, this.speed);
    this.links.set(linkKey(from, to), there);
    this.links.set(linkKey(to, from), back);
    return there;
  }

  // ------------------------------------------------------------------ what scenarios do

  /** Only machines of the same group reach each other; those that are in no group are one more. */
  partition(...groups: readonly (readonly number[])[]): void {
    this.modules.trace.add("fault", "", `partition ${groups.map((group) => group.join(",")).join(" | ")}`);
    const groupOf = (machine: number): number => groups.findIndex((group) => group.includes(machine));
    this.eachPair((from, to) => {
      if (groupOf(from) !== groupOf(to)) this.link(from, to).block();
    });
  }

  /** Nothing gets from `from` to `to`; the other direction is as it was. */
  block(from: number, to: number): void {
    this.modules.trace.add("fault", "", `nothing gets from ${from} to ${to}`);
    this.link(from, to).block();
  }

  unblock(from: number, to: number): void {
    this.modules.trace.add("fault", "", `all gets from ${from} to ${to} again`);
    this.link(from, to).unblock();
  }

  /** All links are open and of normal speed. */
  heal(): void {
    this.modules.trace.add("fault", "", "network healed");
    this.eachPair((from, to) => {
      const link = this.link(from, to);
      link.setSpeed(undefined);
      if (link.blocked) link.unblock();
    });
  }

  /** Changes one direction; undefined: back to normal. */
  setSpeed(from: number, to: number, speed: Partial<LinkSpeed> | undefined): void {
    this.modules.trace.add("fault", "", `link ${from} to ${to}: ${JSON.stringify(speed ?? "normal")}`);
    this.link(from, to).setSpeed(speed);
  }

  /** All connections between two machines break; both sides hear of it. */
  resetConnections(a: number, b: number): void {
    this.modules.trace.add("fault", "", `connections between ${a} and ${b} break`);
    const [machineA, machineB] = [this.byIndex[a], this.byIndex[b]];
    const { time } = this.modules;
    for (const stream of [...(machineA?.streams ?? [])]) {
      if (stream.other.place.machine !== machineB) continue;
      for (const end of [stream, stream.other]) {
        time.at(time.nowMs, end.place.process, () => end.reset("ECONNRESET"));
      }
    }
  }

  // ------------------------------------------------------------------ ports

  /** TCP as `process` on `machine` sees it. */
  portOf(process: SimulatedProcess, machine: Machine): TcpPort {
    return {
      listen: async (endpoint, onConnection) => this.listen(process, machine, endpoint, onConnection),
      connect: (from, to, handlers, onConnected, onFailed) => {
        if (from !== machine.address) throw new Error(`${from} is not an address of ${machine.name}`);
        const attempt = new ConnectAttempt(this.modules, this, process, machine, to, handlers, onConnected, onFailed);
        attempt.begin();
        return { cancel: () => attempt.cancel() };
      },
    };
  }

  machineAt(address: string): Machine | undefined {
    return this.machines.get(address);
  }

  listenerAt(endpoint: TcpEndpoint): Listener | undefined {
    return this.listeners.get(endpointKey(endpoint));
  }

  private listen(
    process: SimulatedProcess,
    machine: Machine,
    endpoint: TcpEndpoint,
    onConnection: Listener["onConnection"],
  ): { close(): void } {
    const key = endpointKey(endpoint);
    if (endpoint.address !== machine.address) throw new Error(`EADDRNOTAVAIL ${key}`);
    if (this.listeners.has(key)) throw new Error(`EADDRINUSE ${key}`);
    this.listeners.set(key, { process, onConnection });
    const resource: ProcessResource = {
      processEnded: () => void this.listeners.delete(key),
    };
    process.own(resource);
    return {
      close: () => {
        process.disown(resource);
        this.listeners.delete(key);
      },
    };
  }

  private eachPair(callback: (from: number, to: number) => void): void {
    for (const from of this.byIndex) {
      for (const to of this.byIndex) if (from !== to) callback(from.index, to.index);
    }
  }
}

function endpointKey(endpoint: TcpEndpoint): string {
  return `${endpoint.address}:${endpoint.port}`;
}

/** Machines have numbers below this. */
const MACHINES_MAX = 65_536;

function linkKey(from: number, to: number): number {
  return from * MACHINES_MAX + to;
}

class ConnectAttempt {
  private over = false;
  private tries = 0;

  constructor(
    private readonly modules: NetworkModules,
    private readonly network: Network,
    private readonly process: SimulatedProcess,
    private readonly machine: Machine,
    private readonly to: TcpEndpoint,
    private readonly handlers: StreamHandlers,
    private readonly onConnected: (connection: StreamConnection) => void,
    private readonly onFailed: (reason: string) => void,
  ) {}

  begin(): void {
    const { time } = this.modules;
    const target = this.network.machineAt(this.to.address);
    if (target === undefined) {
      this.tryLater();
      return;
    }
    const link = this.network.link(this.machine.index, target.index);
    if (link.blocked || link.back.blocked) {
      this.tryLater();
      return;
    }
    time.at(time.nowMs + link.delayMs(), undefined, () => this.synArrives(target, link));
  }

  cancel(): void {
    this.over = true;
  }

  private fail(afterMs: number, reason: string): void {
    const { time } = this.modules;
    time.at(time.nowMs + afterMs, this.process, () => {
      if (this.over) return;
      this.over = true;
      this.onFailed(reason);
    });
  }

  private tryLater(): void {
    const { time } = this.modules;
    const pauseMs = SYN_RETRY_FIRST_MS * 2 ** this.tries;
    if (++this.tries > SYN_RETRIES_MAX) {
      this.fail(pauseMs, "ETIMEDOUT");
      return;
    }
    time.at(time.nowMs + pauseMs, undefined, () => {
      if (!this.over && this.process.alive) this.begin();
    });
  }

  private synArrives(target: Machine, link: Link): void {
    if (this.over || !this.process.alive) return;
    if (!target.isUp) {
      this.tryLater();
      return;
    }
    const listener = this.network.listenerAt(this.to);
    if (listener === undefined) {
      this.fail(link.back.delayMs(), "ECONNREFUSED");
      return;
    }
    const { time, trace } = this.modules;
    const [near, far] = SimulatedStream.pair(
      { process: this.process, machine: this.machine },
      { process: listener.process, machine: target },
      link,
      {
        a: (bytes) => this.modules.packetSent(link.from, link.to, bytes),
        b: (bytes) => this.modules.packetSent(link.to, link.from, bytes),
      },
    );
    trace.add("link", "", `connection n${link.from}>n${link.to}`);
    time.at(time.nowMs, listener.process, () => {
      if (!far.isOpen) return;
      const handlers = listener.onConnection(far, this.machine.address);
      if (handlers === undefined) far.destroy();
      else far.attach(handlers);
    });
    time.at(time.nowMs + link.back.delayMs(), this.process, () => {
      if (this.over) {
        near.destroy();
        return;
      }
      this.over = true;
      this.onConnected(near);
      near.attach(this.handlers);
    });
  }
}
