// What the daemon's side of the vacuuming knows of the process that does the work on the files. In the simulator both are one.

/** One run on one database. */
export interface RunOrder {
  readonly dbId: number;
  readonly name: string;
  readonly path: string;
  /** Flags with which clients open the file (DB_OPEN_FLAGS). */
  readonly tdbFlags: number;
  readonly maxDead: number;
  /** Look at all records, not only at those that are handed over. */
  readonly full: boolean;
  /** Entries in the list of free space from which on the file is repacked; 0 = never. */
  readonly repackLimit: number;
  /** The VNN map; it cannot change during a run, as every recovery ends the run. */
  readonly lmasters: readonly number[];
}

export interface RunOutcome {
  /** finished; aborted: it was told to stop; failed: see `reason`. */
  readonly status: "finished" | "aborted" | "failed";
  readonly reason: string;
  /** Records removed from the own file. */
  readonly deleted: number;
  /** Records whose lmaster was asked to fetch them. */
  readonly handedOver: number;
  /** Records that are left for the next run, those handed over included. */
  readonly kept: number;
}

/** What a run wants of the daemon's side. Nothing is called from inside `begin`, nor after `ended`. */
export interface RunEvents {
  /** The next records to look at: a marshall buffer of record headers, valid until the next call; undefined: no more. */
  nextBatch(): Buffer | undefined;
  /** The last batch is through, but for the records at these places in it, which may still be there. */
  batchDone(kept: readonly number[]): void;
  /** Records of a full run that may still be there: a marshall buffer of record headers, valid during the call. */
  remember(records: Buffer): void;
  /** Exactly once. */
  ended(outcome: RunOutcome): void;
}

export interface WorkerRun {
  /** Stop soon; `ended` follows. Idempotent. */
  abort(): void;
  /** From now on the run must not touch the file, whatever that takes. */
  enforceAbort(): void;
}

export interface VacuumWorker {
  begin(order: RunOrder, events: RunEvents): WorkerRun;
}
