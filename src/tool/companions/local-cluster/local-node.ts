// One node of a cluster of several daemons on one machine: where its things are, and how its daemon is started. Used by ctdb-local
// and by the clusters of the tests.
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const C_DAEMON = "/usr/sbin/ctdbd";

/** The program of a kind of daemon: "ts" is ours, below the directory `ownBin` of our programs; "c" is Samba's; or a path. */
export function daemonProgram(kind: string, ownBin: string): string {
  if (kind === "ts") return join(ownBin, "ctdbd");
  return kind === "c" ? C_DAEMON : resolve(kind);
}

export interface LaunchOptions {
  /** Stays in the foreground and logs to stderr, instead of going into the background and logging to its file. */
  readonly interactive: boolean;
  /** All of the daemon's environment but what makes it this node. */
  readonly environment: NodeJS.ProcessEnv;
  /** Words in front of the daemon, such as valgrind or taskset with its arguments. */
  readonly prefix: readonly string[];
  readonly stdio: StdioOptions;
  /** Where it runs, and leaves what it leaves when it crashes. Trees that were made for a relative path need that path's place. */
  readonly cwd: string;
}

export class LocalNode {
  constructor(
    readonly pnn: number,
    /** Its CTDB_BASE. */
    readonly base: string,
  ) {}

  /** Node `pnn` of the cluster in `directory`. */
  static of(directory: string, pnn: number): LocalNode {
    return new LocalNode(pnn, join(directory, `node.${pnn}`));
  }

  get socketPath(): string {
    return join(this.base, "run/ctdbd.socket");
  }

  get pidFile(): string {
    return join(this.base, "run/ctdbd.pid");
  }

  get logPath(): string {
    return join(this.base, "log.ctdb");
  }

  /** What the daemon logged, over all its starts. */
  get log(): string {
    return existsSync(this.logPath) ? readFileSync(this.logPath, "utf8") : "";
  }

  /** Program of the node's daemon. It stands in a file of the node: one cluster may hold daemons of both kinds. */
  get daemon(): string {
    const file = join(this.base, "daemon");
    return existsSync(file) ? readFileSync(file, "utf8").trim() : "ctdbd";
  }

  set daemon(program: string) {
    writeFileSync(join(this.base, "daemon"), `${program}\n`);
  }

  /** What makes a daemon, a tool or a script one of this node. */
  get identity(): { readonly CTDB_TEST_MODE: string; readonly CTDB_BASE: string } {
    return { CTDB_TEST_MODE: "yes", CTDB_BASE: this.base };
  }

  /** Starts the daemon. */
  launch(options: LaunchOptions): ChildProcess {
    const [program = "", ...args] = [...options.prefix, this.daemon, ...(options.interactive ? ["-i"] : [])];
    const env = { ...options.environment, ...this.identity };
    return spawn(program, args, { env, stdio: options.stdio, cwd: options.cwd });
  }
}
