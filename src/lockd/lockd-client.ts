// The daemon's end of the lock helper processes: starts them, starts them again when they die, and speaks their frames.
import type {
  HeldDatabase,
  HeldDatabaseEvents,
  LockHelperEvents,
  LockHelperPort,
  LockHolder,
} from "../locks/lock-helper-port.js";
import type { ChildProcessHandle, Clock, Logger, ProcessRunner, Timers } from "../platform/ports.js";
import { encodeFrame, Frame, FrameReader } from "./frames.js";
import { HolderPool } from "./holder-pool.js";

export interface LockdModules {
  readonly processes: ProcessRunner;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

export interface LockdOptions {
  /** Program and first arguments that start ctdb-lockd; "wait PID" or "hold PID" is appended. */
  readonly program: string;
  readonly args: readonly string[];
  /** Pid of this process. */
  readonly ownPid: number;
}

/** libuv's pool: one thread a blocked wait, and a few. */
const POOL_THREADS = 256;
/** A helper that lived longer than this is started again at once. */
const STABLE_MS = 5000;
const FIRST_RESTART_MS = 50;
const RESTART_MS_MAX = 5000;

export class LockdClient implements LockHelperPort {
  private events: LockHelperEvents | undefined;
  private child: ChildProcessHandle | undefined;
  /** Frames for a helper that is being started again. */
  private unsent: Buffer[] = [];
  private startedMs = 0;
  private restartMs = 0;
  private stopped = false;
  private lastQuery = 0;
  private readonly queries = new Map<number, (holders: readonly LockHolder[]) => void>();
  private readonly holders: HolderPool;

  constructor(
    private readonly modules: LockdModules,
    private readonly options: LockdOptions,
  ) {
    this.holders = new HolderPool(modules, options);
  }

  /** Pid of the waiting helper, 0 while there is none. */
  get pid(): number {
    return this.child?.pid ?? 0;
  }

  start(events: LockHelperEvents): void {
    this.events = events;
    this.startChild();
    this.holders.start();
  }

  /** Ends the helpers; for an orderly shutdown. */
  stop(): void {
    this.stopped = true;
    this.child?.kill("SIGTERM");
    this.child = undefined;
    this.holders.stop();
  }

  openDatabase(db: number, path: string, hashSize: number, mutexes: boolean): void {
    this.send(encodeFrame(Frame.OPEN, db, hashSize, mutexes ? 1 : 0, path));
  }

  closeDatabase(db: number): void {
    this.send(encodeFrame(Frame.CLOSE, db));
  }

  wait(waitId: number, db: number, chain: number): void {
    this.send(encodeFrame(Frame.WAIT, waitId, db, chain));
  }

  release(waitId: number): void {
    this.send(encodeFrame(Frame.RELEASE, waitId));
  }

  holdDatabase(path: string, tdbFlags: number, events: HeldDatabaseEvents): HeldDatabase {
    return this.holders.hold(path, tdbFlags, events);
  }

  findHolders(db: number, chain: number | undefined, done: (holders: readonly LockHolder[]) => void): void {
    this.lastQuery = (this.lastQuery + 1) >>> 0;
    this.queries.set(this.lastQuery, done);
    this.send(encodeFrame(Frame.FIND_HOLDERS, this.lastQuery, db, chain === undefined ? 0 : chain + 1));
  }

  private startChild(): void {
    const { processes, clock, logger } = this.modules;
    const { program, args, ownPid } = this.options;
    this.startedMs = clock.now();
    const reader = new FrameReader((type, a, b, _c, payload) => this.onFrame(type, a, b, payload));
    const child: ChildProcessHandle = processes.spawn(
      program,
      [...args, "wait", String(ownPid)],
      { title: "ctdb-lockd", env: { UV_THREADPOOL_SIZE: String(POOL_THREADS) } },
      {
        onStdout: (bytes) => {
          if (this.child === child) reader.push(bytes);
        },
        onExit: (code, signal) => {
          if (this.child !== child) return;
          logger.error(`ctdb-lockd (pid ${child.pid}) ended with ${signal ?? `status ${code}`}`);
          this.died();
        },
      },
    );
    this.child = child;
    for (const frame of this.unsent.splice(0)) child.write(frame);
  }

  private died(): void {
    this.child = undefined;
    this.unsent = [];
    if (this.stopped) return;
    const lived = this.modules.clock.now() - this.startedMs;
    this.restartMs = lived > STABLE_MS ? 0 : Math.min(RESTART_MS_MAX, Math.max(FIRST_RESTART_MS, 2 * this.restartMs));
    this.modules.timers.after(this.restartMs, () => {
      if (!this.stopped) this.startChild();
    });
    for (const done of this.queries.values()) done([]);
    this.queries.clear();
    this.events?.died();
  }

  private onFrame(type: number, id: number, owner: number, payload: string): void {
    if (type === Frame.GRANTED) {
      this.events?.granted(id, owner);
    } else if (type === Frame.FAILED) {
      this.events?.failed(id, payload);
    } else if (type === Frame.HOLDERS) {
      const done = this.queries.get(id);
      this.queries.delete(id);
      done?.(JSON.parse(payload) as LockHolder[]);
    } else {
      this.modules.logger.error(`ctdb-lockd sent an unknown frame ${type}`);
    }
  }

  private send(frame: Buffer): void {
    if (this.stopped) return;
    if (this.child === undefined) this.unsent.push(frame);
    else this.child.write(frame);
  }
}
