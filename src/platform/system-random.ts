// Uniform random numbers behind the Random port. Handed to every subsystem by daemon/.
import { randomFillSync } from "node:crypto";
import type { Random } from "./ports.js";

/** Numbers drawn from the kernel at a time. */
const BATCH = 64;

class SystemRandom implements Random {
  private readonly pool = new Uint32Array(BATCH);
  private next = BATCH;

  uint32(): number {
    if (this.next === BATCH) {
      randomFillSync(this.pool);
      this.next = 0;
    }
    return this.pool[this.next++] ?? 0;
  }
}

export const systemRandom: Random = new SystemRandom();
