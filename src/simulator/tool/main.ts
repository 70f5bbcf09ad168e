// `npm run simulate`: runs seeds, and reports what was found with the command that replays it.
import { spawn } from "node:child_process";
import { UnknownFaultError } from "../faults/schedule.js";
import { mutationOf, mutations } from "../mutations/all.js";
import { runMutant } from "../mutations/mutant.js";
import { UnknownMutationError } from "../mutations/mutation.js";
import { drawRun, type RunPlan } from "../run/draw-run.js";
import { shrink } from "../run/shrink.js";
import { type RunOptions, type RunResult, SimulationRun } from "../run/simulation-run.js";
import type { TraceOptions } from "../trace.js";
import { parseArguments, type SimulateArguments, USAGE, UsageError } from "./arguments.js";
import { describeFindings, replayCommand, summaryLine } from "./report.js";

/** Lines of a failing run that are searched for what concerns it. */
const TRACE_LINES = 100_000;
const OFF: TraceOptions = { off: true };

function out(text: string): void {
  process.stdout.write(`${text}\n`);
}

function planOf(args: SimulateArguments, seed: number): RunPlan {
  const { nodes, minutes, operations, faults, only } = args;
  return { seed, nodes, minutes, operationsPerSecond: operations, faults, only };
}

function run(options: RunOptions, trace: TraceOptions): Promise<RunResult> {
  return new SimulationRun({ ...options, trace }).run();
}

/** The failing run again, smaller if that is wanted, with its trace. */
async function explain(args: SimulateArguments, plan: RunPlan, options: RunOptions, failed: RunResult): Promise<void> {
  const check = failed.findings[0]?.check;
  const failsAlike = async (candidate: RunPlan): Promise<boolean> => {
    const { findings } = await run(drawRun(candidate), OFF);
    return findings.some((finding) => finding.check === check);
  };
  const asItWas: RunPlan = { ...plan, nodes: [options.nodes, options.nodes] };
  const places = options.faults.map(({ number }) => number);
  const smallest = args.shrink ? await shrink(plan, options.nodes, places, failsAlike) : asItWas;
  const smallOptions = drawRun(smallest);
  const result = await run(smallOptions, { keepLines: TRACE_LINES });
  out(describeFindings(result, smallOptions));
  out(`replay: ${replayCommand(args, smallest)} --trace`);
  if (args.shrink) out(`as it was found: ${replayCommand(args, asItWas)} --no-shrink`);
  if (result.findings.length === 0)
    out("The run did not fail when it was repeated: it does not depend on its seed alone.");
}

async function runSeeds(args: SimulateArguments): Promise<boolean> {
  let allWell = true;
  for (let seed = args.seed; seed < args.seed + args.seeds; seed += args.stride) {
    const plan = planOf(args, seed);
    const options = drawRun(plan);
    const cpuBefore = process.cpuUsage();
    const result = await run(options, args.trace ? { onLine: out, keepLines: TRACE_LINES } : OFF);
    const { user, system } = process.cpuUsage(cpuBefore);
    out(summaryLine(options, result, (user + system) / 1e6, args.trace));
    if (result.findings.length === 0) continue;
    allWell = false;
    if (args.trace) out(describeFindings(result, options));
    else await explain(args, plan, options, result);
    if (args.mutated) break;
  }
  return allWell;
}

/** The same seeds in several processes. */
async function runJobs(args: SimulateArguments, argv: readonly string[]): Promise<boolean> {
  const [script] = process.argv.slice(1);
  if (script === undefined) throw new Error("this program does not know its own path");
  const ends = Array.from({ length: args.jobs }, (_, job) => {
    const seeds = args.seeds - job;
    if (seeds <= 0) return Promise.resolve(0);
    const own = [
      "--jobs",
      "1",
      "--stride",
      String(args.jobs),
      "--seed",
      String(args.seed + job),
      "--seeds",
      String(seeds),
    ];
    const child = spawn(process.execPath, [...process.execArgv, script, ...argv, ...own], { stdio: "inherit" });
    return new Promise<number>((resolve) => child.on("exit", (code) => resolve(code ?? 1)));
  });
  return (await Promise.all(ends)).every((code) => code === 0);
}

async function main(argv: readonly string[]): Promise<number> {
  const args = parseArguments(argv);
  if (args.help) out(USAGE);
  else if (args.listMutations) for (const { name } of mutations) out(name);
  else {
    if (args.mutation !== undefined && !args.mutated) return runMutant(mutationOf(args.mutation), argv);
    return (await (args.jobs > 1 ? runJobs(args, argv) : runSeeds(args))) ? 0 : 1;
  }
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isUsage = [UsageError, UnknownFaultError, UnknownMutationError].some((kind) => error instanceof kind);
  if (!isUsage) throw error;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
