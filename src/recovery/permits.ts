// A counting semaphore for the databases whose records travel at the same time.

interface Waiter {
  readonly grant: () => void;
}

export class Permits {
  private free: number;
  private readonly waiting: Waiter[] = [];

  constructor(count: number) {
    this.free = count;
  }

  /** Resolves with a function that gives the permit back (calling it twice is harmless). Rejects when aborted. */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.free > 0) {
      this.free--;
    } else {
      await new Promise<void>((resolve, reject) => {
        const waiter: Waiter = {
          grant: () => {
            signal.removeEventListener("abort", onAbort);
            resolve();
          },
        };
        const onAbort = (): void => {
          this.waiting.splice(this.waiting.indexOf(waiter), 1);
          reject(signal.reason);
        };
        signal.addEventListener("abort", onAbort, { once: true });
        this.waiting.push(waiter);
      });
    }
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next.grant();
    };
  }
}
