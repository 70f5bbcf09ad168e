// Banning credits: how often a node was the cause of trouble lately. Effective only in the leader's cluster manager.
import type { Clock } from "../platform/ports.js";

interface Culprit {
  count: number;
  lastReport: number;
}

export class BanCredits {
  private readonly culprits = new Map<number, Culprit>();
  /** The node credited last; 0 before any was. */
  lastCulprit = 0;

  constructor(private readonly clock: Clock) {}

  /** Adds credits; those older than RecoveryGracePeriod are forgotten first. */
  add(pnn: number, credits: number, gracePeriodMs: number): void {
    const now = this.clock.now();
    const culprit = this.culprits.get(pnn) ?? { count: 0, lastReport: now };
    if (culprit.count > 0 && now - culprit.lastReport > gracePeriodMs) culprit.count = 0;
    culprit.count += credits;
    culprit.lastReport = now;
    this.culprits.set(pnn, culprit);
    this.lastCulprit = pnn;
  }

  countOf(pnn: number): number {
    return this.culprits.get(pnn)?.count ?? 0;
  }

  /** Nodes with at least 2 credits for each entry of the node map, deleted entries included. */
  overLimit(nodeMapEntries: number): number[] {
    return [...this.culprits]
      .filter(([, culprit]) => culprit.count >= 2 * nodeMapEntries)
      .map(([pnn]) => pnn)
      .sort((a, b) => a - b);
  }

  clear(pnn: number): void {
    const culprit = this.culprits.get(pnn);
    if (culprit !== undefined) culprit.count = 0;
  }

  clearAll(): void {
    for (const culprit of this.culprits.values()) culprit.count = 0;
  }
}
