// Counters of lock requests, with CTDB's names (`ctdb statistics`, `ctdb dbstatistics`). One set for the node, one a database.

/** Upper bounds of the buckets, in seconds; the last bucket takes the rest. */
const BUCKET_SECONDS = [0.001, 0.01, 0.1, 1, 2, 4, 8, 16, 32, 64] as const;
const BUCKETS = 16;

export class LockStatistics {
  /** Requests that got their lock, or failed. */
  numCalls = 0;
  /** Kernel waits and held database locks right now. */
  numCurrent = 0;
  /** Requests that wait for their turn right now. */
  numPending = 0;
  numFailed = 0;
  /** Time from request to lock. */
  readonly latency = { num: 0, minSeconds: 0, maxSeconds: 0, totalSeconds: 0 };
  readonly buckets: number[] = new Array<number>(BUCKETS).fill(0);

  locked(seconds: number): void {
    this.numCalls++;
    const { latency } = this;
    if (latency.num === 0 || seconds < latency.minSeconds) latency.minSeconds = seconds;
    if (seconds > latency.maxSeconds) latency.maxSeconds = seconds;
    latency.num++;
    latency.totalSeconds += seconds;
    let bucket = 0;
    while (bucket < BUCKET_SECONDS.length && seconds >= (BUCKET_SECONDS[bucket] ?? 0)) bucket++;
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
  }

  failed(): void {
    this.numCalls++;
    this.numFailed++;
  }

  /** STATISTICS_RESET: the past is forgotten, what is under way is not. */
  reset(): void {
    this.numCalls = 0;
    this.numFailed = 0;
    Object.assign(this.latency, { num: 0, minSeconds: 0, maxSeconds: 0, totalSeconds: 0 });
    this.buckets.fill(0);
  }
}
