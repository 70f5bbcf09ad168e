// What a benchmark is. Each file in benchmarks/ exports one or more; main.ts runs them against both daemons.

export interface NodeUnderLoad {
  readonly pnn: number;
  readonly socketPath: string;
  /** Where the files of its volatile databases are: NAME.PNN. */
  readonly volatileDirectory: string;
  readonly daemonPid: number;
  /** For programs that are to talk to it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What a benchmark gets in the generator process. Plain data: it crosses a process border as JSON. */
export interface LoadContext {
  /** Whose turn it is: Debian's daemon or ours. */
  readonly kind: "c" | "ts";
  readonly nodes: readonly NodeUnderLoad[];
  /** About how long one throughput figure is measured. */
  readonly durationMs: number;
  /** Smaller counts where a benchmark has a fixed amount of work. */
  readonly quick: boolean;
  /** Full size where a benchmark is scaled down otherwise. */
  readonly full: boolean;
  /** The leader's pnn. */
  readonly leader: number;
  /** A directory for files of the benchmark's own. */
  readonly scratchDirectory: string;
}

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: "/s" | "ms" | "us" | "MiB" | "%" | "records";
}

export interface Benchmark {
  readonly name: string;
  readonly nodes: number;
  /** Whether the cluster's files have mutex locks; default: they have. */
  readonly mutexes?: boolean;
  /** It gets a fresh cluster, since databases of others would count; default: those with the same nodes and locks share one. */
  readonly ownCluster?: boolean;
  /** Runs in the generator process. Throws when the daemon's answers are wrong. */
  run(context: LoadContext): Figure[] | Promise<Figure[]>;
}

/** Whether a larger value is the better one. */
export function higherIsBetter(unit: Figure["unit"]): boolean {
  return unit === "/s" || unit === "%";
}
