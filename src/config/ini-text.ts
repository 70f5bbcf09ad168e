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

/**
 * A run of white space becomes its first character: a tab between two words stays a tab. A blank in front is left only where a
 * line consists of a backslash and the next begins with blanks; then it is no section, whatever follows.
 */
function squeeze(text: string): string {
  return text.replace(BLANKS, (run) => run.charAt(0)).replace(/[ \t\v\f\r]$/, "");
}

/** Only C's white space goes; a no-break space belongs to the value. */
function trim(text: string): string {
  return text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, "");
}

/** Joins lines that end with a backslash (white space may follow it); the last line of the text ends without a line end. */
function logicalLines(text: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let joined: string | undefined;
  const physical = text.split("\n");
  for (const [index, raw] of physical.entries()) {
    const number = index + 1;
    const isLast = number === physical.length;
    const line: string = joined === undefined ? raw.replace(/^[ \t\v\f\r]+/, "") : joined + raw;
    // A comment is skipped to its end; a backslash there joins nothing.
    const comment = joined === undefined && /^[#;]/.test(line);
    const continued = comment || isLast ? null : /\\[ \t\v\f\r]*$/.exec(line);
    if (continued !== null) {
      joined = line.slice(0, continued.index);
      continue;
    }
    joined = undefined;
    if (!comment) lines.push({ text: squeeze(line), line: number });
  }
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
    const key = trim(equals < 0 ? line : line.slice(0, equals));
    statements.push({
      kind: "parameter",
      key,
      value: equals < 0 ? undefined : trim(line.slice(equals + 1)),
      line: number,
    });
  }
  return { statements, stopped: undefined };
}
