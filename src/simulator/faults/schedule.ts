// Draws the faults of a run from its seed.
import type { SeededRandom } from "../seeded-random.js";
import { type Fault, type FaultKind, faultKinds, isFaultKind } from "./fault.js";

/** A storm lasts so long; all of its faults are over then. */
const STORM_MS = 35_000;
const FAULTS_MIN = 2;
const FAULTS_MAX = 9;
const DURATION_MIN_MS = 20;

export class UnknownFaultError extends Error {
  override readonly name = "UnknownFaultError";
  constructor(name: string) {
    super(`there is no fault "${name}"; there are: all, none, ${faultKinds.join(", ")}`);
  }
}

/** "crash,pause": these; "all" or "": all; "none": none; "-crash": all but this. Throws UnknownFaultError. */
export function parseFaultKinds(text: string): FaultKind[] {
  const words = text.split(",").filter((word) => word !== "");
  if (words.length === 0) return [...faultKinds];
  const chosen = new Set<FaultKind>();
  for (const [index, word] of words.entries()) {
    const isMinus = word.startsWith("-");
    const name = isMinus ? word.slice(1) : word;
    if (isMinus && index === 0) for (const kind of faultKinds) chosen.add(kind);
    if (name === "all") for (const kind of faultKinds) chosen.add(kind);
    else if (isFaultKind(name)) {
      if (isMinus) chosen.delete(name);
      else chosen.add(name);
    } else if (name !== "none") throw new UnknownFaultError(name);
  }
  return [...chosen];
}

/** In the order in which they begin. */
export function drawFaults(random: SeededRandom, kinds: readonly FaultKind[], nodes: number, storms: number): Fault[] {
  const faults: Fault[] = [];
  if (kinds.length === 0) return faults;
  for (let storm = 0; storm < storms; storm++) {
    const count = FAULTS_MIN + random.below(FAULTS_MAX - FAULTS_MIN + 1);
    for (let index = 0; index < count; index++) {
      // The same draws for any number of nodes.
      const node = random.below(nodes);
      const atMs = random.between(0, STORM_MS * 0.8);
      faults.push({
        number: faults.length,
        kind: random.pick(kinds),
        storm,
        atMs,
        durationMs: drawDuration(random, STORM_MS - atMs),
        node,
        other: (node + 1 + random.below(Math.max(nodes - 1, 1))) % nodes,
        degree: random.fraction(),
      });
    }
  }
  return faults.sort((a, b) => a.storm - b.storm || a.atMs - b.atMs);
}

/** From milliseconds to the whole storm; seconds are the most likely. No powers and logarithms: they differ between machines. */
function drawDuration(random: SeededRandom, longestMs: number): number {
  let doublings = 0;
  for (let ms = DURATION_MIN_MS; ms < longestMs; ms *= 2) doublings++;
  let ms = DURATION_MIN_MS;
  for (let left = Math.floor(Math.sqrt(random.fraction()) * doublings); left > 0; left--) ms *= 2;
  return Math.min(longestMs, ms * (1 + random.fraction()));
}
