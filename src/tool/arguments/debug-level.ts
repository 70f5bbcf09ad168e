// Debug levels in words and numbers, as setdebug, getdebug and `-d` understand them.

const NAMES: readonly (readonly [name: string, level: number])[] = [
  ["ERROR", 0],
  ["WARNING", 1],
  ["NOTICE", 3],
  ["INFO", 5],
  ["DEBUG", 10],
];

const LEVEL_MAX = 10;

/** The level of a word (any prefix, any case; the first match) or of a number 0..10. Undefined for anything else. */
export function parseDebugLevel(text: string): number | undefined {
  if (/^[0-9]/.test(text)) {
    const level = Number.parseInt(text, 10);
    return level <= LEVEL_MAX ? level : undefined;
  }
  return NAMES.find(([name]) => name.startsWith(text.toUpperCase()))?.[1];
}

/** The word for a level. */
export function debugLevelName(level: number): string {
  if (level === 0) return "ERROR";
  if (level === 1 || level === 2) return "WARNING";
  if (level === 3 || level === 4) return "NOTICE";
  if (level >= 5 && level <= 9) return "INFO";
  return level === LEVEL_MAX ? "DEBUG" : "UNKNOWN";
}
