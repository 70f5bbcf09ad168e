// What a seed stands for: number of nodes, storms and faults of a run. Called by the tool and by tests.
import type { FaultKind } from "../faults/fault.js";
import { drawFaults } from "../faults/schedule.js";
import { SeededRandom } from "../seeded-random.js";
import type { RunOptions } from "./simulation-run.js";

export interface RunPlan {
  readonly seed: number;
  readonly nodes: readonly [min: number, max: number];
  /** Virtual minutes; the storm that is under way then is the last one. */
  readonly minutes: number;
  readonly faults: readonly FaultKind[];
  /** Of the faults that are drawn only these, by their place in the schedule; undefined: all. */
  readonly only?: readonly number[] | undefined;
  readonly operationsPerSecond?: number;
}

/** Nobody has more storms than of this length, with what follows. */
const STORM_SHORTEST_MS = 20_000;
export const OPERATIONS_PER_SECOND = 100;

export function drawRun(plan: RunPlan): RunOptions {
  const { seed, minutes, only } = plan;
  const random = new SeededRandom(seed, "run");
  const [min, max] = plan.nodes;
  const nodes = min + random.below(max - min + 1);
  const virtualMs = minutes * 60_000;
  const storms = Math.ceil(virtualMs / STORM_SHORTEST_MS);
  const drawn = drawFaults(random.stream("faults"), plan.faults, nodes, storms);
  const faults = only === undefined ? drawn : drawn.filter(({ number }) => only.includes(number));
  return {
    seed,
    nodes,
    virtualMs,
    storms,
    faults,
    operationsPerSecond: plan.operationsPerSecond ?? OPERATIONS_PER_SECOND,
  };
}
