// Collects the times of single operations for percentiles.

/** Samples beyond this are not kept; the first ones are. */
const SAMPLES_MAX = 2_000_000;

export class Latencies {
  private readonly samplesMs = new Float64Array(SAMPLES_MAX);
  private count = 0;

  add(durationMs: number): void {
    if (this.count < SAMPLES_MAX) this.samplesMs[this.count++] = durationMs;
  }

  /** `share` 0..1; result in milliseconds. */
  percentile(share: number): number {
    const sorted = this.samplesMs.subarray(0, this.count).sort();
    return sorted[Math.min(this.count - 1, Math.floor(share * this.count))] ?? Number.NaN;
  }
}
