// What the tool prints about runs.
import { OPERATIONS_PER_SECOND, type RunPlan } from "../run/draw-run.js";
import type { RunOptions, RunResult } from "../run/simulation-run.js";
import type { SimulateArguments } from "./arguments.js";

const FINDINGS_SHOWN = 5;

/** One line a run. */
export function summaryLine(options: RunOptions, result: RunResult, cpuSeconds: number, withHash: boolean): string {
  const { virtualMs, operations, steps, healingMs, findings, traceHash } = result;
  const seconds = virtualMs / 1000;
  const longestMs = Math.max(0, ...healingMs.slice(1));
  return [
    `seed ${options.seed}: ${findings.length === 0 ? "ok" : "FAILED"}`,
    `${options.nodes} nodes`,
    `${seconds.toFixed(0)} virtual s in ${cpuSeconds.toFixed(1)} s (${(seconds / cpuSeconds).toFixed(0)}/s)`,
    `${operations} operations (${(operations / seconds).toFixed(0)}/s)`,
    `${steps} steps`,
    `${options.faults.length} faults`,
    `healed in ${(longestMs / 1000).toFixed(1)} s`,
    ...(withHash ? [`trace ${traceHash}`] : []),
  ].join(", ");
}

export function describeFindings(result: RunResult, options: RunOptions): string {
  const begun = options.faults.filter(({ storm }) => storm <= result.storms);
  const faults = begun.map(
    ({ number, storm, atMs, durationMs, kind, node, other }) =>
      `  fault ${number}: storm ${storm} + ${(atMs / 1000).toFixed(3)} s, ${(durationMs / 1000).toFixed(3)} s long: ${kind}, node ${node}, other ${other}`,
  );
  const findings = result.findings
    .slice(0, FINDINGS_SHOWN)
    .map(
      ({ check, atMs, step, text }) =>
        `  broken: ${check}, at ${(atMs / 1000).toFixed(6)} s, step ${step}\n    ${text}`,
    );
  return [
    `seed ${options.seed}, ${options.nodes} nodes`,
    ...faults,
    ...result.lines.map((line) => `    ${line}`),
    ...findings,
  ].join("\n");
}

export function replayCommand(args: SimulateArguments, plan: RunPlan): string {
  const { seed, nodes, minutes, only } = plan;
  const words = [
    `npm run simulate -- --seed ${seed} --nodes ${nodes[0]}`,
    `--minutes ${minutes}`,
    `--faults ${args.faultsText}`,
  ];
  if (args.operations !== OPERATIONS_PER_SECOND) words.push(`--operations ${args.operations}`);
  if (only !== undefined) words.push(`--only ${only.join(",")}`);
  if (args.mutation !== undefined) words.push(`--mutation ${args.mutation}`);
  return words.join(" ");
}
