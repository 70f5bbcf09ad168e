// A traverse in slices over the chains of a libtdb file. One chain is copied out while its lock is held, then its records are
// given to the visitor with no lock held.
import { copyFromAddress } from "./libc.js";
import { type CallbackAddress, registerTraverser } from "./libtdb-calls.js";
import type { RecordVisitor, SliceResult, TdbCounters, TdbCursor } from "./tdb-file.js";

const FIRST_BATCH_BYTES = 16384;
/** Chains that cost as much as one record when each must be locked to see that it is empty. */
const CHAINS_PER_RECORD = 16;

/** What the cursor needs of its file. */
export interface ChainSource {
  readonly hashSize: number;
  readonly counters: TdbCounters;
  /** The chain heads as they are in the file, 0 for an empty chain; undefined when they cannot be looked at. */
  heads(): Uint32Array | undefined;
  /** false: busy. */
  readChain(chain: number, callback: CallbackAddress): boolean;
}

/** The records of one chain, key and data behind each other. */
class Batch {
  bytes = Buffer.allocUnsafeSlow(FIRST_BATCH_BYTES);
  used = 0;
  readonly keyLengths: number[] = [];
  readonly dataLengths: number[] = [];

  add(key: number, keyLength: number, data: number, dataLength: number): void {
    const end = this.used + keyLength + dataLength;
    if (end > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * end);
      this.bytes.copy(larger, 0, 0, this.used);
      this.bytes = larger;
    }
    if (keyLength > 0) copyFromAddress(this.bytes.subarray(this.used), key, keyLength);
    if (dataLength > 0) copyFromAddress(this.bytes.subarray(this.used + keyLength), data, dataLength);
    this.used = end;
    this.keyLengths.push(keyLength);
    this.dataLengths.push(dataLength);
  }

  clear(): void {
    this.used = 0;
    this.keyLengths.length = 0;
    this.dataLengths.length = 0;
  }
}

let filling: Batch | undefined;
const collector = registerTraverser((_handle, key, keyLength, data, dataLength) => {
  filling?.add(key, keyLength, data, dataLength);
  return 0;
});

export class ChainCursor implements TdbCursor {
  visited = 0;
  private batch: Batch | undefined = new Batch();
  /** Next record of the batch, and its offset. */
  private index = 0;
  private offset = 0;
  private chain = 0;
  private busy: number[] = [];

  constructor(private readonly source: ChainSource) {}

  slice(recordsMax: number, visitor: RecordVisitor): SliceResult {
    const { batch } = this;
    if (batch === undefined) return "done";
    let left = Math.max(1, recordsMax);
    let emptyChains = 0;
    let busyToTry = -1;
    for (;;) {
      while (this.index < batch.keyLengths.length) {
        if (left-- <= 0) return "more";
        if (this.visitNext(batch, visitor) === false) return "more";
      }
      if (left <= 0) return "more";
      let chain = this.nextChain();
      if (chain < 0) {
        if (busyToTry < 0) busyToTry = this.busy.length;
        if (busyToTry-- <= 0) return this.busy.length === 0 ? "done" : "busy";
        chain = this.busy.shift() ?? 0;
      }
      this.load(batch, chain);
      if (batch.keyLengths.length === 0 && ++emptyChains % CHAINS_PER_RECORD === 0) left--;
    }
  }

  close(): void {
    this.batch = undefined;
    this.busy = [];
  }

  private visitNext(batch: Batch, visitor: RecordVisitor): boolean | undefined {
    const keyLength = batch.keyLengths[this.index] ?? 0;
    const dataLength = batch.dataLengths[this.index] ?? 0;
    const key = batch.bytes.subarray(this.offset, this.offset + keyLength);
    const data = batch.bytes.subarray(this.offset + keyLength, this.offset + keyLength + dataLength);
    this.index++;
    this.offset += keyLength + dataLength;
    this.visited++;
    this.source.counters.traversedRecords++;
    return visitor(key, data) === false ? false : undefined;
  }

  /** The next chain that may hold records, or -1. */
  private nextChain(): number {
    const { hashSize } = this.source;
    const heads = this.source.heads();
    if (heads !== undefined) while (this.chain < hashSize && heads[this.chain] === 0) this.chain++;
    return this.chain < hashSize ? this.chain++ : -1;
  }

  private load(batch: Batch, chain: number): void {
    batch.clear();
    this.index = 0;
    this.offset = 0;
    filling = batch;
    try {
      if (!this.source.readChain(chain, collector)) this.busy.push(chain);
    } finally {
      filling = undefined;
    }
  }
}
