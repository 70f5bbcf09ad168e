// Every option of ctdb.conf: section, key, type, default, check. The table is read by configuration.ts only.
import { type Stats, statSync } from "node:fs";
import { isIPv4, isIPv6 } from "node:net";
import { basename, dirname, join } from "node:path";
import { parseLogLocation } from "../platform/logging/location.js";
import { parseLogLevel } from "../platform/logging/log-levels.js";
import type { Paths } from "./paths.js";

/** Says what is wrong with a value, or returns undefined. */
type Check<T> = (value: T, paths: Paths) => string | undefined;

interface OptionBase<T> {
  readonly section: string;
  readonly key: string;
  readonly check?: Check<T>;
}

export interface StringOption extends OptionBase<string> {
  readonly type: "string";
  readonly default: ((paths: Paths) => string) | undefined;
}

export interface IntegerOption extends OptionBase<number> {
  readonly type: "integer";
  readonly default: number;
}

export interface BooleanOption extends OptionBase<boolean> {
  readonly type: "boolean";
  readonly default: boolean;
}

export type Option = StringOption | IntegerOption | BooleanOption;

/** False also where the path cannot be looked at. */
export function isDirectory(path: string): boolean {
  return statusOf(path)?.isDirectory() ?? false;
}

function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // A file in the place of a directory, or no permission.
    return undefined;
  }
}

const checkLevel: Check<string> = (value) =>
  parseLogLevel(value) === undefined ? `"${value}" is no log level: ERROR, WARNING, NOTICE, INFO or DEBUG` : undefined;

const checkLocation: Check<string> = (value) => {
  const location = parseLogLocation(value);
  if (location === undefined) {
    return `"${value}" is no log location: file:PATH, syslog, syslog:nonblocking, syslog:udp or syslog:udp-rfc5424`;
  }
  if (location.kind !== "file" || isDirectory(dirname(location.path))) return undefined;
  return `the directory of the log file "${location.path}" does not exist`;
};

const checkDirectory: Check<string> = (value) => (isDirectory(value) ? undefined : `"${value}" does not exist`);

/** The directory part of the value does not count: scripts live in the directory of the configuration. */
const checkScript: Check<string> = (value, paths) => {
  const path = join(paths.etcdir, basename(value));
  const status = statusOf(path);
  if (status === undefined) return `script ${path} does not exist`;
  if (!status.isFile()) return `script ${path} is not a file`;
  return (status.mode & 0o100) === 0 ? `script ${path} is not executable` : undefined;
};

const checkAddress: Check<string> = (value) =>
  isIPv4(value) || isIPv6(value) ? undefined : `"${value}" is no IP address (a port is not possible)`;

const checkTransport: Check<string> = (value) =>
  value === "tcp" ? undefined : `"${value}" is no transport: only tcp is possible`;

const checkLeaderTimeout: Check<number> = (value) => (value > 0 ? undefined : "must be greater than 0 seconds");

function text(
  section: string,
  key: string,
  fallback: (paths: Paths) => string,
  check?: Check<string>,
): StringOption & { readonly default: (paths: Paths) => string } {
  const option = { section, key, type: "string", default: fallback } as const;
  return check === undefined ? option : { ...option, check };
}

function optionalText(section: string, key: string, check?: Check<string>): StringOption {
  const option = { section, key, type: "string", default: undefined } as const;
  return check === undefined ? option : { ...option, check };
}

function integer(section: string, key: string, fallback: number, check?: Check<number>): IntegerOption {
  const option = { section, key, type: "integer", default: fallback } as const;
  return check === undefined ? option : { ...option, check };
}

function flag(section: string, key: string, fallback: boolean): BooleanOption {
  return { section, key, type: "boolean", default: fallback };
}

/** The section of options that C programs do not have. */
export const OWN_SECTION = "ctdb-ts";

/** In the order in which `ctdb-config dump` prints them. */
export const options = {
  logLocation: text("logging", "location", (paths) => paths.defaultLogLocation, checkLocation),
  logLevel: text("logging", "log level", () => "NOTICE", checkLevel),
  transport: text("cluster", "transport", () => "tcp", checkTransport),
  nodeAddress: optionalText("cluster", "node address", checkAddress),
  clusterLock: optionalText("cluster", "cluster lock"),
  recoveryLock: optionalText("cluster", "recovery lock"),
  nodesList: text("cluster", "nodes list", (paths) => paths.nodes),
  leaderTimeout: integer("cluster", "leader timeout", 5, checkLeaderTimeout),
  leaderCapability: flag("cluster", "leader capability", true),
  volatileDirectory: text(
    "database",
    "volatile database directory",
    (paths) => `${paths.vardir}/volatile`,
    checkDirectory,
  ),
  persistentDirectory: text(
    "database",
    "persistent database directory",
    (paths) => `${paths.vardir}/persistent`,
    checkDirectory,
  ),
  stateDirectory: text("database", "state database directory", (paths) => `${paths.vardir}/state`, checkDirectory),
  lockDebugScript: optionalText("database", "lock debug script", checkScript),
  tdbMutexes: flag("database", "tdb mutexes", true),
  eventDebugScript: optionalText("event", "debug script", checkScript),
  failoverDisabled: flag("failover", "disabled", false),
  shutdownExtraTimeout: integer("failover", "shutdown extra timeout", 0),
  shutdownFailoverTimeout: integer("failover", "shutdown failover timeout", 10),
  realtimeScheduling: flag("legacy", "realtime scheduling", true),
  lmasterCapability: flag("legacy", "lmaster capability", true),
  startAsStopped: flag("legacy", "start as stopped", false),
  startAsDisabled: flag("legacy", "start as disabled", false),
  scriptLogLevel: text("legacy", "script log level", () => "ERROR", checkLevel),
  // Ours alone: C programs skip this section.
  loopTurnLimit: integer(OWN_SECTION, "loop turn limit", 100),
} as const;
