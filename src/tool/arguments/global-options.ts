// The options that every `ctdb` command takes, and the environment that changes their defaults. Called by run.ts.
import { strtoul } from "./numbers.js";
import { type OptionSpec, parsePopt } from "./popt.js";

export interface GlobalOptions {
  /** Log level text of `-d`; an unknown one means ERROR. */
  readonly debug: string;
  /** `-t`: limit of each single control or wait, in seconds. */
  readonly timeLimitSeconds: number;
  /** `-n`: the target node, or undefined for the node that we are connected to. Unsigned 32-bit. */
  readonly node: number | undefined;
  /** `-X` or `-Y`. */
  readonly machineReadable: boolean;
  readonly separator: string;
  readonly verbose: boolean;
  /** `-T`, else CTDB_TIMEOUT, else 120; 0 = no limit. Seconds. */
  readonly maxRuntimeSeconds: number;
  /** `-T` was given. */
  readonly maxRuntimeGiven: boolean;
  /** `--json` (not in the C tool): reports as one JSON document. */
  readonly json: boolean;
}

export type CommandLine =
  | { readonly kind: "help" | "usage" }
  | { readonly kind: "run"; readonly options: GlobalOptions; readonly words: readonly string[] };

/** CTDB_TIMEOUT is no number. */
export class EnvironmentError extends Error {
  constructor() {
    super("Invalid value CTDB_TIMEOUT");
    this.name = "EnvironmentError";
  }
}

const DEFAULT_TIME_LIMIT_SECONDS = 10;
const DEFAULT_MAX_RUNTIME_SECONDS = 120;

const SPECS: readonly OptionSpec[] = [
  { name: "debug", long: "debug", short: "d", kind: "string" },
  { name: "timelimit", long: "timelimit", short: "t", kind: "int" },
  { name: "node", long: "node", short: "n", kind: "int" },
  { name: "machine", short: "Y", kind: "flag" },
  { name: "separator", long: "separator", short: "x", kind: "string" },
  { name: "machine", short: "X", kind: "flag" },
  { name: "verbose", long: "verbose", short: "v", kind: "flag" },
  { name: "maxruntime", long: "maxruntime", short: "T", kind: "int" },
  { name: "json", long: "json", kind: "flag" },
  { name: "help", long: "help", short: "?", kind: "flag" },
  { name: "usage", long: "usage", kind: "flag" },
];

function runtimeFromEnvironment(env: NodeJS.ProcessEnv): number {
  const text = env["CTDB_TIMEOUT"];
  if (text === undefined) return DEFAULT_MAX_RUNTIME_SECONDS;
  const value = strtoul(text);
  if (value === undefined) throw new EnvironmentError();
  return value;
}

/** Reads the command line (without the program's name). Throws OptionError or EnvironmentError. */
export function parseCommandLine(argv: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  const { values, words } = parsePopt(argv, SPECS, ["help", "usage"]);
  if (values.has("help")) return { kind: "help" };
  if (values.has("usage")) return { kind: "usage" };
  const int = (name: string, otherwise: number): number => {
    const value = values.get(name);
    return typeof value === "number" ? value : otherwise;
  };
  const text = (name: string, otherwise: string): string => {
    const value = values.get(name);
    return typeof value === "string" ? value : otherwise;
  };
  const node = int("node", -1);
  const maxRuntime = int("maxruntime", 0);
  const options: GlobalOptions = {
    debug: text("debug", "ERROR"),
    timeLimitSeconds: int("timelimit", DEFAULT_TIME_LIMIT_SECONDS),
    node: node === -1 ? undefined : node >>> 0,
    machineReadable: values.has("machine"),
    separator: text("separator", "|"),
    verbose: values.has("verbose"),
    maxRuntimeSeconds: maxRuntime !== 0 ? Math.max(0, maxRuntime) : runtimeFromEnvironment(env),
    maxRuntimeGiven: maxRuntime !== 0,
    json: values.has("json"),
  };
  return { kind: "run", options, words };
}
