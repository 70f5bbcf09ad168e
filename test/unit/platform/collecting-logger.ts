// A Logger that keeps its lines. Used by the tests of platform/ and config/.
import { type Logger, LogLevel } from "../../../src/platform/ports.js";

export class CollectingLogger implements Logger {
  level: number = LogLevel.DEBUG;
  readonly lines: string[] = [];

  log(level: number, text: string): void {
    if (level <= this.level) this.lines.push(text);
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
    this.log(LogLevel.DEBUG, typeof text === "string" ? text : text());
  }
}
