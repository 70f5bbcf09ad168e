// Where log lines go: what file-output.ts and syslog-output.ts offer to logger.ts.

export interface LogOutput {
  /** Takes one line without its line end. Never throws and never waits. */
  write(level: number, line: string): void;
  /** Hands everything to the kernel now. */
  flushSync(): void;
  /** Opens the target anew (a rotated file). Throws where that fails; the old target stays in use then. */
  reopen(): void;
  close(): void;
}

/** Who writes: the fields in front of the text. */
export interface LogSource {
  readonly tag: string;
  readonly pid: number;
  readonly hostname: string;
}
