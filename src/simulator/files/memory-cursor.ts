// Traverses of a simulated TDB file. What the visitor gets is a copy that is spoilt after the call, so that a view that is kept shows.
import type {
  JoinedVisitor,
  LockedCursor,
  RecordVisitor,
  SliceResult,
  TdbCounters,
  TdbCursor,
} from "../../tdb/tdb-file.js";
import { POISON } from "./fetched-view.js";
import type { StoredRecord, StoredRecords } from "./stored-records.js";

const COPY_BYTES_FIRST = 65536;

export interface ReadableChains {
  readonly counters: TdbCounters;
  assertOpen(): void;
  /** May the chain be read now, or does another process hold it? */
  canRead(chain: number): boolean;
  head(chain: number): StoredRecord | undefined;
}

/** One chain is copied while it may be read, then its records are visited without a lock. */
export class MemoryChainCursor implements TdbCursor {
  visited = 0;
  /** Chains below this one are behind us, or busy. */
  private next = 0;
  private busy: number[] = [];
  /** Records of the chain that was read last: bytes of key, bytes of data, and both behind each other. */
  private lengths: number[] = [];
  private bytes = Buffer.alloc(0);
  private index = 0;
  private offset = 0;
  private isClosed = false;

  constructor(
    /** Chains that hold records now, in ascending order. */
    private readonly chains: () => readonly number[],
    private readonly file: ReadableChains,
  ) {}

  slice(recordsMax: number, visitor: RecordVisitor): SliceResult {
    if (this.isClosed) return "done";
    this.file.assertOpen();
    let left = Math.max(1, recordsMax);
    let busyToTry = -1;
    const ahead = this.chains().filter((chain) => chain >= this.next);
    let taken = 0;
    for (;;) {
      while (this.index < this.lengths.length) {
        if (left-- <= 0) return "more";
        if (this.visitNext(visitor) === false) return "more";
      }
      if (left <= 0) return "more";
      let chain = ahead[taken++];
      if (chain !== undefined) {
        this.next = chain + 1;
      } else {
        if (busyToTry < 0) busyToTry = this.busy.length;
        if (busyToTry-- <= 0) return this.busy.length === 0 ? "done" : "busy";
        chain = this.busy.shift() ?? 0;
      }
      this.load(chain);
    }
  }

  close(): void {
    this.isClosed = true;
    this.bytes = Buffer.alloc(0);
  }

  private load(chain: number): void {
    this.index = 0;
    this.offset = 0;
    this.lengths.length = 0;
    if (!this.file.canRead(chain)) {
      this.busy.push(chain);
      return;
    }
    let total = 0;
    for (let record = this.file.head(chain); record !== undefined; record = record.next) {
      this.lengths.push(record.keyLength, record.dataLength);
      total += record.keyLength + record.dataLength;
    }
    if (total > this.bytes.length) this.bytes = Buffer.allocUnsafeSlow(2 * total);
    let at = 0;
    for (let record = this.file.head(chain); record !== undefined; record = record.next) {
      at += record.bytes.copy(this.bytes, at, 0, record.keyLength + record.dataLength);
    }
  }

  private visitNext(visitor: RecordVisitor): boolean {
    const { bytes, offset } = this;
    const dataStart = offset + (this.lengths[this.index] ?? 0);
    const end = dataStart + (this.lengths[this.index + 1] ?? 0);
    this.index += 2;
    this.offset = end;
    this.visited++;
    this.file.counters.traversedRecords++;
    const goesOn = visitor(bytes.subarray(offset, dataStart), bytes.subarray(dataStart, end)) !== false;
    bytes.fill(POISON, offset, end);
    return goesOn;
  }
}

/** Over the file itself, whose records cannot change meanwhile. */
export class MemoryLockedCursor implements LockedCursor {
  visited = 0;
  private readonly chains: readonly number[];
  private next = 0;
  private record: StoredRecord | undefined;
  private bytes = Buffer.allocUnsafe(0);
  private isClosed = false;

  constructor(
    private readonly records: StoredRecords,
    private readonly counters: TdbCounters,
    /** Throws where the cursor must not be used any more. */
    private readonly assertUsable: () => void,
  ) {
    this.chains = records.chains();
  }

  slice(recordsMax: number, visitor: JoinedVisitor): SliceResult {
    if (this.isClosed) return "done";
    this.assertUsable();
    for (let left = Math.max(1, recordsMax); left > 0; left--) {
      while (this.record === undefined) {
        const chain = this.chains[this.next++];
        if (chain === undefined) return "done";
        this.record = this.records.head(chain);
      }
      this.visit(this.record, visitor);
      this.record = this.record.next;
    }
    return "more";
  }

  close(): void {
    this.isClosed = true;
    this.record = undefined;
  }

  private visit(record: StoredRecord, visitor: JoinedVisitor): void {
    const length = record.keyLength + record.dataLength;
    if (length > this.bytes.length) this.bytes = Buffer.allocUnsafeSlow(Math.max(COPY_BYTES_FIRST, 2 * length));
    record.bytes.copy(this.bytes, 0, 0, length);
    this.visited++;
    this.counters.traversedRecords++;
    visitor(this.bytes, 0, record.keyLength, record.dataLength);
    this.bytes.fill(POISON, 0, length);
  }
}
