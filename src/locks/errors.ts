// Errors of the lock scheduler.

/** A database was used as if its lock were held. */
export class DatabaseNotLockedError extends Error {
  override readonly name = "DatabaseNotLockedError";
  constructor(database: string) {
    super(`the lock of database ${database} is not held; freeze it first`);
  }
}

/** Somebody asked twice for the lock of a database. */
export class DatabaseLockPendingError extends Error {
  override readonly name = "DatabaseLockPendingError";
  constructor(database: string) {
    super(`the lock of database ${database} is already held or asked for; release it first`);
  }
}
