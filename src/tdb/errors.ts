// Errors of the TDB binding. `code` is tdb's own error name.

export const TDB_ERROR_NAMES = [
  "SUCCESS",
  "CORRUPT",
  "IO",
  "LOCK",
  "OOM",
  "EXISTS",
  "NOLOCK",
  "LOCK_TIMEOUT",
  "NOEXIST",
  "EINVAL",
  "RDONLY",
  "NESTING",
] as const;

export type TdbErrorCode = (typeof TDB_ERROR_NAMES)[number] | "UNKNOWN";

/** A call into tdb failed. */
export class TdbError extends Error {
  override readonly name: string = "TdbError";
  constructor(
    readonly operation: string,
    readonly path: string,
    readonly code: TdbErrorCode,
    detail = "",
  ) {
    super(`${operation} on ${path} failed: ${code}${detail === "" ? "" : ` (${detail})`}`);
  }
}

/** The file could not be opened; `errno` is the name of the system's error, such as ENOENT. */
export class TdbOpenError extends Error {
  override readonly name: string = "TdbOpenError";
  constructor(
    readonly path: string,
    readonly errno: string,
    detail: string,
  ) {
    super(`cannot open TDB file ${path}: ${errno}${detail === "" ? "" : ` (${detail})`}`);
  }
}

/** The same file is open in this process: a second descriptor would drop the process' locks, or clear the file. */
export class TdbAlreadyOpenError extends TdbOpenError {
  override readonly name: string = "TdbAlreadyOpenError";
  constructor(path: string, openPath: string) {
    super(path, "EBUSY", `this process has it open as ${openPath}; share that handle`);
  }
}

export class TdbClosedError extends Error {
  override readonly name: string = "TdbClosedError";
  constructor(path: string) {
    super(`TDB file ${path} is closed`);
  }
}

/** libtdb is missing, or does not behave as the binding expects on this machine. */
export class LibtdbUnusableError extends Error {
  override readonly name: string = "LibtdbUnusableError";
  constructor(detail: string) {
    super(`libtdb.so.1 cannot be used: ${detail}; install the package libtdb1 (Debian) for this architecture`);
  }
}
