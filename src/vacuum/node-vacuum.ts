// The vacuuming as ctdbd has it: when it runs, the records that are fetched for it, and the copies that other nodes want gone.
import type { ControlService } from "../controls/control-service.js";
import type { Database } from "../databases/database.js";
import { readMarshalledKeys, readMarshalledRecords } from "../databases/marshalled-records.js";
import type { Clock, Logger, Timers } from "../platform/ports.js";
import { CopyRemoval } from "./copy-removal.js";
import { RecordFetcher, type RecordFetcherModules } from "./record-fetcher.js";
import { SlicedWork } from "./sliced-work.js";
import { VacuumService, type VacuumServiceModules, type VacuumTunables } from "./vacuum-service.js";
import type { VacuumWorker } from "./vacuum-worker.js";

export interface NodeVacuumModules {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly ownPnn: number;
  readonly worker: VacuumWorker;
  readonly databases: { get(id: number): Database | undefined; readonly all: Iterable<Database> };
  readonly calls: RecordFetcherModules["calls"];
  isRecovering(): boolean;
  vnnMap(): readonly number[];
  tunables(): VacuumTunables;
  noteLatency: VacuumServiceModules["noteLatency"];
}

export class NodeVacuum {
  readonly runs: VacuumService;
  readonly fetcher: RecordFetcher;
  readonly copies: CopyRemoval;
  /** Controls of other nodes' runs that are done in slices. */
  readonly work: SlicedWork;

  constructor(modules: NodeVacuumModules) {
    const work = new SlicedWork(modules);
    this.work = work;
    this.runs = new VacuumService(modules);
    this.fetcher = new RecordFetcher({
      ...modules,
      work,
      intervalSeconds: () => modules.tunables().intervalSeconds,
    });
    this.copies = new CopyRemoval({ ...modules, work });
  }

  /** DB_VACUUM, VACUUM_FETCH, TRY_DELETE_RECORDS. */
  registerControls(controls: Pick<ControlService, "handle" | "handleWith">): void {
    controls.handle(this.runs.handlers);
    controls.handleWith("VACUUM_FETCH", readMarshalledKeys, (keys, call) => this.fetcher.vacuumFetch(keys, call));
    controls.handleWith("TRY_DELETE_RECORDS", readMarshalledRecords, (records, call) =>
      this.copies.tryDeleteRecords(records, call),
    );
  }

  databaseAttached(database: Database): void {
    this.runs.databaseAttached(database);
  }

  databaseDetached(database: Database): void {
    this.runs.databaseDetached(database);
    this.fetcher.databaseDetached(database);
  }
}
