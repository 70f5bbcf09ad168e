// What a command is and what it gets. A command decides; it fetches through fetch/, prints through print/, and its result
// is the exit status. Implemented by commands/*, called by run.ts.
import type { GlobalOptions } from "./arguments/global-options.js";
import type { ClusterAccess } from "./cluster-access.js";
import type { Terminal } from "./terminal.js";

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** The three forms of one report. A report without `machine` looks the same with and without `-X`. */
export interface Printer<T> {
  plain(report: T): string;
  machine?(report: T, separator: string): string;
  json(report: T): JsonValue;
}

/** Where the daemon of this machine is, by environment and configuration. */
export interface Place {
  /** Path of the daemon's socket. */
  readonly socket: string;
  /** Path of the event daemon's socket. */
  readonly eventSocket: string;
  /** A file, or `!` and a command. */
  readonly nodesList: string;
  /** Directory of the programs that no user calls directly. */
  readonly helperDirectory: string;
}

export interface LocalContext {
  readonly place: Place;
  readonly options: GlobalOptions;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  /** Prints in the form that the options ask for. */
  report<T>(printer: Printer<T>, value: T): void;
  /** Prints one JSON document; for commands that print line by line otherwise. */
  reportJson(value: JsonValue): void;
}

export interface ClusterContext extends LocalContext {
  readonly cluster: ClusterAccess;
  /** The node of the daemon that we are connected to. */
  readonly localPnn: number;
  /** The node that `-n` names, else localPnn. */
  readonly targetPnn: number;
}

/** Ends with the exit status: 0, an errno, or the status of a failed control (-1 becomes 1). */
export interface LocalCommand {
  run(context: LocalContext): Promise<number>;
}

export interface ClusterCommand {
  run(context: ClusterContext): Promise<number>;
}
