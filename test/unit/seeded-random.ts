// Random numbers that are the same in every run of a test.
import type { Random } from "../../src/platform/ports.js";

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    uint32: () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state ^ (state >>> 13)) >>> 0;
    },
  };
}
