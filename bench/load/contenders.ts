// Starts the C processes that fight for records of one node (contenders.c), compiled when they are needed.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export interface ContenderOptions {
  readonly scratchDirectory: string;
  /** A TDB file of a node, and the flags of DB_OPEN_FLAGS. */
  readonly file: string;
  readonly flags: number;
  readonly pnn: number;
  readonly processes: number;
  /** How long each holds the lock. */
  readonly holdUs: number;
  readonly keys: readonly string[];
}

export interface Contenders {
  /** Ends them all; gives how often they stored. Throws when one of them failed. */
  stop(): Promise<number>;
}

export function startContenders(options: ContenderOptions): Contenders {
  const program = join(options.scratchDirectory, "contenders");
  const source = join(__PROJECT_ROOT__, "bench/load/contenders.c");
  execFileSync("gcc", ["-O2", "-o", program, source, "-l:libtdb.so.1"]);
  const { file, flags, pnn, processes, holdUs, keys } = options;
  // On all CPUs, where the generator itself is pinned to one.
  const words = ["-c", "0-1023", program, file, String(flags), String(pnn), String(processes), String(holdUs), ...keys];
  const child = spawn("taskset", words, { stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (bytes: Buffer) => {
    output += bytes.toString();
  });
  const ended = once(child, "close");
  return {
    async stop() {
      child.stdin.end();
      const [status] = await ended;
      if (status !== 0) throw new Error(`a process that fights for records failed, status ${status}`);
      return Number(output);
    },
  };
}
