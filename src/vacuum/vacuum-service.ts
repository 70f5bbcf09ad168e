// When which database is vacuumed, and what is remembered from one run to the next. The work on the files is done by a process
// of its own; this part, in ctdbd, hands it the deleted records in small batches and keeps them until they are known to be gone.
//
// a database:  resting --VacuumInterval is over, or DB_VACUUM--> due --no other run is under way--> running --ended--> resting
//              running --freeze, VacuumMaxRunTime--> stopping --ended--> resting
import type { ControlHandlers } from "../controls/control-service.js";
import type { DeletedRecord, DeleteQueue } from "../databases/delete-queue.js";
import type { Clock, Logger, Timer, Timers } from "../platform/ports.js";
import { RecBufferReader, RecBufferWriter } from "../protocol/index.js";
import type { Latency } from "../statistics/statistics.js";
import { BATCH_BYTES_MAX, BATCH_RECORDS_MAX, STOP_PATIENCE_MS } from "./limits.js";
import type { RunOutcome, VacuumWorker, WorkerRun } from "./vacuum-worker.js";

const NO_DATA = Buffer.alloc(0);

/** What the vacuuming needs of a database. */
export interface VacuumedDatabase {
  readonly id: number;
  readonly name: string;
  readonly path: string;
  readonly isVolatile: boolean;
  readonly freeze: "none" | "pending" | "frozen";
  readonly deletions: DeleteQueue;
  readonly vacuums: Latency;
  /** DB_OPEN_FLAGS. */
  readonly openFlags: number;
}

export interface VacuumTunables {
  /** VacuumInterval. */
  readonly intervalSeconds: number;
  /** VacuumMaxRunTime. */
  readonly maxRunSeconds: number;
  /** VacuumFastPathCount; 0: no full runs by themselves. */
  readonly fastPathCount: number;
  /** RepackLimit; 0: never. */
  readonly repackLimit: number;
  /** DatabaseMaxDead. */
  readonly maxDead: number;
}

export interface VacuumServiceModules {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly worker: VacuumWorker;
  readonly databases: { get(id: number): VacuumedDatabase | undefined };
  isRecovering(): boolean;
  vnnMap(): readonly number[];
  tunables(): VacuumTunables;
  /** How long a run took, for the tunable LogLatencyMs. */
  noteLatency(operation: string, database: string, seconds: number): void;
}

type Answer = (ok: boolean) => void;

interface CurrentRun {
  readonly full: boolean;
  readonly startMs: number;
  readonly worker: WorkerRun;
  readonly source: Iterator<DeletedRecord, void>;
  /** Records that the run has, until it says what became of them. */
  inHand: DeletedRecord[];
  limit: Timer | undefined;
  /** Its answers count no more: it was told to stop. */
  stopping: boolean;
}

class Schedule {
  state: "resting" | "due" | "running" = "resting";
  timer: Timer | undefined;
  /** VacuumInterval when the timer was set. */
  intervalSeconds = 0;
  /** Runs since the last full one. */
  finishedRuns = 0;
  /** The next run must look at all records. */
  fullWanted = false;
  run: CurrentRun | undefined;
  /** Who is told of the end of the next or current run. */
  answers: Answer[] = [];

  constructor(readonly database: VacuumedDatabase) {}
}

export class VacuumService {
  private readonly schedules = new Map<VacuumedDatabase, Schedule>();
  /** In the order in which they come to run. */
  private readonly due: Schedule[] = [];
  private running: Schedule | undefined;
  private readonly batch = new RecBufferWriter(0);
  readonly counters = { runs: 0, deleted: 0, handedOver: 0, kept: 0, stopped: 0, failed: 0 };

  constructor(private readonly modules: VacuumServiceModules) {}

  get handlers(): ControlHandlers {
    return {
      DB_VACUUM: ({ dbId, fullVacuumRun }, call) => {
        const database = this.modules.databases.get(dbId);
        if (database === undefined) call.fail();
        else this.runNow(database, fullVacuumRun, (ok) => (ok ? call.status(0) : call.fail()));
      },
    };
  }

  databaseAttached(database: VacuumedDatabase): void {
    if (!database.isVolatile) return;
    const schedule = new Schedule(database);
    this.schedules.set(database, schedule);
    this.rest(schedule);
  }

  databaseDetached(database: VacuumedDatabase): void {
    const schedule = this.schedules.get(database);
    if (schedule === undefined) return;
    schedule.timer?.cancel();
    this.schedules.delete(database);
    const place = this.due.indexOf(schedule);
    if (place >= 0) this.due.splice(place, 1);
    this.stop(schedule, "database detached");
    answerAll(schedule, false);
  }

  /** A freeze of the database is asked for: a run ends at once. */
  databaseFreezes(database: VacuumedDatabase): void {
    const schedule = this.schedules.get(database);
    if (schedule !== undefined) this.stop(schedule, "freeze");
  }

  /** What a run knows from before the freeze is not true any more; one that has not ended by now is ended by force. */
  databaseThawed(database: VacuumedDatabase): void {
    const run = this.schedules.get(database)?.run;
    if (run?.stopping === true) run.worker.enforceAbort();
  }

  /** All databases are about to be frozen. */
  recoveryBegan(): void {
    if (this.running !== undefined) this.stop(this.running, "recovery");
  }

  /** DB_VACUUM: `done(true)` at the end of the run; `done(false)` when it cannot be, or was stopped. */
  runNow(database: VacuumedDatabase, full: boolean, done: Answer): void {
    const schedule = this.schedules.get(database);
    if (schedule === undefined || schedule.state !== "resting" || !this.mayRun(schedule)) {
      done(false);
      return;
    }
    schedule.timer?.cancel();
    schedule.fullWanted ||= full;
    schedule.answers.push(done);
    this.becomeDue(schedule);
  }

  private mayRun({ database }: Schedule): boolean {
    return !this.modules.isRecovering() && database.freeze === "none" && this.modules.vnnMap().length > 0;
  }

  // ------------------------------------------------------------------ time

  private rest(schedule: Schedule): void {
    schedule.state = "resting";
    schedule.intervalSeconds = this.intervalSeconds();
    schedule.timer = this.modules.timers.after(schedule.intervalSeconds * 1000, () => this.timeIsUp(schedule));
  }

  private timeIsUp(schedule: Schedule): void {
    const grownBy = this.intervalSeconds() - schedule.intervalSeconds;
    if (grownBy > 0) {
      schedule.intervalSeconds += grownBy;
      schedule.timer = this.modules.timers.after(grownBy * 1000, () => this.timeIsUp(schedule));
      return;
    }
    this.becomeDue(schedule);
  }

  private intervalSeconds(): number {
    return Math.max(1, this.modules.tunables().intervalSeconds);
  }

  private becomeDue(schedule: Schedule): void {
    schedule.timer = undefined;
    schedule.state = "due";
    this.due.push(schedule);
    if (this.running === undefined) this.beginNext();
  }

  // ------------------------------------------------------------------ runs

  /** One run at a time: the work shall be spread. */
  private beginNext(): void {
    for (;;) {
      const schedule = this.due.shift();
      if (schedule === undefined) return;
      if (!this.mayRun(schedule)) {
        answerAll(schedule, false);
        this.rest(schedule);
      } else if (this.hasWork(schedule)) {
        this.begin(schedule);
        return;
      } else {
        schedule.database.vacuums.add(0);
        this.finished(schedule, false);
      }
    }
  }

  private isFullDue({ database, fullWanted, finishedRuns }: Schedule): boolean {
    const { fastPathCount } = this.modules.tunables();
    return fullWanted || database.deletions.overflowed || (fastPathCount > 0 && finishedRuns >= fastPathCount);
  }

  private hasWork(schedule: Schedule): boolean {
    return !schedule.database.deletions.isEmpty || this.isFullDue(schedule);
  }

  private begin(schedule: Schedule): void {
    const { clock, timers, worker } = this.modules;
    const { database } = schedule;
    const { maxRunSeconds, repackLimit, maxDead } = this.modules.tunables();
    const full = this.isFullDue(schedule);
    // Stays wanted until a full run has come to its end.
    schedule.fullWanted = full;
    if (full) database.deletions.overflowed = false;
    schedule.state = "running";
    this.running = schedule;
    const run: CurrentRun = {
      full,
      startMs: clock.now(),
      source: database.deletions.takeAll(),
      inHand: [],
      limit: undefined,
      stopping: false,
      worker: worker.begin(
        {
          dbId: database.id,
          name: database.name,
          path: database.path,
          tdbFlags: database.openFlags,
          maxDead,
          full,
          repackLimit,
          lmasters: [...this.modules.vnnMap()],
        },
        {
          nextBatch: () => (run.stopping ? undefined : this.nextBatch(schedule.database, run)),
          batchDone: (kept) => {
            if (!run.stopping) this.batchDone(schedule.database, run, kept);
          },
          remember: (records) => {
            if (!run.stopping) remember(schedule.database.deletions, records);
          },
          ended: (outcome) => this.ended(schedule, run, outcome),
        },
      ),
    };
    schedule.run = run;
    if (maxRunSeconds > 0) {
      run.limit = timers.after(maxRunSeconds * 1000, () => this.stop(schedule, `longer than ${maxRunSeconds} seconds`));
    }
  }

  private nextBatch(database: VacuumedDatabase, run: CurrentRun): Buffer | undefined {
    const { batch } = this;
    batch.reset(database.id);
    while (batch.count < BATCH_RECORDS_MAX && batch.byteLength < BATCH_BYTES_MAX) {
      const next = run.source.next();
      if (next.done === true) break;
      const { key, rsn, dmaster, flags } = next.value;
      run.inHand.push(next.value);
      batch.addWithHeader(0, Buffer.from(key, "latin1"), rsn, dmaster, flags, NO_DATA);
    }
    return batch.count === 0 ? undefined : batch.bytes();
  }

  private batchDone(database: VacuumedDatabase, run: CurrentRun, kept: readonly number[]): void {
    const { inHand } = run;
    run.inHand = [];
    for (const place of kept) {
      const record = inHand[place];
      if (record !== undefined) database.deletions.giveBack(record);
    }
  }

  /** What the run has in hand is remembered from now on; whatever it still says of it is not heard. */
  private stop(schedule: Schedule, reason: string): void {
    const { run } = schedule;
    if (run === undefined || run.stopping) return;
    run.stopping = true;
    for (const record of run.inHand) schedule.database.deletions.giveBack(record);
    run.inHand = [];
    this.modules.logger.info(`Vacuuming of ${schedule.database.name} is stopped: ${reason}`);
    run.worker.abort();
    run.limit?.cancel();
    run.limit = this.modules.timers.after(STOP_PATIENCE_MS, () => run.worker.enforceAbort());
  }

  private ended(schedule: Schedule, run: CurrentRun, outcome: RunOutcome): void {
    const { clock, logger } = this.modules;
    const { counters } = this;
    const { database } = schedule;
    run.limit?.cancel();
    schedule.run = undefined;
    this.running = undefined;
    for (const record of run.inHand) database.deletions.giveBack(record);
    const seconds = (clock.now() - run.startMs) / 1000;
    database.vacuums.add(seconds);
    this.modules.noteLatency("vacuum", database.name, seconds);
    counters.runs++;
    counters.deleted += outcome.deleted;
    counters.handedOver += outcome.handedOver;
    counters.kept += outcome.kept;
    logger.info(
      `Vacuuming of ${database.name} ${outcome.status} after ${seconds.toFixed(3)} s: ${outcome.deleted} records deleted, ` +
        `${outcome.handedOver} handed over, ${outcome.kept} left${run.full ? " (full run)" : ""}`,
    );
    if (outcome.status === "failed" && !run.stopping) {
      counters.failed++;
      logger.error(`Vacuuming of ${database.name} failed: ${outcome.reason}`);
    }
    if (outcome.status === "finished" && !run.stopping) {
      this.finished(schedule, run.full);
    } else {
      counters.stopped++;
      answerAll(schedule, false);
      if (this.schedules.has(database)) this.rest(schedule);
    }
    // In a later turn: a worker that fails at once must not make a loop.
    this.modules.timers.nextTurn(() => {
      if (this.running === undefined) this.beginNext();
    });
  }

  private finished(schedule: Schedule, full: boolean): void {
    if (full) {
      schedule.finishedRuns = 0;
      schedule.fullWanted = false;
    } else {
      schedule.finishedRuns++;
    }
    answerAll(schedule, true);
    this.rest(schedule);
  }
}

function answerAll(schedule: Schedule, ok: boolean): void {
  for (const answer of schedule.answers.splice(0)) answer(ok);
}

function remember(deletions: DeleteQueue, records: Buffer): void {
  const reader = new RecBufferReader(records);
  while (reader.next()) {
    const { key, rsn, dmaster, flags } = reader;
    deletions.giveBack({ key: key.toString("latin1"), rsn, dmaster, flags });
  }
}
