// How a command ends early. run.ts turns these into texts and exit statuses.

/** The command failed; its texts are already on standard error. */
export class CommandFailure extends Error {
  /** The result in CTDB's form: an errno, or the (negative) status of a control. */
  readonly result: number;

  constructor(result: number) {
    super(`the command failed with result ${result}`);
    this.name = "CommandFailure";
    this.result = result;
  }
}

/** The arguments do not fit: the usage of the command is printed, exit status 1. `full`: that of all commands. */
export class UsageError extends Error {
  readonly full: boolean;

  constructor(full = false) {
    super("wrong arguments");
    this.name = "UsageError";
    this.full = full;
  }
}

/** Linux errno values that are exit statuses of commands. */
export const Errno = {
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  ENOEXEC: 8,
  ENOMEM: 12,
  EINVAL: 22,
  EPROTO: 71,
  EMSGSIZE: 90,
  EADDRINUSE: 98,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
} as const;
