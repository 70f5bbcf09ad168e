// The one clock and the one queue of events of a simulated world. An event is a callback at a virtual time; after each, everything
// that it made promises do runs to its end before the next one starts. Time passes only between events.
//
//   step = { take the earliest event; run it; run all microtasks; let connections give what was written to the kernel }

/** Who an event belongs to: a process that may be dead, stopped or busy when the event is due. */
export interface EventOwner {
  readonly alive: boolean;
  /** Events before this time wait until then. */
  readonly busyUntilMs: number;
  /** The callback threw: the owner has to die of it. */
  failed(error: unknown): void;
  /** An event has run; the owner may say by `busyUntilMs` that it took time. */
  ran(): void;
}

class ScheduledEvent {
  constructor(
    readonly atMs: number,
    readonly order: number,
    /** undefined: cancelled, or over. */
    public run: (() => void) | undefined,
    readonly owner: EventOwner | undefined,
  ) {}
}

/** Cancelled events are taken out of the queue when they are more than this, and more than half of it. */
const CANCELLED_MAX = 4096;
/** So many steps at one virtual time: somebody feeds himself. */
const STEPS_AT_ONE_TIME_MAX = 1_000_000;
/** The real event loop gets a turn after so many steps, for signals and the test runner's timers. */
const STEPS_WITHOUT_BREATH = 20_000;

/** A process goes round in circles without letting time pass. */
export class TimeStandsStillError extends Error {
  override readonly name = "TimeStandsStillError";
  constructor(nowMs: number) {
    super(`${STEPS_AT_ONE_TIME_MAX} steps at ${nowMs} ms: something calls itself again and again without a pause`);
  }
}

export class VirtualTime {
  private nowValue = 0;
  private nextOrder = 1;
  private heap: ScheduledEvent[] = [];
  private cancelledInHeap = 0;
  /** Events for the time that it is now, in their order. */
  private turn: ScheduledEvent[] = [];
  private turnIndex = 0;
  /** Events that came due while their owner could not run them. */
  private readonly held = new Map<EventOwner, ScheduledEvent[]>();
  private endOfStep: Array<() => void> = [];
  private running = false;
  private stepsNow = 0;
  /** Events that were run so far. */
  steps = 0;

  /** Virtual milliseconds since the world began. */
  get nowMs(): number {
    return this.nowValue;
  }

  /** Runs `callback` at `atMs` (now, when that is past). Events of one time run in the order in which they were made. */
  at(atMs: number, owner: EventOwner | undefined, callback: () => void): { cancel(): void } {
    const event = new ScheduledEvent(Math.max(atMs, this.nowValue), this.nextOrder++, callback, owner);
    if (event.atMs === this.nowValue) this.turn.push(event);
    else this.push(event);
    return {
      cancel: () => {
        if (event.run === undefined) return;
        event.run = undefined;
        this.cancelledInHeap++;
        if (this.cancelledInHeap > CANCELLED_MAX && this.cancelledInHeap * 2 > this.heap.length) this.sweep();
      },
    };
  }

  /** Runs `callback` when the present step is over, before the next one. */
  atEndOfStep(callback: () => void): void {
    this.endOfStep.push(callback);
  }

  /** Events of `owner` that waited for it come now: its `busyUntilMs` was made earlier. */
  release(owner: EventOwner): void {
    const waiting = this.held.get(owner);
    if (waiting === undefined) return;
    this.held.delete(owner);
    // With their own times and orders: they come before all that is due now.
    for (const event of waiting) this.push(event);
  }

  /** The owner has died: what waited for it never comes. */
  forget(owner: EventOwner): void {
    this.held.delete(owner);
  }

  /**
   * Lets time pass until `endMs`, or until `stop()` is true after a step. Resolves to what `stop` said last. Rejects with what an
   * event without an owner threw.
   */
  run(endMs: number, stop: (() => boolean) | undefined): Promise<boolean> {
    if (this.running) throw new Error("this world is running already");
    this.running = true;
    const settled = Promise.resolve();
    return new Promise((resolve, reject) => {
      let sinceBreath = 0;
      const finish = (stopped: boolean): void => {
        this.running = false;
        resolve(stopped);
      };
      const step = (): void => {
        try {
          this.runEndOfStep();
          if (stop?.() === true) {
            finish(true);
            return;
          }
          if (!this.runNext(endMs)) {
            finish(false);
            return;
          }
        } catch (error) {
          this.running = false;
          reject(error);
          return;
        }
        sinceBreath++;
        // A tick comes when no microtask is left, so the event has had all its consequences by then.
        settled.then(sinceBreath < STEPS_WITHOUT_BREATH ? nextStep : breathe);
      };
      const nextStep = (): void => process.nextTick(step);
      const breathe = (): void => {
        sinceBreath = 0;
        setImmediate(step);
      };
      settled.then(nextStep);
    });
  }

  private runEndOfStep(): void {
    for (let index = 0; index < this.endOfStep.length; index++) this.endOfStep[index]?.();
    if (this.endOfStep.length > 0) this.endOfStep = [];
  }

  /** Runs one event; false: there is none up to `endMs`, and it is `endMs` now. */
  private runNext(endMs: number): boolean {
    for (;;) {
      const event = this.takeNext(endMs);
      if (event === undefined) {
        if (endMs > this.nowValue) this.moveTo(endMs);
        return false;
      }
      const { run, owner } = event;
      if (run === undefined) continue;
      if (owner !== undefined) {
        if (!owner.alive) continue;
        // Those that wait come first, also when the owner is free again at this very time.
        if (owner.busyUntilMs > this.nowValue || (this.held.size > 0 && this.held.has(owner))) {
          this.hold(event, owner);
          continue;
        }
      }
      event.run = undefined;
      this.steps++;
      if (++this.stepsNow > STEPS_AT_ONE_TIME_MAX) throw new TimeStandsStillError(this.nowValue);
      if (owner === undefined) {
        run();
        return true;
      }
      try {
        run();
        owner.ran();
      } catch (error) {
        owner.failed(error);
      }
      return true;
    }
  }

  private hold(event: ScheduledEvent, owner: EventOwner): void {
    const waiting = this.held.get(owner);
    if (waiting !== undefined) {
      waiting.push(event);
      return;
    }
    this.held.set(owner, [event]);
    this.wakeWhenFree(owner);
  }

  private wakeWhenFree(owner: EventOwner): void {
    const { busyUntilMs } = owner;
    if (busyUntilMs === Number.POSITIVE_INFINITY) return;
    this.at(busyUntilMs, undefined, () => {
      if (!this.held.has(owner)) return;
      if (owner.alive && owner.busyUntilMs > this.nowValue) this.wakeWhenFree(owner);
      else this.release(owner);
    });
  }

  private takeNext(endMs: number): ScheduledEvent | undefined {
    const first = this.heap[0];
    if (this.turnIndex < this.turn.length) {
      const inTurn = this.turn[this.turnIndex];
      if (inTurn !== undefined && (first === undefined || isBefore(inTurn, first))) {
        this.turnIndex++;
        return inTurn;
      }
    }
    if (first === undefined || first.atMs > endMs) return undefined;
    this.pop();
    if (first.atMs > this.nowValue) this.moveTo(first.atMs);
    return first;
  }

  private moveTo(ms: number): void {
    this.nowValue = ms;
    this.stepsNow = 0;
    this.turn = [];
    this.turnIndex = 0;
  }

  private push(event: ScheduledEvent): void {
    const { heap } = this;
    let index = heap.length;
    heap.push(event);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !isBefore(event, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = event;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    this.sink(last, 0);
  }

  /** Puts `event` where the heap is right below `index`. */
  private sink(event: ScheduledEvent, from: number): void {
    const { heap } = this;
    let index = from;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      if (child === undefined) break;
      const right = heap[childIndex + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        childIndex++;
      }
      if (!isBefore(child, event)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = event;
  }

  private sweep(): void {
    this.heap = this.heap.filter((event) => event.run !== undefined);
    this.cancelledInHeap = 0;
    for (let index = (this.heap.length >> 1) - 1; index >= 0; index--) {
      const event = this.heap[index];
      if (event !== undefined) this.sink(event, index);
    }
  }
}

function isBefore(a: ScheduledEvent, b: ScheduledEvent): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
