// The processes that hold the locks of frozen databases, one a database. A process that gave its lock back is kept for the next
// freeze, and there is one from the beginning.
import type { HeldDatabase, HeldDatabaseEvents } from "../locks/lock-helper-port.js";
import type { ChildProcessHandle, Logger, ProcessRunner, Timers } from "../platform/ports.js";
import { encodeFrame, Frame, FrameReader } from "./frames.js";

export interface HolderPoolModules {
  readonly processes: ProcessRunner;
  readonly timers: Timers;
  readonly logger: Logger;
}

export interface HolderPoolOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly ownPid: number;
}

/** Processes that are kept though they hold nothing. */
const IDLE_HOLDERS_MAX = 2;
/** There are always so many: under load a process takes seconds to start, and a freeze would wait for that. */
const HOLDERS_MIN = 1;
/** Between a process' end and the start of a new spare one. */
const SPARE_AFTER_MS = 1000;
/** So often a wait is started again in a new process when the process dies before it has the lock. */
const DEATHS_MAX = 3;

interface Holder {
  readonly child: ChildProcessHandle;
  job: HoldJob | undefined;
}

class HoldJob implements HeldDatabase {
  /** waiting -> held -> releasing; "over" after the last callback. */
  state: "waiting" | "held" | "releasing" | "over" = "waiting";
  holder: Holder | undefined;
  deaths = 0;

  constructor(
    readonly id: number,
    readonly path: string,
    readonly tdbFlags: number,
    readonly events: HeldDatabaseEvents,
    private readonly onRelease: (job: HoldJob) => void,
  ) {}

  release(): void {
    this.onRelease(this);
  }
}

export class HolderPool {
  private readonly idle: Holder[] = [];
  private readonly all = new Set<Holder>();
  private lastId = 0;
  private stopped = false;

  constructor(
    private readonly modules: HolderPoolModules,
    private readonly options: HolderPoolOptions,
  ) {}

  hold(path: string, tdbFlags: number, events: HeldDatabaseEvents): HeldDatabase {
    this.lastId = (this.lastId + 1) >>> 0;
    const job = new HoldJob(this.lastId, path, tdbFlags, events, (released) => this.release(released));
    this.begin(job);
    return job;
  }

  /** Starts the process that the first freeze will need. */
  start(): void {
    while (!this.stopped && this.all.size < HOLDERS_MIN) this.idle.push(this.spawn());
  }

  stop(): void {
    this.stopped = true;
    for (const holder of this.all) holder.child.kill("SIGTERM");
  }

  private begin(job: HoldJob): void {
    const holder = this.idle.pop() ?? this.spawn();
    holder.job = job;
    job.holder = holder;
    holder.child.write(encodeFrame(Frame.HOLD, job.id, job.tdbFlags, 0, job.path));
  }

  private release(job: HoldJob): void {
    const { holder } = job;
    if (holder === undefined || job.state === "over" || job.state === "releasing") return;
    if (job.state === "held") {
      job.state = "releasing";
      holder.child.write(encodeFrame(Frame.RELEASE, job.id));
      return;
    }
    // Blocked in the kernel, where no message reaches it. What it had by then, the kernel gives back.
    job.state = "over";
    holder.job = undefined;
    holder.child.kill("SIGTERM");
  }

  private spawn(): Holder {
    const { program, args, ownPid } = this.options;
    const reader = new FrameReader((type, id, _b, _c, payload) => this.onFrame(holder, type, id, payload));
    const child = this.modules.processes.spawn(
      program,
      [...args, "hold", String(ownPid)],
      { title: "ctdb-lockd" },
      {
        onStdout: (bytes) => reader.push(bytes),
        onExit: (code, signal) => this.onExit(holder, signal ?? `status ${code}`),
      },
    );
    const holder: Holder = { child, job: undefined };
    this.all.add(holder);
    return holder;
  }

  private onFrame(holder: Holder, type: number, id: number, payload: string): void {
    const { job } = holder;
    if (job === undefined || job.id !== id) return;
    if (type === Frame.GRANTED && job.state === "waiting") {
      job.state = "held";
      job.events.onHeld();
    } else if (type === Frame.FAILED) {
      this.becomeIdle(holder, job);
      job.events.onFailed(payload);
    } else if (type === Frame.RELEASED) {
      this.becomeIdle(holder, job);
    }
  }

  private becomeIdle(holder: Holder, job: HoldJob): void {
    job.state = "over";
    holder.job = undefined;
    if (this.idle.length < IDLE_HOLDERS_MAX) this.idle.push(holder);
    else holder.child.kill("SIGTERM");
  }

  private onExit(holder: Holder, reason: string): void {
    this.all.delete(holder);
    const place = this.idle.indexOf(holder);
    if (place >= 0) this.idle.splice(place, 1);
    if (this.all.size < HOLDERS_MIN) this.modules.timers.after(SPARE_AFTER_MS, () => this.start());
    const { job } = holder;
    holder.job = undefined;
    if (job === undefined || this.stopped) return;
    const { state } = job;
    if (state === "waiting" && ++job.deaths < DEATHS_MAX) {
      this.modules.logger.warning(`ctdb-lockd for ${job.path} ended with ${reason}; started again`);
      this.begin(job);
      return;
    }
    job.state = "over";
    if (state === "waiting") job.events.onFailed(`ctdb-lockd ended with ${reason}`);
    if (state === "held") job.events.onLost(`ctdb-lockd ended with ${reason}`);
  }
}
