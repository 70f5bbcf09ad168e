// Makes a failing run smaller: fewer faults, then fewer nodes, as long as it fails in the same way.
import type { RunPlan } from "./draw-run.js";

/** Runs that are tried at most. */
const ATTEMPTS_MAX = 80;

/**
 * `fails` runs a plan and says whether it breaks the same promise. `faults`: places of the faults of the failing run. Resolves to the
 * smallest plan that was found; its `only` is set.
 */
export async function shrink(
  plan: RunPlan,
  nodes: number,
  faults: readonly number[],
  fails: (plan: RunPlan) => Promise<boolean>,
): Promise<RunPlan> {
  let attempts = 0;
  const attempt = async (candidate: RunPlan): Promise<boolean> => attempts++ < ATTEMPTS_MAX && (await fails(candidate));
  let smallest: RunPlan = { ...plan, nodes: [nodes, nodes], only: faults };
  for (let pieces = 2; ; ) {
    const only = smallest.only ?? [];
    if (only.length === 0) break;
    const size = Math.max(1, Math.ceil(only.length / pieces));
    let found: RunPlan | undefined;
    for (let start = 0; start < only.length && found === undefined; start += size) {
      const candidate = { ...smallest, only: [...only.slice(0, start), ...only.slice(start + size)] };
      if (await attempt(candidate)) found = candidate;
    }
    if (found !== undefined) smallest = found;
    else if (size === 1) break;
    else pieces *= 2;
  }
  for (let fewer = nodes - 1; fewer >= 2; fewer--) {
    const candidate: RunPlan = { ...smallest, nodes: [fewer, fewer] };
    if (!(await attempt(candidate))) break;
    smallest = candidate;
  }
  return smallest;
}
