// Option parsing with the rules of the C tool's popt library: options anywhere, combined short flags, `-n1`, `-n=1`,
// `--node=1`, C integer forms, and popt's own error texts. Called by global-options.ts.

export interface OptionSpec {
  readonly long?: string;
  readonly short?: string;
  readonly kind: "flag" | "string" | "int";
  /** Name under which the value is returned. */
  readonly name: string;
}

export type OptionValue = boolean | string | number;

export interface ParsedWords {
  /** The last value of every option given, by OptionSpec.name. */
  readonly values: ReadonlyMap<string, OptionValue>;
  /** Everything that is no option, in order. */
  readonly words: readonly string[];
}

/** A command line that popt refuses. The message is popt's (`Invalid option -Z: unknown option`). */
export class OptionError extends Error {
  constructor(option: string, reason: string) {
    super(`Invalid option ${option}: ${reason}`);
    this.name = "OptionError";
  }
}

const INT_MIN = -(2n ** 31n);
const INT_MAX = 2n ** 31n - 1n;
const INTEGER = /^[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/;

/** C's strtoll with base 0 over the whole text; the empty text is 0, as for popt. */
function parseInteger(text: string, shown: string): number {
  if (text === "") return 0;
  const match = INTEGER.exec(text);
  if (match === null) throw new OptionError(shown, "invalid numeric value");
  const digits = match[2] ?? "0";
  const octal = /^0[0-7]+$/.test(digits);
  const size = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  const value = match[1] === "-" ? -size : size;
  if (value < INT_MIN || value > INT_MAX) throw new OptionError(shown, "number too large or too small");
  return Number(value);
}

/**
 * Splits `argv` (without the program's name) into options and words. `stopAt` names an option (like help) at which
 * parsing ends at once, as popt's help callback does: what follows is not looked at.
 * Throws OptionError with popt's text.
 */
export function parsePopt(
  argv: readonly string[],
  specs: readonly OptionSpec[],
  stopAt: readonly string[],
): ParsedWords {
  const values = new Map<string, OptionValue>();
  const words: string[] = [];
  let at = 0;

  /** Stores one option; returns true when parsing must stop. `attached` is undefined where no value is attached. */
  const take = (spec: OptionSpec, attached: string | undefined, whole: string): boolean => {
    if (spec.kind === "flag") {
      if (attached !== undefined) throw new OptionError(whole, "option does not take an argument");
      values.set(spec.name, true);
      return stopAt.includes(spec.name);
    }
    const text = attached ?? argv[at++];
    if (text === undefined) throw new OptionError(whole, "missing argument");
    // popt names the bad word: the option itself where the value is attached to it, else the value.
    const shown = attached === undefined ? text : whole;
    values.set(spec.name, spec.kind === "int" ? parseInteger(text, shown) : text);
    return false;
  };

  while (at < argv.length) {
    const word = argv[at++] ?? "";
    if (word === "--") {
      words.push(...argv.slice(at));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      words.push(word);
      continue;
    }
    if (word.startsWith("--")) {
      const equals = word.indexOf("=");
      const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
      const spec = name === "" ? undefined : specs.find((one) => one.long === name);
      if (spec === undefined) throw new OptionError(word, "unknown option");
      if (take(spec, equals < 0 ? undefined : word.slice(equals + 1), word)) break;
      continue;
    }
    if (takeShortOptions(word, specs, take)) break;
  }
  return { values, words };
}

function takeShortOptions(
  word: string,
  specs: readonly OptionSpec[],
  take: (spec: OptionSpec, attached: string | undefined, whole: string) => boolean,
): boolean {
  for (let i = 1; i < word.length; i += 1) {
    const letter = word.charAt(i);
    const spec = specs.find((one) => one.short === letter);
    if (spec === undefined) throw new OptionError(word, "unknown option");
    const rest = word.slice(i + 1);
    if (spec.kind === "flag") {
      if (take(spec, rest.startsWith("=") ? rest.slice(1) : undefined, word)) return true;
      continue;
    }
    take(spec, rest === "" ? undefined : rest.startsWith("=") ? rest.slice(1) : rest, word);
    return false;
  }
  return false;
}
