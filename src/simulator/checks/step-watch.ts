// What is looked at after each step of a run: cheap, and true at all times.
import type { World } from "../world.js";
import type { Findings } from "./findings.js";
import type { Membership } from "./membership.js";

/** More steps than this in one virtual second: somebody feeds himself. */
const STEPS_PER_SECOND_MAX = 50_000;
const SECOND_MS = 1000;

export class StepWatch {
  private readonly generations: Array<number | undefined>;
  private secondBegins = 0;
  private stepsBefore = 0;

  constructor(
    private readonly world: World,
    private readonly findings: Findings,
    private readonly membership: Membership,
  ) {
    this.generations = world.nodes.map(() => undefined);
  }

  step(): void {
    const { nodes, time } = this.world;
    for (let pnn = 0; pnn < nodes.length; pnn++) {
      const generation = nodes[pnn]?.ctdb?.state.generation;
      if (generation !== this.generations[pnn]) {
        this.generations[pnn] = generation;
        this.membership.observe(pnn, generation);
      }
    }
    if (time.nowMs >= this.secondBegins + SECOND_MS) this.secondIsOver();
  }

  private secondIsOver(): void {
    const { time } = this.world;
    const steps = time.steps - this.stepsBefore;
    const seconds = Math.max((time.nowMs - this.secondBegins) / SECOND_MS, 1);
    if (steps > STEPS_PER_SECOND_MAX * seconds) {
      this.findings.add("storm of events", `${steps} steps in ${seconds.toFixed(1)} virtual seconds`);
    }
    this.secondBegins = time.nowMs;
    this.stepsBefore = time.steps;
  }
}
