// Errors of attaching and recovering databases, with what an administrator has to do.

/** A DB_ATTACH that cannot be granted; the message says why. */
export class AttachRefusedError extends Error {
  constructor(
    readonly database: string,
    readonly reason: string,
  ) {
    super(`cannot attach database ${JSON.stringify(database)}: ${reason}`);
    this.name = "AttachRefusedError";
  }
}
