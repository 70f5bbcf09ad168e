// What can be wrong with the files and the environment that a daemon starts from. Thrown by the loaders of this folder.

/** CTDB_TEST_MODE is set and CTDB_BASE is not: no path can be named. */
export class PathsError extends Error {
  override readonly name = "PathsError";

  constructor() {
    super("Broken CTDB setup, CTDB_BASE not set in test mode");
  }
}

/** One thing that is wrong in a configuration file. */
export interface ConfigurationProblem {
  /** Line on which the value ends, from 1; undefined where the whole file is meant. */
  readonly line?: number;
  readonly section?: string;
  readonly key?: string;
  /** What is wrong, in words. */
  readonly reason: string;
}

function problemText(path: string, problem: ConfigurationProblem): string {
  const place = problem.line === undefined ? path : `${path}:${problem.line}`;
  const option = problem.key === undefined ? "" : ` [${problem.section ?? ""}] -> "${problem.key}":`;
  return `${place}:${option} ${problem.reason}`;
}

/** The configuration file cannot be used. The message names each problem with file, line, section and key. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";

  constructor(
    readonly path: string,
    readonly problems: readonly ConfigurationProblem[],
  ) {
    super(
      [
        ...problems.map((problem) => problemText(path, problem)),
        `Failed to load configuration file ${path}: correct it, or move it away to start with the defaults`,
      ].join("\n"),
    );
  }
}

/** The nodes list cannot be read, or a line of it is no address. */
export class NodesListError extends Error {
  override readonly name = "NodesListError";

  constructor(
    /** The file, or `!` and the command. */
    readonly source: string,
    readonly reason: string,
    /** The line that is no address, where one is. */
    readonly badAddress?: string,
  ) {
    super(`Failed to load nodes list "${source}": ${reason}`);
  }
}
