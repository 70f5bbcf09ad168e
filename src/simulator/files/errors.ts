// What simulated files and locks complain about beside tdb's own errors: uses that would hang or corrupt a real node.

/** A real process would have been blocked in the kernel here. The daemon must never be; a blocking process uses the `when...` calls. */
export class WouldBlockError extends Error {
  override readonly name = "WouldBlockError";
  constructor(operation: string, path: string, holder: string) {
    super(`${operation} on ${path} would block: ${holder}`);
  }
}

/** A lock was marked as held by a helper, and nobody holds it: what is stored under such a mark is not protected. */
export class UnlockedMarkError extends Error {
  override readonly name = "UnlockedMarkError";
  constructor(lock: string, path: string) {
    super(`${lock} of ${path} is marked as locked, but nobody holds that lock`);
  }
}

/** A view, cursor or process was used after its time. */
export class MisusedFileError extends Error {
  override readonly name = "MisusedFileError";
}
