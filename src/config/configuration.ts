// Loads ctdb.conf: the text, its values against the table of options, and the typed result that the daemon is built from.
import { readFileSync } from "node:fs";
import { parseLogLevel } from "../platform/logging/log-levels.js";
import { parseBoolean, parseCInteger } from "./c-values.js";
import { ConfigurationError, type ConfigurationProblem } from "./errors.js";
import { type IniText, parseIniText } from "./ini-text.js";
import {
  type BooleanOption,
  type IntegerOption,
  isDirectory,
  type Option,
  options,
  type StringOption,
} from "./options.js";
import type { Paths } from "./paths.js";

export interface Configuration {
  readonly logging: { readonly location: string; readonly level: number };
  readonly cluster: {
    readonly transport: string;
    /** The own address; undefined: the first address of the nodes list that can be bound. */
    readonly nodeAddress: string | undefined;
    /** A file, or `!` and a command; undefined: the cluster works without a lock. */
    readonly clusterLock: string | undefined;
    /** A file, or `!` and a command. */
    readonly nodesList: string;
    readonly leaderTimeoutSeconds: number;
    readonly leaderCapability: boolean;
  };
  readonly database: {
    readonly volatileDirectory: string;
    readonly persistentDirectory: string;
    readonly stateDirectory: string;
    readonly lockDebugScript: string | undefined;
    readonly tdbMutexes: boolean;
  };
  readonly event: { readonly debugScript: string | undefined };
  readonly failover: {
    readonly disabled: boolean;
    readonly shutdownExtraTimeoutSeconds: number;
    /** 0: no failover at shutdown. */
    readonly shutdownFailoverTimeoutSeconds: number;
  };
  readonly legacy: {
    readonly realtimeScheduling: boolean;
    readonly lmasterCapability: boolean;
    readonly startAsStopped: boolean;
    readonly startAsDisabled: boolean;
    readonly scriptLogLevel: number;
  };
  /** Section [ctdb-ts]. */
  readonly own: {
    /** Turns of the event loop that take longer are logged; 0: none are. */
    readonly loopTurnLimitMs: number;
  };
  /** To be logged at WARNING: the file works, but something in it does not do what it seems to. */
  readonly warnings: readonly string[];
  /** To be logged at DEBUG: sections and options that are unknown and were skipped. */
  readonly skipped: readonly string[];
}

type Value = string | number | boolean;

const table: readonly Option[] = Object.values(options);

function defaultOf(option: Option, paths: Paths): Value | undefined {
  return option.type === "string" ? option.default?.(paths) : option.default;
}

interface Refusal {
  readonly refused: string;
}

function checked<T extends Value>(
  option: { readonly check?: (value: T, paths: Paths) => string | undefined },
  value: T | undefined,
  what: string,
  paths: Paths,
): T | Refusal {
  if (value === undefined) return { refused: what };
  const refused = option.check?.(value, paths);
  return refused === undefined ? value : { refused };
}

function readValue(option: Option, text: string, paths: Paths): Value | Refusal {
  if (text === "") return { refused: "the value is empty" };
  switch (option.type) {
    case "string":
      return checked(option, text, "", paths);
    case "integer":
      return checked(option, parseCInteger(text), `"${text}" is no number from 0 to 2147483647`, paths);
    case "boolean":
      return checked(option, parseBoolean(text), `"${text}" is none of true, yes, false, no`, paths);
  }
}

/** Values by option, as far as they are given and differ from the default. */
class Values {
  private readonly given = new Map<Option, Value>();
  readonly problems: ConfigurationProblem[] = [];
  readonly skipped: string[] = [];

  constructor(
    private readonly paths: Paths,
    text: IniText,
  ) {
    // undefined: before the first section, or in an unknown one.
    let section: string | undefined;
    for (const statement of text.statements) {
      if (statement.kind === "section") {
        const name = statement.name.toLowerCase();
        section = table.some((option) => option.section === name) ? name : undefined;
        if (section === undefined) this.skipped.push(`line ${statement.line}: unknown section [${statement.name}]`);
        continue;
      }
      // A line without an equals sign means nothing.
      if (statement.value === undefined) continue;
      const option = table.find((one) => one.section === section && one.key === statement.key);
      if (option === undefined) {
        const place = section === undefined ? "unknown section for option" : `unknown option [${section}] ->`;
        this.skipped.push(`line ${statement.line}: ${place} "${statement.key}"`);
        continue;
      }
      this.take(option, statement.value, statement.line);
    }
  }

  /** A value equal to the default changes nothing, also not an earlier other value: so does the C daemon. */
  private take(option: Option, text: string, line: number): void {
    const value = readValue(option, text, this.paths);
    if (typeof value === "object") {
      this.problems.push({ line, section: option.section, key: option.key, reason: value.refused });
    } else if (value !== defaultOf(option, this.paths)) {
      this.given.set(option, value);
    }
  }

  /** As in C, a file whose parsing stops early counts as empty. */
  forget(): void {
    this.given.clear();
  }

  entry(option: Option): OptionValue {
    const { section, key } = option;
    const value = this.given.get(option);
    return { section, key, value: value ?? defaultOf(option, this.paths), isDefault: value === undefined };
  }

  optional(option: StringOption): string | undefined {
    const value = this.given.get(option);
    return typeof value === "string" ? value : option.default?.(this.paths);
  }

  text(option: StringOption & { readonly default: (paths: Paths) => string }): string {
    const value = this.given.get(option);
    return typeof value === "string" ? value : option.default(this.paths);
  }

  integer(option: IntegerOption): number {
    const value = this.given.get(option);
    return typeof value === "number" ? value : option.default;
  }

  flag(option: BooleanOption): boolean {
    const value = this.given.get(option);
    return typeof value === "boolean" ? value : option.default;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw new ConfigurationError(path, [{ reason: error instanceof Error ? error.message : String(error) }]);
  }
}

/**
 * Reads the configuration file at `path`; a missing file means the defaults. Throws ConfigurationError with every value that
 * is wrong. Unknown options are no error: they are listed in `skipped`.
 */
export function loadConfiguration(path: string, paths: Paths): Configuration {
  return parseConfiguration(readText(path), path, paths);
}

/** An option with its value, for ctdb-config. */
export interface OptionValue {
  readonly section: string;
  readonly key: string;
  /** undefined: not set, and there is no default. */
  readonly value: string | number | boolean | undefined;
  readonly isDefault: boolean;
}

/**
 * All options with their values in the order of the table, and what was skipped (see Configuration.skipped).
 * Throws ConfigurationError.
 */
export function loadOptionValues(
  path: string,
  paths: Paths,
): { readonly values: readonly OptionValue[]; readonly skipped: readonly string[] } {
  const ini = parseIniText(readText(path));
  const given = new Values(paths, ini);
  if (given.problems.length > 0) throw new ConfigurationError(path, given.problems);
  if (ini.stopped !== undefined) given.forget();
  const values = table.map((option) => given.entry(option));
  return { values, skipped: given.skipped };
}

/** Like loadConfiguration for a text; `path` is for the messages. Looks at the directories and scripts that are named. */
export function parseConfiguration(text: string, path: string, paths: Paths): Configuration {
  const ini = parseIniText(text);
  const values = new Values(paths, ini);
  if (values.problems.length > 0) throw new ConfigurationError(path, values.problems);
  const warnings: string[] = [];
  if (ini.stopped !== undefined) {
    values.forget();
    warnings.push(`${path}:${ini.stopped.line}: ${ini.stopped.reason}; the whole file is ignored`);
  }
  const recoveryLock = values.optional(options.recoveryLock);
  if (recoveryLock !== undefined) warnings.push("[cluster] -> recovery lock is deprecated, use cluster lock");
  return {
    logging: {
      location: values.text(options.logLocation),
      level: levelOf(values.text(options.logLevel)),
    },
    cluster: {
      transport: values.text(options.transport),
      nodeAddress: values.optional(options.nodeAddress),
      clusterLock: values.optional(options.clusterLock) ?? recoveryLock,
      nodesList: values.text(options.nodesList),
      leaderTimeoutSeconds: values.integer(options.leaderTimeout),
      leaderCapability: values.flag(options.leaderCapability),
    },
    database: {
      volatileDirectory: values.text(options.volatileDirectory),
      persistentDirectory: values.text(options.persistentDirectory),
      stateDirectory: values.text(options.stateDirectory),
      lockDebugScript: values.optional(options.lockDebugScript),
      tdbMutexes: values.flag(options.tdbMutexes),
    },
    event: { debugScript: values.optional(options.eventDebugScript) },
    failover: {
      disabled: values.flag(options.failoverDisabled),
      shutdownExtraTimeoutSeconds: values.integer(options.shutdownExtraTimeout),
      shutdownFailoverTimeoutSeconds: values.integer(options.shutdownFailoverTimeout),
    },
    legacy: {
      realtimeScheduling: values.flag(options.realtimeScheduling),
      lmasterCapability: values.flag(options.lmasterCapability),
      startAsStopped: values.flag(options.startAsStopped),
      startAsDisabled: values.flag(options.startAsDisabled),
      scriptLogLevel: levelOf(values.text(options.scriptLogLevel)),
    },
    own: { loopTurnLimitMs: values.integer(options.loopTurnLimit) },
    warnings,
    skipped: values.skipped,
  };
}

/**
 * The three database directories must exist when the daemon starts, also those that are defaults and were not looked at while
 * loading. Throws ConfigurationError.
 */
export function checkDatabaseDirectories({ database }: Configuration, path: string): void {
  const directories: ReadonlyArray<readonly [Option, string]> = [
    [options.volatileDirectory, database.volatileDirectory],
    [options.persistentDirectory, database.persistentDirectory],
    [options.stateDirectory, database.stateDirectory],
  ];
  const problems: ConfigurationProblem[] = [];
  for (const [{ section, key }, directory] of directories) {
    if (!isDirectory(directory)) problems.push({ section, key, reason: `"${directory}" does not exist` });
  }
  if (problems.length > 0) throw new ConfigurationError(path, problems);
}

function levelOf(text: string): number {
  const level = parseLogLevel(text);
  if (level === undefined) throw new RangeError(`log level "${text}" passed its check and has no number`);
  return level;
}
