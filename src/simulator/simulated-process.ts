// A process of a simulated machine: its clock, timers and log, what the kernel holds for it, and its death. Everything that a daemon,
// a cluster manager or a client does is an event of its process, so a dead one does nothing and a stopped one does it later.
//
//   running --stop--> stopped --go on--> running          any --end, machine crashes--> dead
import { LevelLogger } from "../platform/level-logger.js";
import type { BaseModules, Clock, Timers } from "../platform/ports.js";
import type { SeededRandom } from "./seeded-random.js";
import type { Trace } from "./trace.js";
import type { EventOwner, VirtualTime } from "./virtual-time.js";

/** The true time when a world begins: 2026-01-01. */
const WALL_START_MS = 1_767_225_600_000;
/** What a look at the clock costs: code that works for a few milliseconds and then pauses has to see time pass. */
const CLOCK_READ_MS = 0.0005;

/** How a process ended: the kernel closes its connections, or the machine went with it and nobody is told. */
export type EndKind = "closed" | "vanished";

/** Something that the kernel holds for a process: a connection, a listener, the locks of its files, a child. */
export interface ProcessResource {
  processEnded(kind: EndKind): void;
}

export interface ProcessContext {
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly random: SeededRandom;
  /** Level of the log lines that go into the trace. */
  readonly logLevel: number;
  /** What the wall clock of the machine is ahead of the true time; default 0. */
  readonly wallErrorMs?: number;
  /** A process threw what it did not catch. */
  uncaught(process: SimulatedProcess, error: unknown): void;
}

export interface ProcessStatus {
  readonly code: number | null;
  readonly signal: string | null;
}

export class SimulatedProcess implements EventOwner {
  readonly modules: BaseModules;
  alive = true;
  busyUntilMs = 0;
  /** What each event of it costs: a slow machine, or a busy one. */
  eventCostMs = 0;
  private lastReadingMs = 0;
  private readonly resources = new Set<ProcessResource>();
  private readonly endListeners: Array<(status: ProcessStatus) => void> = [];

  constructor(
    readonly context: ProcessContext,
    /** Short name in traces: "n0 ctdbd". */
    readonly name: string,
    readonly pid: number,
  ) {
    const { time, trace, random, logLevel, wallErrorMs = 0 } = context;
    const clock: Clock = {
      now: () => this.readClock(),
      wall: () => WALL_START_MS + wallErrorMs + this.readClock(),
    };
    const timers: Timers = {
      after: (delayMs, callback) => {
        // From what the process took for the time: a timer never fires before its reading of the clock has reached it.
        const fromMs = Math.max(time.nowMs, this.lastReadingMs);
        return time.at(fromMs + Math.max(delayMs, 0), this, callback);
      },
      nextTurn: (callback) => void time.at(time.nowMs, this, callback),
    };
    const logger = new TraceLogger(logLevel, (text) => trace.add("log", name, text));
    this.modules = { clock, timers, random: random.stream(`process ${pid}`), logger };
    trace.add("process", name, `begins, pid ${pid}`);
  }

  /** SIGSTOP, and SIGCONT after `durationMs`: nothing of it runs; what comes for it waits. */
  pause(durationMs: number): void {
    const { time, trace } = this.context;
    if (!this.alive) return;
    trace.add("fault", this.name, `stopped for ${durationMs} ms`);
    this.busyUntilMs = Math.max(this.busyUntilMs, time.nowMs + durationMs);
  }

  /** Ends at once: `exit`, or a signal from outside. Its connections are closed, its locks are free. */
  end(status: ProcessStatus, kind: EndKind = "closed"): void {
    if (!this.alive) return;
    this.alive = false;
    const { time, trace } = this.context;
    trace.add("process", this.name, `ends, ${status.signal ?? `status ${status.code}`}`);
    time.forget(this);
    for (const resource of [...this.resources]) resource.processEnded(kind);
    this.resources.clear();
    for (const listener of this.endListeners) listener(status);
  }

  onEnd(listener: (status: ProcessStatus) => void): void {
    this.endListeners.push(listener);
  }

  /** The kernel ends `resource` when the process ends. */
  own(resource: ProcessResource): void {
    if (!this.alive) resource.processEnded("closed");
    else this.resources.add(resource);
  }

  disown(resource: ProcessResource): void {
    this.resources.delete(resource);
  }

  ran(): void {
    if (this.eventCostMs > 0) {
      this.busyUntilMs = Math.max(this.busyUntilMs, this.context.time.nowMs + this.eventCostMs);
    }
  }

  failed(error: unknown): void {
    this.context.uncaught(this, error);
    this.end({ code: 1, signal: null });
  }

  private readClock(): number {
    this.lastReadingMs = Math.max(this.context.time.nowMs, this.lastReadingMs + CLOCK_READ_MS);
    return this.lastReadingMs;
  }
}

/** Log lines as lines of the trace. */
class TraceLogger extends LevelLogger {
  constructor(
    level: number,
    private readonly writeLine: (text: string) => void,
  ) {
    super(level);
  }

  protected override write(_level: number, text: string): void {
    this.writeLine(text);
  }
}
