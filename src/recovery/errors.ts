// What can go wrong in a recovery. Thrown by this folder, logged by the cluster manager.

/** A step of the recovery failed; the whole recovery is tried again later with a new generation. */
export class RecoveryFailedError extends Error {
  override readonly name = "RecoveryFailedError";
  constructor(
    readonly stage: string,
    detail: string,
    /** The node that failed, when one can be named. */
    readonly pnn?: number,
    options?: ErrorOptions,
  ) {
    super(pnn === undefined ? `${stage}: ${detail}` : `${stage} failed on node ${pnn}: ${detail}`, options);
  }
}

/** A buffer of records from a peer does not hold what it claims; the pull it belongs to fails. */
export class MalformedRecordsError extends Error {
  override readonly name = "MalformedRecordsError";
  constructor(
    readonly dbId: number,
    detail: string,
  ) {
    super(`record buffer of database 0x${dbId.toString(16).padStart(8, "0")}: ${detail}`);
  }
}
