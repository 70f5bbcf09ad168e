// The log of a daemon: file, stderr or syslog, at a level that can change while it runs. Made by the programs in daemon/.
import { hostname as systemHostname } from "node:os";
import { type Logger, LogLevel } from "../ports.js";
import { systemClock } from "../system-clock.js";
import { DatagramWriter } from "./datagram-writer.js";
import { LineWriter, openLogFile } from "./line-writer.js";
import { parseLogLocation } from "./location.js";
import { fileLine, rfc3164Datagram, rfc5424Datagram, shortDatagram } from "./log-format.js";

export interface LoggerOptions {
  /** The value of `[logging] location`. */
  readonly location: string;
  readonly level: number;
  /** Name of the program in each line. */
  readonly tag: string;
  /** Host name in each line; the machine's own when left out. */
  readonly hostname?: string | undefined;
  /** For tests: the socket of syslogd. */
  readonly device?: string;
}

export interface DaemonLogger extends Logger {
  /** After SIGHUP: goes on with a new file of the same name (log rotation). */
  reopen(): void;
  /** Call before the process ends: nothing waits any more afterwards. */
  flushSync(): void;
}

/** Where lines go. */
interface Sink {
  put(level: number, text: string): void;
  reopen(): void;
  flushSync(): void;
}

class LevelLogger implements DaemonLogger {
  constructor(
    public level: number,
    private readonly sink: Sink,
  ) {}

  log(level: number, text: string): void {
    if (level <= this.level) this.sink.put(level, text);
  }

  error(text: string): void {
    this.log(LogLevel.ERROR, text);
  }

  warning(text: string): void {
    this.log(LogLevel.WARNING, text);
  }

  notice(text: string): void {
    this.log(LogLevel.NOTICE, text);
  }

  info(text: string): void {
    this.log(LogLevel.INFO, text);
  }

  debug(text: string | (() => string)): void {
    if (LogLevel.DEBUG > this.level) return;
    this.sink.put(LogLevel.DEBUG, typeof text === "string" ? text : text());
  }

  reopen(): void {
    this.sink.reopen();
  }

  flushSync(): void {
    this.sink.flushSync();
  }
}

const STDERR = 2;
const droppedText = (lines: number): string => `[Dropped ${lines} log messages]`;

/**
 * Throws the error of open() where the log file cannot be opened, RangeError for an unknown location (which the check of the
 * configuration has refused before). Lines still waiting are written when the process ends by process.exit().
 */
export function createLogger(options: LoggerOptions): DaemonLogger {
  const location = parseLogLocation(options.location);
  if (location === undefined) throw new RangeError(`unknown log location '${options.location}'`);
  const source = { tag: options.tag, pid: process.pid, hostname: options.hostname ?? systemHostname() };
  let sink: Sink;
  if (location.kind === "syslog") {
    const datagram = (level: number, text: string): string => {
      if (location.format === "rfc3164") return rfc3164Datagram(source, systemClock.wall(), level, text);
      if (location.format === "short") return shortDatagram(source, level, text);
      return rfc5424Datagram(source, systemClock.wall(), level, text);
    };
    const writer = new DatagramWriter(
      options.device === undefined
        ? { transport: location.transport }
        : { transport: location.transport, device: options.device },
      (lines) => datagram(LogLevel.ERROR, droppedText(lines)),
    );
    sink = {
      put: (level, text) => writer.send(datagram(level, text)),
      reopen: () => writer.reopen(),
      flushSync: () => {},
    };
  } else {
    const path = location.kind === "file" ? location.path : undefined;
    // A terminal or test harness that reads stderr sees the bare text, as with C daemons.
    const line =
      path === undefined ? (text: string) => `${text}\n` : (text: string) => fileLine(source, systemClock.wall(), text);
    const writer = new LineWriter(path === undefined ? STDERR : openLogFile(path), (lines) => line(droppedText(lines)));
    sink = {
      put: (_level, text) => writer.add(line(text)),
      reopen: () => {
        if (path !== undefined) writer.replace(openLogFile(path));
      },
      flushSync: () => writer.flushSync(),
    };
  }
  const logger = new LevelLogger(options.level, sink);
  process.on("exit", () => logger.flushSync());
  return logger;
}
