// Errors of the cluster manager.

/** The daemon cannot be served any more; ctdb-clusterd must end. */
export class ClusterManagerStoppedError extends Error {
  override readonly name = "ClusterManagerStoppedError";
  constructor(reason: string) {
    super(`cluster manager stopped: ${reason}`);
  }
}

/** Something happened that makes the present pass of the main loop pointless; the next one starts at once. */
export class PassInterruptedError extends Error {
  override readonly name = "PassInterruptedError";
  constructor(reason: string) {
    super(reason);
  }
}
