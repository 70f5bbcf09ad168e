// Stands in for chance where a world shall have none: whatever is drawn is in the middle. What the machines and links of such a world
// take for something is always the same, so that a change of the code shows only where it matters. Used by worlds with `evenDelays`.
import { SeededRandom } from "./seeded-random.js";

const MIDDLE = 0x8000_0000;

export class EvenRandom extends SeededRandom {
  constructor() {
    super(0, "even");
  }

  override stream(): SeededRandom {
    return this;
  }

  override uint32(): number {
    return MIDDLE;
  }
}
