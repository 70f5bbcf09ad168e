// UPDATE_RECORD: what a node does for a commit of any node (persistent and replicated databases, in a commit helper) and for a
// revoke of read-only copies (volatile databases, in the daemon). Updates of one database run one after the other.
//
// an update:  waiting --its turn, database not frozen--> running --> answered
//             running --frozen without recovery--> waiting;  waiting --thawed, rewritten by wipedb or restoredb--> answered -1
//             waiting, running --ControlTimeout--> answered -1
//             waiting --recovery--> answered -1;  running --recovery and frozen--> aborted, answered -1
import type { ControlCall } from "../controls/control-call.js";
import type { Clock, Logger, Timer, Timers } from "../platform/ports.js";
import { ControlStatus } from "../protocol/index.js";
import type { Latency } from "../statistics/statistics.js";
import type { FreezeState } from "./database.js";
import type { MarshalledRecords } from "./marshalled-records.js";
import type { RunningUpdate, UpdateHelperPort, UpdateOutcome } from "./update-helper-port.js";
import { updateVolatile, type VolatileUpdateDatabase } from "./volatile-update.js";

/** Updates of one database that wait or run. */
export const UPDATES_PER_DATABASE_MAX = 1000;

/** What C daemons answer when the process that was to store the records could not. */
const STATUS_NOT_STORED = 1;

/** What an update needs of a database. */
export interface UpdateDatabase extends VolatileUpdateDatabase {
  readonly path: string;
  readonly isVolatile: boolean;
  readonly freeze: FreezeState;
  readonly rewrittenWhileFrozen: boolean;
  readonly unhealthyReason: string | undefined;
  readonly file: VolatileUpdateDatabase["file"] & { flags(): number };
}

export interface RecordUpdateModules {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly databases: { get(id: number): UpdateDatabase | undefined };
  readonly helper: UpdateHelperPort;
  readonly state: { readonly isRecovering: boolean; readonly generation: number };
  readonly counters: { childwriteCalls: number; pendingChildwriteCalls: number; readonly childwrites: Latency };
  /** Tunable ControlTimeout, seconds; 0 = never. */
  controlTimeoutSeconds(): number;
  /** How long an update took, for the tunable LogLatencyMs. */
  noteLatency(operation: string, database: string, seconds: number): void;
}

interface Update {
  readonly database: UpdateDatabase;
  readonly records: Buffer;
  readonly call: ControlCall<"UPDATE_RECORD">;
  readonly startedMs: number;
  timer: Timer | undefined;
  /** Where the helper has it. */
  running: RunningUpdate | undefined;
  answered: boolean;
}

export class RecordUpdates {
  /** Of each database, oldest first; only the first may be running. */
  private readonly queues = new Map<UpdateDatabase, Update[]>();

  constructor(private readonly modules: RecordUpdateModules) {}

  /** Updates of the database for which most wait or run. */
  get mostWaiting(): number {
    let most = 0;
    for (const queue of this.queues.values()) most = Math.max(most, queue.length);
    return most;
  }

  /** Recovery mode is ACTIVE (may be told again and again): nothing new may be stored. */
  recoveryBegan(): void {
    for (const database of [...this.queues.keys()]) {
      for (const update of [...(this.queues.get(database) ?? [])]) {
        if (update.running === undefined || database.freeze === "frozen") this.refuse(update, "recovery is active");
      }
    }
  }

  /**
   * Whoever writes has got a lock by now, or never will before the thaw; its process must not get it then. In a recovery
   * nothing may be stored after the freeze; in a freeze without recovery (wipedb, restoredb) the updates wait.
   */
  databaseFrozen(database: UpdateDatabase): void {
    if (this.modules.state.isRecovering) {
      this.refuseAll(database, "recovery is active");
      return;
    }
    const first = this.queues.get(database)?.[0];
    first?.running?.abort();
    if (first !== undefined) first.running = undefined;
  }

  /**
   * What waited goes on, unless the content was replaced meanwhile: other nodes may have stored the same update before they
   * were frozen, and have lost it.
   */
  databaseThawed(database: UpdateDatabase): void {
    if (database.rewrittenWhileFrozen) this.refuseAll(database, "the database was rewritten");
    this.startNext(database);
  }

  databaseDetached(database: UpdateDatabase): void {
    this.refuseAll(database, "the database was detached");
  }

  /** UPDATE_RECORD. `request` is needed during the call only. */
  update(request: MarshalledRecords, call: ControlCall<"UPDATE_RECORD">): void {
    const { logger, clock, timers, counters, state } = this.modules;
    if (state.isRecovering) {
      logger.info("rejecting UPDATE_RECORD when recovery active");
      call.fail();
      return;
    }
    if (call.generation !== state.generation) {
      // On its way for longer than a recovery took: the commit has been ended by that, and the records may be others by now.
      logger.notice(`rejecting UPDATE_RECORD of generation ${call.generation} from node ${call.srcnode}`);
      call.fail();
      return;
    }
    const database = this.modules.databases.get(request.dbId);
    if (database === undefined) {
      logger.error(`UPDATE_RECORD for unknown database 0x${request.dbId.toString(16)}`);
      call.fail();
      return;
    }
    if (database.unhealthyReason !== undefined) {
      logger.error(`db(${database.name}) unhealthy in UPDATE_RECORD: ${database.unhealthyReason}`);
      call.fail();
      return;
    }
    const queue = this.queues.get(database) ?? [];
    if (queue.length >= UPDATES_PER_DATABASE_MAX) {
      logger.error(`more than ${UPDATES_PER_DATABASE_MAX} updates of ${database.name} at a time refused`);
      call.fail();
      return;
    }
    counters.childwriteCalls++;
    counters.pendingChildwriteCalls++;
    const startedMs = clock.now();
    const update: Update = {
      database,
      records: Buffer.from(request.bytes),
      call,
      startedMs,
      timer: undefined,
      running: undefined,
      answered: false,
    };
    const seconds = this.modules.controlTimeoutSeconds();
    if (seconds > 0) {
      update.timer = timers.after(seconds * 1000, () => {
        logger.error(`UPDATE_RECORD of ${database.name} timed out after ${seconds} s`);
        this.refuse(update, "timeout in ctdb_persistent_lock");
      });
    }
    queue.push(update);
    this.queues.set(database, queue);
    if (database.isVolatile) this.runInDaemon(update);
    else this.startNext(database);
  }

  private runInDaemon(update: Update): void {
    updateVolatile(
      update.database,
      update.records,
      () => !update.answered,
      (outcome) => this.finish(update, outcome),
    );
  }

  private startNext(database: UpdateDatabase): void {
    const update = this.queues.get(database)?.[0];
    if (update === undefined || update.running !== undefined || database.isVolatile || database.freeze === "frozen")
      return;
    const job = { path: database.path, tdbFlags: database.file.flags(), records: update.records };
    update.running = this.modules.helper.run(job, (outcome) => this.finish(update, outcome));
  }

  private refuseAll(database: UpdateDatabase, reason: string): void {
    for (const update of [...(this.queues.get(database) ?? [])]) this.refuse(update, reason);
  }

  private refuse(update: Update, reason: string): void {
    update.running?.abort();
    this.finish(update, { ok: false, reason }, ControlStatus.FAILED);
  }

  private finish(update: Update, outcome: UpdateOutcome, status = STATUS_NOT_STORED): void {
    if (update.answered) return;
    update.answered = true;
    update.timer?.cancel();
    const { clock, logger, counters } = this.modules;
    const { database } = update;
    counters.pendingChildwriteCalls--;
    const seconds = (clock.now() - update.startedMs) / 1000;
    counters.childwrites.add(seconds);
    this.modules.noteLatency("persistent", database.name, seconds);
    const queue = this.queues.get(database) ?? [];
    queue.splice(queue.indexOf(update), 1);
    if (queue.length === 0) this.queues.delete(database);
    if (outcome.ok) {
      update.call.status(0);
    } else {
      logger.error(`UPDATE_RECORD of ${database.name} failed: ${outcome.reason}`);
      update.call.fail(outcome.reason, status);
    }
    this.startNext(database);
  }
}
