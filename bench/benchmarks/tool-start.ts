// How long the `ctdb` command takes from start to exit, Debian's on its daemon and ours on ours, and how much of it is not the start of an empty program.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Benchmark, Figure, LoadContext } from "../benchmark.js";

const RUNS = 12;
const QUICK_RUNS = 4;
const DEBIANS_TOOL = "/usr/bin/ctdb";
const OUR_TOOL = join(__PROJECT_ROOT__, "bin/ctdb");

/** Shortest of several runs: what the program needs, without what other programs took of the machine meanwhile. */
function shortestMs(runs: number, program: string, args: readonly string[], env: Record<string, string>): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const startedAt = performance.now();
    const { status, stderr } = spawnSync(program, args, { env, encoding: "utf8" });
    shortest = Math.min(shortest, performance.now() - startedAt);
    if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with status ${status}: ${stderr}`);
  }
  return shortest;
}

export const toolStart: Benchmark = {
  name: "tool-start",
  nodes: 1,
  run({ kind, nodes: [node], quick }: LoadContext): Figure[] {
    if (node === undefined) throw new Error("no node");
    const tool = kind === "c" ? DEBIANS_TOOL : OUR_TOOL;
    const [program, ...args] = kind === "c" ? ["/bin/true"] : [process.execPath, "-e", "0"];
    const timed = (path: string, words: readonly string[]): number =>
      shortestMs(quick ? QUICK_RUNS : RUNS, path, words, { ...node.environment });
    const empty = timed(program ?? "", args);
    const status = timed(tool, ["status"]);
    return [
      { name: "tool-start pnn", value: timed(tool, ["pnn"]), unit: "ms" },
      { name: "tool-start status", value: status, unit: "ms" },
      { name: "tool-start status over an empty program", value: status - empty, unit: "ms" },
    ];
  },
};
