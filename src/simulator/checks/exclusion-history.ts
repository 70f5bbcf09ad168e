// Who has held a lock of the whole cluster when. Two holders at once are wrong, unless the cluster may have lost the lock's record.
import type { Findings } from "./findings.js";
import type { Membership, Moment } from "./membership.js";

/** Since `atMs`. */
interface Holding extends Moment {
  readonly by: string;
}

export class ExclusionHistory {
  private readonly holders = new Map<string, Set<Holding>>();
  private doubts: Array<{ readonly name: string; readonly first: Holding; readonly second: Holding }> = [];
  granted = 0;

  constructor(
    private readonly time: { readonly nowMs: number },
    private readonly membership: Membership,
    private readonly findings: Findings,
  ) {}

  /** Call the result when the lock is given back, lost with the connection, or its process has ended. */
  taken(name: string, by: string, pnn: number): () => void {
    const holders = this.holders.get(name) ?? new Set();
    this.holders.set(name, holders);
    const holding = { by, pnn, atMs: this.time.nowMs };
    for (const first of holders) this.doubts.push({ name, first, second: holding });
    holders.add(holding);
    this.granted++;
    return () => void holders.delete(holding);
  }

  judge(): void {
    const { doubts } = this;
    this.doubts = [];
    for (const { name, first, second } of doubts) {
      if (this.membership.mayLoseRecord(first, second)) continue;
      const text = `${name}: granted to ${second.by} at ${(second.atMs / 1000).toFixed(6)} s while ${first.by} has it since ${(first.atMs / 1000).toFixed(6)} s`;
      this.findings.add("two holders of a g_lock", text, [name]);
    }
  }
}
