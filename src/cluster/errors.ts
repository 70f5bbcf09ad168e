// Errors of the cluster manager.

/** Something happened that makes the present pass of the main loop pointless; the next one starts at once. */
export class PassInterruptedError extends Error {
  override readonly name = "PassInterruptedError";
  constructor(reason: string) {
    super(reason);
  }
}
