// What a seed stands for: number of nodes, storms and faults of a run. Called by the tool and by tests.
import type { Fault, FaultKind } from "../faults/fault.js";
import { drawFaults } from "../faults/schedule.js";
import { SeededRandom } from "../seeded-random.js";
import type { RunOptions } from "./simulation-run.js";

export interface RunPlan {
  readonly seed: number;
  readonly nodes: readonly [min: number, max: number];
  /** Virtual minutes, about: a storm with what follows takes one. */
  readonly minutes: number;
  readonly faults: readonly FaultKind[];
  readonly operationsPerSecond?: number;
}

const OPERATIONS_PER_SECOND = 100;

export function drawRun(plan: RunPlan): RunOptions {
  const { seed, minutes } = plan;
  const random = new SeededRandom(seed, "run");
  const [min, max] = plan.nodes;
  const nodes = min + random.below(max - min + 1);
  const storms = Math.max(1, Math.round(minutes));
  const faults: Fault[] = drawFaults(random.stream("faults"), plan.faults, nodes, storms);
  return { seed, nodes, storms, faults, operationsPerSecond: plan.operationsPerSecond ?? OPERATIONS_PER_SECOND };
}
