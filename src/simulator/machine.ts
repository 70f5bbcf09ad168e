// A simulated machine: its processes, its unix sockets, its end of the network, and its power switch.
import type { ClientTransport } from "../client/transport.js";
import type { LocalServerPort, StreamConnection, StreamHandlers } from "../platform/ports.js";
import type { SeededRandom } from "./seeded-random.js";
import { type ProcessContext, type ProcessResource, SimulatedProcess } from "./simulated-process.js";
import { type Route, SimulatedStream } from "./simulated-stream.js";

/** A unix socket: a wake-up of the other process. */
const LOCAL_DELAY_MIN_MS = 0.01;
const LOCAL_DELAY_JITTER_MS = 0.03;
/** Pids of a machine: FIRST + machine * STRIDE + n. No two processes of a world have the same. */
const PID_FIRST = 1000;
const PID_STRIDE = 1_000_000;

interface LocalListener {
  readonly process: SimulatedProcess;
  readonly onConnection: (connection: StreamConnection, peerPid: number) => StreamHandlers;
  accepting: boolean;
  readonly backlog: Array<() => void>;
}

/** Whole packets on unix sockets, for the trace. */
export type LocalPacketObserver = (
  machine: Machine,
  clientName: string,
  fromClient: boolean,
  packet: Uint8Array,
) => void;

export class Machine {
  isUp = true;
  readonly streams = new Set<SimulatedStream>();
  readonly processes = new Map<number, SimulatedProcess>();
  private readonly localListeners = new Map<string, LocalListener>();
  private readonly localRoute: Route;
  private nextPid: number;
  private pausedUntilMs = 0;
  private kernelNow: SimulatedProcess;

  constructor(
    readonly context: ProcessContext,
    readonly index: number,
    readonly address: string,
    readonly random: SeededRandom,
    private readonly onLocalPacket: LocalPacketObserver,
  ) {
    this.nextPid = PID_FIRST + index * PID_STRIDE;
    this.localRoute = new LocalRoute(random.stream(`local ${index}`));
    this.kernelNow = this.spawn("kernel");
  }

  /** What the machine does beside its processes; stands still and ends with it. */
  get kernel(): SimulatedProcess {
    return this.kernelNow;
  }

  get name(): string {
    return `n${this.index}`;
  }

  /** A new process; `title` is the second word of its name in the trace. Throws when the machine is down. */
  spawn(title: string): SimulatedProcess {
    if (!this.isUp) throw new Error(`${this.name} is down`);
    const process = new SimulatedProcess(this.context, `${this.name} ${title}`, this.newPid());
    process.busyUntilMs = this.pausedUntilMs;
    this.processes.set(process.pid, process);
    process.onEnd(() => this.processes.delete(process.pid));
    return process;
  }

  /** A process id that was never used in this world. */
  newPid(): number {
    return this.nextPid++;
  }

  /**
   * All processes end at once. `silent`: as when the power fails, nobody is told; else the other ends of the connections are.
   * What the disks keep is up to them.
   */
  crash(silent: boolean): void {
    if (!this.isUp) return;
    this.isUp = false;
    this.pausedUntilMs = 0;
    const kind = silent ? "vanished" : "closed";
    for (const process of [...this.processes.values()]) process.end({ code: null, signal: "power" }, kind);
  }

  boot(): void {
    if (this.isUp) return;
    this.isUp = true;
    this.kernelNow = this.spawn("kernel");
    for (const stream of [...this.streams]) stream.machineIsBack();
  }

  /** All its processes stand still. */
  pause(durationMs: number): void {
    this.pausedUntilMs = Math.max(this.pausedUntilMs, this.context.time.nowMs + durationMs);
    for (const process of this.processes.values()) process.pause(durationMs);
  }

  /** Unix sockets on which `process` listens. */
  localServerOf(process: SimulatedProcess): LocalServerPort {
    return {
      listen: async (path, onConnection) => {
        const listener: LocalListener = { process, onConnection, accepting: false, backlog: [] };
        if (this.localListeners.has(path)) throw new Error(`EADDRINUSE ${path}`);
        this.localListeners.set(path, listener);
        const resource: ProcessResource = { processEnded: () => void this.localListeners.delete(path) };
        process.own(resource);
        return {
          startAccepting: () => {
            listener.accepting = true;
            for (const accept of listener.backlog.splice(0)) accept();
          },
          close: () => {
            process.disown(resource);
            this.localListeners.delete(path);
          },
        };
      },
    };
  }

  /** The way of `process` to the unix socket at `path`. */
  transportOf(process: SimulatedProcess, path: string): ClientTransport {
    return {
      target: path,
      connect: (handlers, signal) => this.connectLocally(process, path, handlers, signal),
    };
  }

  private connectLocally(
    process: SimulatedProcess,
    path: string,
    handlers: StreamHandlers,
    signal: AbortSignal | undefined,
  ): Promise<StreamConnection> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const listener = this.localListeners.get(path);
      if (listener === undefined) {
        reject(new Error(`connect ECONNREFUSED ${path}`));
        return;
      }
      const place = { process, machine: this };
      const [near, far] = SimulatedStream.pair(place, { process: listener.process, machine: this }, this.localRoute, {
        a: (bytes) => this.onLocalPacket(this, process.name, true, bytes),
        b: (bytes) => this.onLocalPacket(this, process.name, false, bytes),
      });
      const { time } = this.context;
      const accept = (): void => {
        time.at(time.nowMs, listener.process, () => {
          if (far.isOpen) far.attach(listener.onConnection(far, process.pid));
        });
      };
      if (listener.accepting) accept();
      else listener.backlog.push(accept);
      near.attach(handlers);
      resolve(near);
    });
  }
}

class LocalRoute implements Route {
  readonly back = this;
  readonly blocked = false;
  readonly bytesPerMs = 2_000_000;

  constructor(readonly random: SeededRandom) {}

  delayMs(): number {
    return LOCAL_DELAY_MIN_MS + LOCAL_DELAY_JITTER_MS * this.random.fraction();
  }

  whenOpen(callback: () => void): void {
    callback();
  }
}
