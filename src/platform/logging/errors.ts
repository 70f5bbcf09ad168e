// Errors of the log.

/** The log cannot be opened. */
export class LogLocationError extends Error {
  override readonly name = "LogLocationError";

  constructor(
    readonly location: string,
    reason: string,
  ) {
    super(`cannot log to "${location}": ${reason}: check [logging] location`);
  }
}
