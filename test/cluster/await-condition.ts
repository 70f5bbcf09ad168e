// Waiting for a condition with a deadline, so that no test sleeps for a fixed time. Used by everything under test/cluster and test/interop.

/** A condition did not hold before its deadline. */
export class ConditionTimeoutError extends Error {
  override readonly name = "ConditionTimeoutError";
}

export interface AwaitOptions {
  readonly timeoutMs: number;
  /** Pause between two looks. */
  readonly intervalMs?: number;
}

export function pauseMs(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

/**
 * Looks until `check` returns something other than `undefined` or `false`, and gives that back. What `check` throws counts as
 * "not yet" and is named when the time is over. Throws ConditionTimeoutError, which names `what`.
 */
export async function awaitCondition<T>(
  what: string,
  options: AwaitOptions,
  check: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const deadline = performance.now() + options.timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await check();
      if (value !== undefined && value !== false) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= deadline) {
      const reason = last === undefined ? "" : `; last error: ${last instanceof Error ? last.message : String(last)}`;
      throw new ConditionTimeoutError(`not within ${options.timeoutMs} ms: ${what}${reason}`);
    }
    await pauseMs(options.intervalMs ?? 10);
    // Node runs timers that are due before it looks for events: several looks that take longer than the pause would keep these out for ever.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
