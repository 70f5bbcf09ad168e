// The processes that store records of persistent and replicated databases in transactions, as the daemon sees them.
// `commitd/commit-pool.ts` is the real one; a simulator has one of its own.

export interface UpdateJob {
  readonly path: string;
  /** Flag word of the daemon's own handle: the file is opened with the same. */
  readonly tdbFlags: number;
  /** Marshall buffer of the records, each with its header. */
  readonly records: Uint8Array;
}

/** Not ok: nothing was stored, or, where the process died, all or nothing. */
export type UpdateOutcome = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export interface RunningUpdate {
  /** Ends the update by force, with the process that does it. No callback comes afterwards. Idempotent. */
  abort(): void;
}

export interface UpdateHelperPort {
  /**
   * Stores the records in one transaction of the file, by the rule of UPDATE_RECORD: a record whose local rsn is as high but
   * whose data differs makes the whole update fail. `done` is called once, in a later turn. Jobs of different files run at the
   * same time; those of one file must not be given before the last one is done.
   */
  run(job: UpdateJob, done: (outcome: UpdateOutcome) => void): RunningUpdate;
}
