// Errors of the platform layer: a system call or a child process that failed.

/** A libc call failed. `code` is the errno's name ("EAGAIN"), `errno` its number. */
export class SystemCallError extends Error {
  override readonly name = "SystemCallError";

  constructor(
    readonly call: string,
    readonly code: string,
    readonly errno: number,
    what: string,
  ) {
    super(`${call}: ${what}: ${code}`);
  }
}

/** Another process holds the pid file: a second daemon on the same run directory. */
export class PidFileLockedError extends Error {
  override readonly name = "PidFileLockedError";

  constructor(readonly path: string) {
    super(`Failed to create PID file ${path}: another daemon holds its lock`);
  }
}

/** No node of the nodes list is this machine. */
export class OwnNodeError extends Error {
  override readonly name = "OwnNodeError";

  constructor(reason: string) {
    super(`${reason}: check the nodes list and [cluster] node address`);
  }
}
