// The daemon's end of the commit helper processes: as many as transactions run at a time, up to a limit. A process has one
// transaction at a time; a file goes to the process that has it open already, if that is idle.
//
// a helper:  idle --job--> busy --answer--> idle; busy --death--> its job fails, and the file is opened again elsewhere, which
//            repairs what a torn commit left
import type { RunningUpdate, UpdateHelperPort, UpdateJob, UpdateOutcome } from "../databases/update-helper-port.js";
import { FrameCutter } from "../platform/frame-cutter.js";
import type { ChildProcessHandle, Logger, ProcessRunner, Timer, Timers } from "../platform/ports.js";
import { decodeAnswer, encodeOrder } from "./frames.js";

/** Transactions of different databases that run at a time. */
export const COMMIT_HELPERS_MAX = 8;
/** A helper beyond the first one ends when it has had nothing to do for so long. */
const IDLE_MS_MAX = 60_000;
const NOTHING = new Uint8Array(0);

export interface CommitPoolModules {
  readonly processes: ProcessRunner;
  readonly timers: Timers;
  readonly logger: Logger;
}

export interface CommitPoolOptions {
  /** Program and first arguments that start ctdb-commitd; the pid is appended. */
  readonly program: string;
  readonly args: readonly string[];
  readonly ownPid: number;
}

interface Helper {
  readonly child: ChildProcessHandle;
  /** Paths that it has open. */
  readonly files: Set<string>;
  job: PoolJob | undefined;
  idleTimer: Timer | undefined;
}

interface PoolJob {
  readonly id: number;
  readonly update: UpdateJob;
  readonly done: (outcome: UpdateOutcome) => void;
  /** waiting (for a helper) -> running -> over */
  state: "waiting" | "running" | "over";
}

export class CommitPool implements UpdateHelperPort {
  private readonly helpers = new Set<Helper>();
  private readonly waiting: PoolJob[] = [];
  private lastId = 0;
  private stopped = false;

  constructor(
    private readonly modules: CommitPoolModules,
    private readonly options: CommitPoolOptions,
  ) {}

  /** Starts the first helper before there is anything to do, so that the first commit does not wait for it. */
  start(): void {
    this.spawn();
  }

  /** Ends the helpers; for an orderly shutdown. What runs is finished or undone, as the case may be. */
  stop(): void {
    this.stopped = true;
    for (const helper of this.helpers) helper.child.kill("SIGTERM");
  }

  /** Process ids of the helpers. */
  get pids(): number[] {
    return [...this.helpers].map((helper) => helper.child.pid);
  }

  run(update: UpdateJob, done: (outcome: UpdateOutcome) => void): RunningUpdate {
    const job = this.newJob(update, done);
    this.begin(job);
    return { abort: () => this.abort(job) };
  }

  private newJob(update: UpdateJob, done: (outcome: UpdateOutcome) => void): PoolJob {
    this.lastId = (this.lastId + 1) >>> 0;
    return { id: this.lastId, update, done, state: "waiting" };
  }

  private begin(job: PoolJob): void {
    const helper =
      this.idleHelper(job.update.path) ?? (this.helpers.size < COMMIT_HELPERS_MAX ? this.spawn() : undefined);
    if (helper === undefined) this.waiting.push(job);
    else this.give(helper, job);
  }

  private idleHelper(path: string): Helper | undefined {
    let found: Helper | undefined;
    for (const helper of this.helpers) {
      if (helper.job !== undefined) continue;
      if (helper.files.has(path)) return helper;
      found ??= helper;
    }
    return found;
  }

  private give(helper: Helper, job: PoolJob): void {
    const { path, tdbFlags, records } = job.update;
    job.state = "running";
    helper.job = job;
    helper.idleTimer?.cancel();
    helper.idleTimer = undefined;
    helper.files.add(path);
    helper.child.write(encodeOrder(job.id, tdbFlags, path, records));
  }

  private abort(job: PoolJob): void {
    const { state } = job;
    job.state = "over";
    if (state === "waiting") {
      this.waiting.splice(this.waiting.indexOf(job), 1);
      return;
    }
    if (state !== "running") return;
    for (const helper of this.helpers) if (helper.job === job) helper.child.kill("SIGKILL");
  }

  private spawn(): Helper {
    const { program, args, ownPid } = this.options;
    const cutter = new FrameCutter((frame) => this.answered(helper, frame));
    const child = this.modules.processes.spawn(
      program,
      [...args, String(ownPid)],
      { title: "ctdb-commitd" },
      {
        onStdout: (bytes) => cutter.push(bytes),
        onExit: (code, signal) => this.ended(helper, signal ?? `status ${code}`),
      },
    );
    const helper: Helper = { child, files: new Set(), job: undefined, idleTimer: undefined };
    this.helpers.add(helper);
    return helper;
  }

  private answered(helper: Helper, frame: Buffer): void {
    const answer = decodeAnswer(frame);
    const { job } = helper;
    // A job that was aborted has its helper killed, which gets nothing to do any more.
    if (job === undefined || job.id !== answer.job || job.state === "over") return;
    helper.job = undefined;
    const next = this.waiting.shift();
    if (next !== undefined) this.give(helper, next);
    else this.rest(helper);
    job.state = "over";
    job.done(answer.ok ? { ok: true } : { ok: false, reason: answer.reason });
  }

  private rest(helper: Helper): void {
    helper.idleTimer = this.modules.timers.after(IDLE_MS_MAX, () => {
      if (helper.job !== undefined || this.helpers.size === 1) return;
      this.helpers.delete(helper);
      helper.child.kill("SIGTERM");
    });
  }

  private ended(helper: Helper, reason: string): void {
    this.helpers.delete(helper);
    helper.idleTimer?.cancel();
    const { job } = helper;
    helper.job = undefined;
    if (this.stopped) return;
    if (job !== undefined) {
      this.modules.logger.error(
        `ctdb-commitd (pid ${helper.child.pid}) ended with ${reason} in a commit to ${job.update.path}`,
      );
      this.repair(job.update);
      const { state } = job;
      job.state = "over";
      if (state === "running") job.done({ ok: false, reason: `ctdb-commitd ended with ${reason}` });
    }
    const next = this.waiting.shift();
    if (next !== undefined) this.begin(next);
  }

  /** Another helper opens and locks the file: libtdb completes or undoes what is half written before anybody else has to. */
  private repair({ path, tdbFlags, records }: UpdateJob): void {
    // Once: what ends this helper, too, would go on for ever.
    if (records.length === 0) return;
    const job = this.newJob({ path, tdbFlags, records: NOTHING }, (outcome) => {
      if (!outcome.ok) this.modules.logger.error(`${path} after the end of its commit helper: ${outcome.reason}`);
    });
    this.begin(job);
  }
}
