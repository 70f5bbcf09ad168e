// CTDB's debug levels: names, numbers, syslog priorities.

const NAMES: readonly (readonly [name: string, level: number])[] = [
  ["ERROR", 0],
  ["WARNING", 1],
  ["NOTICE", 3],
  ["INFO", 5],
  ["DEBUG", 10],
];
const LEVEL_MAX = 10;

/** The level of a word (any prefix in any case, the first match) or of a number 0..10; undefined for anything else. */
export function parseLogLevel(text: string): number | undefined {
  if (/^[0-9]/.test(text)) {
    const level = Number.parseInt(text, 10);
    return level <= LEVEL_MAX ? level : undefined;
  }
  if (text === "") return undefined;
  return NAMES.find(([name]) => name.startsWith(text.toUpperCase()))?.[1];
}

/** The word for a level, as CTDB_DEBUGLEVEL and getdebug have it. */
export function logLevelName(level: number): string {
  if (level === 0) return "ERROR";
  if (level === 1 || level === 2) return "WARNING";
  if (level === 3 || level === 4) return "NOTICE";
  if (level >= 5 && level < LEVEL_MAX) return "INFO";
  return level === LEVEL_MAX ? "DEBUG" : "UNKNOWN";
}

const LOG_DAEMON = 3 << 3;
const LOG_ERR = 3;
const LOG_WARNING = 4;
const LOG_NOTICE = 5;
const LOG_INFO = 6;
const LOG_DEBUG = 7;

/** The number in front of a syslog message: facility daemon, priority of the level. */
export function syslogPriority(level: number): number {
  if (level <= 0) return LOG_DAEMON | LOG_ERR;
  if (level === 1) return LOG_DAEMON | LOG_WARNING;
  if (level <= 5) return LOG_DAEMON | LOG_NOTICE;
  return LOG_DAEMON | (level < LEVEL_MAX ? LOG_INFO : LOG_DEBUG);
}
