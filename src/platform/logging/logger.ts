// The daemon's log behind the Logger port: levels, line format, target. Each process (ctdbd, ctdb-clusterd, ...) makes one.
import { hostname } from "node:os";
import { LevelLogger } from "../level-logger.js";
import { type Logger, LogLevel } from "../ports.js";
import { systemClock } from "../system-clock.js";
import { LogLocationError } from "./errors.js";
import { FileOutput } from "./file-output.js";
import { parseLogLocation } from "./location.js";
import type { LogOutput, LogSource } from "./log-output.js";
import { SyslogOutput } from "./syslog-output.js";
import { IsoTimeStamps } from "./time-stamps.js";

export interface LoggerOptions {
  /** Value of `[logging] location`: "file:PATH", "file:" (stderr), "syslog", "syslog:nonblocking", "syslog:udp" ... */
  readonly location: string;
  readonly level: number;
  /** Name of the process in each line: "ctdbd". */
  readonly tag: string;
  /** Host name in each line; left out: this machine's. */
  readonly hostname?: string;
}

export interface DaemonLogger extends Logger {
  /** Opens the log file anew after it was rotated (SIGHUP). Throws LogLocationError; the old file stays in use then. */
  reopen(): void;
  /** Hands every line to the kernel: before the process aborts. A regular exit does so by itself. */
  flushSync(): void;
  close(): void;
}

/** Opens the log. Throws LogLocationError for an unknown location or a file that cannot be opened. */
export function createLogger(options: LoggerOptions): DaemonLogger {
  const source: LogSource = {
    tag: options.tag,
    pid: process.pid,
    hostname: options.hostname ?? hostname(),
  };
  const { output, headers } = openOutput(options.location, source);
  const logger = new OutputLogger(options, output, headers ? `${source.hostname} ${source.tag}[${source.pid}]: ` : "");
  process.on("exit", logger.flush);
  return logger;
}

function openOutput(text: string, source: LogSource): { output: LogOutput; headers: boolean } {
  const location = parseLogLocation(text);
  if (location === undefined) throw new LogLocationError(text, "unknown location");
  switch (location.kind) {
    case "stderr":
      return { output: FileOutput.stderr(), headers: false };
    case "file":
      return { output: orLocationError(text, () => FileOutput.append(location.path)), headers: true };
    case "syslog":
      return { output: new SyslogOutput(location.transport, location.format, source), headers: false };
  }
}

function orLocationError<T>(location: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw new LogLocationError(location, error instanceof Error ? error.message : String(error));
  }
}

class OutputLogger extends LevelLogger implements DaemonLogger {
  private readonly location: string;
  private readonly stamps = new IsoTimeStamps();
  /** Handler of the process's exit. */
  readonly flush = (): void => this.output.flushSync();

  constructor(
    options: LoggerOptions,
    private readonly output: LogOutput,
    /** What follows the time in each line; empty: the target wants the bare text. */
    private readonly header: string,
  ) {
    super(options.level);
    this.location = options.location;
  }

  protected override write(level: number, text: string): void {
    const head = this.header === "" ? "" : `${this.stamps.format(systemClock.wall())} ${this.header}`;
    if (!text.includes("\n")) {
      this.output.write(level, head + text);
      return;
    }
    for (const line of text.replace(/\n+$/, "").split("\n")) this.output.write(level, head + line);
  }

  reopen(): void {
    orLocationError(this.location, () => this.output.reopen());
  }

  flushSync(): void {
    this.output.flushSync();
  }

  close(): void {
    process.off("exit", this.flush);
    this.output.close();
  }
}

/**
 * Tells syslog where the log is, as the C daemon does, for an administrator who looks there first. Does nothing where the log is
 * syslog itself, or where no syslog daemon runs. Not for test mode.
 */
export function announceLogLocation(location: string, tag: string): void {
  if (location === "syslog") return;
  const output = new SyslogOutput("device", "rfc3164", { tag, pid: process.pid, hostname: hostname() });
  output.write(LogLevel.NOTICE, `CTDB logging to location ${location}`);
  output.close();
}
