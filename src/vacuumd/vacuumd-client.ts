// The daemon's end of ctdb-vacuumd: starts it, starts it again when it dies, and speaks its frames.
import { FrameCutter } from "../platform/frame-cutter.js";
import type { ChildProcessHandle, Clock, Logger, ProcessRunner, Timers } from "../platform/ports.js";
import type { RunEvents, RunOrder, RunOutcome, VacuumWorker, WorkerRun } from "../vacuum/vacuum-worker.js";
import { decodeFrame, decodeOutcome, decodePlaces, encodeFrame, encodeJson, FromVacuumd, ToVacuumd } from "./frames.js";

export interface VacuumdModules {
  readonly processes: ProcessRunner;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

export interface VacuumdOptions {
  /** Program and arguments that start ctdb-vacuumd. */
  readonly program: string;
  readonly args: readonly string[];
}

/** One that lived longer than this is started again at once. */
const STABLE_MS = 5000;
const FIRST_RESTART_MS = 100;
const RESTART_MS_MAX = 10_000;

interface ActiveRun {
  readonly events: RunEvents;
  readonly child: ChildProcessHandle;
  /** Places in the last batch are still to come. */
  batchOut: boolean;
}

export class VacuumdClient implements VacuumWorker {
  private child: ChildProcessHandle | undefined;
  private readonly runs = new Map<number, ActiveRun>();
  private lastRun = 0;
  private startedMs = 0;
  private restartMs = 0;
  private stopped = false;

  constructor(
    private readonly modules: VacuumdModules,
    private readonly options: VacuumdOptions,
  ) {}

  /** To be called when the daemon serves clients: the process is one. */
  start(): void {
    if (this.stopped) return;
    const { processes, clock } = this.modules;
    this.startedMs = clock.now();
    const cutter = new FrameCutter((frame) => this.received(frame));
    const child = processes.spawn(
      this.options.program,
      this.options.args,
      { title: "ctdb-vacuumd" },
      {
        onStdout: (bytes) => cutter.push(bytes),
        onExit: (code, signal) => this.ended(child, signal ?? `status ${code}`),
      },
    );
    this.child = child;
  }

  /** Ends it; for an orderly shutdown. */
  stop(): void {
    this.stopped = true;
    this.child?.kill("SIGTERM");
  }

  begin(order: RunOrder, events: RunEvents): WorkerRun {
    const { child } = this;
    const id = ++this.lastRun;
    if (child === undefined) {
      this.modules.timers.nextTurn(() => events.ended(failure("ctdb-vacuumd is being started")));
      return { abort() {}, enforceAbort() {} };
    }
    this.runs.set(id, { events, child, batchOut: false });
    child.write(encodeFrame(ToVacuumd.RUN, id, encodeJson(order)));
    return {
      abort: () => {
        if (this.runs.has(id)) child.write(encodeFrame(ToVacuumd.ABORT, id));
      },
      enforceAbort: () => {
        if (!this.runs.has(id)) return;
        this.modules.logger.notice(`ctdb-vacuumd (pid ${child.pid}) did not stop its run in time and is killed`);
        child.kill("SIGKILL");
      },
    };
  }

  private received(bytes: Buffer): void {
    const { type, run: id, payload } = decodeFrame(bytes);
    const run = this.runs.get(id);
    if (run === undefined) return;
    switch (type) {
      case FromVacuumd.NEXT: {
        if (run.batchOut) run.events.batchDone(decodePlaces(payload));
        const batch = run.events.nextBatch();
        run.batchOut = batch !== undefined;
        run.child.write(encodeFrame(ToVacuumd.BATCH, id, batch));
        return;
      }
      case FromVacuumd.REMEMBER:
        run.events.remember(payload);
        return;
      case FromVacuumd.ENDED:
        this.runs.delete(id);
        run.events.ended(decodeOutcome(payload));
        return;
      default:
        this.modules.logger.error(`ctdb-vacuumd sent an unknown frame ${type}`);
    }
  }

  private ended(child: ChildProcessHandle, how: string): void {
    if (this.child !== child) return;
    this.child = undefined;
    if (this.stopped) return;
    const { clock, timers, logger } = this.modules;
    logger.error(`ctdb-vacuumd (pid ${child.pid}) ended with ${how}; it is started again`);
    const lived = clock.now() - this.startedMs;
    this.restartMs = lived > STABLE_MS ? 0 : Math.min(RESTART_MS_MAX, Math.max(FIRST_RESTART_MS, 2 * this.restartMs));
    timers.after(this.restartMs, () => this.start());
    const runs = [...this.runs.values()];
    this.runs.clear();
    for (const { events } of runs) events.ended(failure(`ctdb-vacuumd ended with ${how}`));
  }
}

function failure(reason: string): RunOutcome {
  return { status: "failed", reason, deleted: 0, handedOver: 0, kept: 0 };
}
