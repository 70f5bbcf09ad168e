// The records of a running traverse between the socket and the one who iterates: bounded, with back-pressure.
import { NEVER_MS } from "./time.js";

/** Records and bytes that may wait before the socket is paused. */
export const QUEUE_RECORDS_MAX = 4096;
export const QUEUE_BYTES_MAX = 4 * 1024 * 1024;

/** One record of a traverse. All buffers are copies. */
export interface TraversedRecord {
  readonly key: Buffer;
  /** Data without record header; undefined for an empty record. */
  readonly value: Buffer | undefined;
  readonly rsn: number;
  /** pnn of the owner (persistent and replicated databases: of the last writer). */
  readonly dmaster: number;
  /** Record flags (`RecordFlag`). */
  readonly flags: number;
}

/** Records in, records out. Single producer, single consumer. */
export class RecordQueue {
  private records: TraversedRecord[] = [];
  private taken = 0;
  private bytes = 0;
  private paused = false;
  private ended = false;
  private failure: { readonly error: unknown } | undefined;
  private wake: (() => void) | undefined;

  /** `pause(true)` is called when the queue is full, `pause(false)` when it is half empty again. */
  constructor(private readonly pause: (paused: boolean) => void) {}

  push(record: TraversedRecord): void {
    this.records.push(record);
    this.bytes += sizeOf(record);
    if (!this.paused && (this.waiting > QUEUE_RECORDS_MAX || this.bytes > QUEUE_BYTES_MAX)) {
      this.paused = true;
      this.pause(true);
    }
    this.wakeUp();
  }

  end(): void {
    this.ended = true;
    this.wakeUp();
  }

  /** Nothing more can come: no harm when all had come. */
  lose(error: unknown): void {
    if (!this.ended) this.fail(error);
  }

  /** What came before is lost: the consumer gets the error next. */
  fail(error: unknown): void {
    this.failure ??= { error };
    this.records = [];
    this.taken = 0;
    this.wakeUp();
  }

  /** The next record; undefined: none is there now. Throws the error that the queue failed with. */
  take(): TraversedRecord | undefined {
    if (this.failure !== undefined) throw this.failure.error;
    const record = this.records[this.taken];
    if (record === undefined) return undefined;
    this.taken += 1;
    this.bytes -= sizeOf(record);
    if (this.taken === this.records.length) {
      this.records = [];
      this.taken = 0;
    }
    if (this.paused && this.waiting <= QUEUE_RECORDS_MAX / 2 && this.bytes <= QUEUE_BYTES_MAX / 2) {
      this.paused = false;
      this.pause(false);
    }
    return record;
  }

  get isEnded(): boolean {
    return this.ended && this.waiting === 0;
  }

  /** Resolves when there is something to take, or an end, or a failure. */
  changed(): Promise<void> {
    if (this.waiting > 0 || this.ended || this.failure !== undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private get waiting(): number {
    return this.records.length - this.taken;
  }

  private wakeUp(): void {
    const wake = this.wake;
    this.wake = undefined;
    wake?.();
  }
}

function sizeOf(record: TraversedRecord): number {
  return record.key.length + (record.value?.length ?? 0);
}

/** True if a time limit is one. */
export function isLimit(timeoutMs: number): boolean {
  return timeoutMs > 0 && timeoutMs < NEVER_MS;
}
