// What every Logger does with its level; who makes one says only where a line goes. No I/O of its own.
import { type Logger, LogLevel } from "./ports.js";

export abstract class LevelLogger implements Logger {
  constructor(public level: number) {}

  /** Gets what the level lets through. */
  protected abstract write(level: number, text: string): void;

  log(level: number, text: string): void {
    if (level <= this.level) this.write(level, text);
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
    if (this.level >= LogLevel.DEBUG) this.write(LogLevel.DEBUG, typeof text === "string" ? text : text());
  }
}
