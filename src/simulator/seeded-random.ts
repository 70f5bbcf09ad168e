// Random numbers of the simulator: everything that happens by chance in a world comes from its one seed. Each user has a stream of
// its own, so that one more number drawn in one place changes nothing elsewhere.
import type { Random } from "../platform/ports.js";

const TWO_32 = 0x1_0000_0000;

/** FNV-1a over the characters of a name. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** The generator sfc32. Only integer operations: the same numbers on every machine. */
export class SeededRandom implements Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(
    private readonly seed: number,
    private readonly name: string,
  ) {
    this.a = seed >>> 0;
    this.b = Math.floor(seed / TWO_32) >>> 0;
    this.c = hashName(name);
    for (let round = 0; round < 12; round++) this.uint32();
  }

  /** A stream that depends on the seed, the names of its ancestors and its own, and on nothing that was drawn. */
  stream(name: string): SeededRandom {
    return new SeededRandom(this.seed, `${this.name}/${name}`);
  }

  uint32(): number {
    const sum = (this.a + this.b + this.counter++) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** 0 <= x < 1. */
  fraction(): number {
    return this.uint32() / TWO_32;
  }

  /** from <= x < to. */
  between(from: number, to: number): number {
    return from + (to - from) * this.fraction();
  }

  /** A whole number, 0 <= x < limit. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  /** True in `probability` of all cases. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** One of `choices`. Throws RangeError for none. */
  pick<T>(choices: readonly T[]): T {
    if (choices.length === 0) throw new RangeError("nothing to pick from");
    return choices[this.below(choices.length)] as T;
  }
}
