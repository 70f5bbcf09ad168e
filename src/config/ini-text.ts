// The syntax of ctdb.conf and of the tunables files: sections, `key = value` lines, continuation lines. Knows nothing about
// the options. Used by configuration.ts and tunables-file.ts.

export type IniStatement =
  | { readonly kind: "section"; readonly name: string; readonly line: number }
  /** `key` without an equals sign in its line has the value undefined: configuration files skip it, tunables refuse it. */
  | { readonly kind: "parameter"; readonly key: string; readonly value: string | undefined; readonly line: number };

export interface IniText {
  readonly statements: readonly IniStatement[];
  /** Set where parsing stopped before the end: a section without `]`, or a line without a key. */
  readonly stopped: { readonly line: number; readonly reason: string } | undefined;
}

const BLANKS = /[ \t\n\v\f\r]+/g;

interface LogicalLine {
  readonly text: string;
  /** Number of the last physical line of it. */
  readonly line: number;
}

/** Joins lines that end with a backslash (a blank may follow it) and squeezes every run of white space to one blank. */
function logicalLines(text: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let joined: string | undefined;
  let number = 0;
  for (const raw of text.split("\n")) {
    number += 1;
    const line: string = (joined ?? "") + raw;
    // A comment is skipped to its end; a backslash there joins nothing.
    const comment = joined === undefined && /^[ \t\v\f\r]*[#;]/.test(raw);
    const continued = comment ? null : /\\[ \t\v\f\r]*$/.exec(line);
    if (continued !== null) {
      joined = line.slice(0, continued.index);
      continue;
    }
    joined = undefined;
    if (!comment) lines.push({ text: line.replace(BLANKS, " ").trim(), line: number });
  }
  if (joined !== undefined) lines.push({ text: joined.replace(BLANKS, " ").trim(), line: number });
  return lines;
}

/** Splits a text into its statements, in order. */
export function parseIniText(text: string): IniText {
  const statements: IniStatement[] = [];
  for (const { text: line, line: number } of logicalLines(text)) {
    if (line === "") continue;
    if (line.startsWith("[")) {
      const end = line.indexOf("]");
      if (end < 0) return { statements, stopped: { line: number, reason: `section "${line}" has no closing "]"` } };
      statements.push({ kind: "section", name: line.slice(1, end), line: number });
      continue;
    }
    const equals = line.indexOf("=");
    if (equals === 0) return { statements, stopped: { line: number, reason: `there is no name before the "="` } };
    const key = (equals < 0 ? line : line.slice(0, equals)).trimEnd();
    statements.push({
      kind: "parameter",
      key,
      value: equals < 0 ? undefined : line.slice(equals + 1).trimStart(),
      line: number,
    });
  }
  return { statements, stopped: undefined };
}
