// What a run found to be wrong: which promise was broken, when, and whom it concerns. Filled by the checks, printed by the tool.

export interface Finding {
  /** Name of the broken promise: an invariant ("I1"), or one of the checks ("lost update", "liveness" ...). */
  readonly check: string;
  /** Virtual milliseconds, and the step of the world. */
  readonly atMs: number;
  readonly step: number;
  readonly text: string;
  /** Words by which lines of the trace are chosen for the report: keys, names of nodes. */
  readonly concerns: readonly string[];
}

/** One bug often breaks a promise for every record: more say nothing new. */
const FINDINGS_MAX = 20;

export class Findings {
  private readonly list: Finding[] = [];

  constructor(private readonly time: { readonly nowMs: number; readonly steps: number }) {}

  add(check: string, text: string, concerns: readonly string[] = []): void {
    if (this.list.length >= FINDINGS_MAX) return;
    if (this.list.some((other) => other.check === check && other.text === text)) return;
    this.list.push({ check, atMs: this.time.nowMs, step: this.time.steps, text, concerns });
  }

  get all(): readonly Finding[] {
    return this.list;
  }
}
