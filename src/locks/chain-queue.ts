// The requests that wait for one hash chain, first come first served: a doubly linked list, so that each request costs the
// same whether ten or ten thousand wait.

export class QueuedRequest {
  previous: QueuedRequest | undefined;
  next: QueuedRequest | undefined;
  /** undefined: granted or cancelled. */
  queue: ChainQueue | undefined;

  constructor(
    readonly key: Buffer,
    readonly onGranted: () => void,
    readonly sinceMs: number,
  ) {}
}

/** queued: no kernel wait yet. waiting: a helper waits. serving: the chain is locked and requests are being served. */
export type ChainState = "queued" | "waiting" | "serving";

export class ChainQueue {
  state: ChainState = "queued";
  /** Number of the kernel wait while "waiting". */
  waitId = 0;
  length = 0;
  head: QueuedRequest | undefined;
  private tail: QueuedRequest | undefined;
  /** Try without a helper first: the lock may be free. */
  tryFirst = false;
  /** When the next line about the long wait is due. */
  warnAtMs = 0;

  constructor(readonly chain: number) {}

  append(request: QueuedRequest): void {
    request.queue = this;
    request.previous = this.tail;
    if (this.tail === undefined) this.head = request;
    else this.tail.next = request;
    this.tail = request;
    this.length++;
  }

  remove(request: QueuedRequest): void {
    const { previous, next } = request;
    if (previous === undefined) this.head = next;
    else previous.next = next;
    if (next === undefined) this.tail = previous;
    else next.previous = previous;
    request.previous = undefined;
    request.next = undefined;
    request.queue = undefined;
    this.length--;
  }
}
