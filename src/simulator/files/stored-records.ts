// The records of one file in memory, by hash chain, in libtdb's order: the newest record of a chain comes first. A transaction is
// an overlay that takes over a chain when it first writes to it. Used by the simulated TDB files.

/** One record; its key and data lie behind each other in `bytes`, which may be longer. */
export class StoredRecord {
  next: StoredRecord | undefined;

  constructor(
    public bytes: Buffer,
    readonly keyLength: number,
    public dataLength: number,
  ) {}

  hasKey(bytes: Uint8Array, start: number, length: number): boolean {
    if (length !== this.keyLength) return false;
    const own = this.bytes;
    for (let i = 0; i < length; i++) if (own[i] !== bytes[start + i]) return false;
    return true;
  }
}

/** What a record costs in the file beside key and data. */
const RECORD_OVERHEAD_BYTES = 28;

export class StoredRecords {
  /** First record of each chain; in an overlay also chains that have become empty (undefined). */
  private heads = new Map<number, StoredRecord | undefined>();
  seqnum: number;
  /** Pieces of free space that deleted records left, and one behind all records. */
  freePieces: number;
  /** Bytes that records take or have taken. */
  usedBytes: number;
  /** Overlay: something was written. */
  changed = false;

  constructor(private base?: StoredRecords) {
    this.seqnum = base?.seqnum ?? 0;
    this.freePieces = base?.freePieces ?? 1;
    this.usedBytes = base?.usedBytes ?? 0;
  }

  /** First record of `chain`. */
  head(chain: number): StoredRecord | undefined {
    const { base, heads } = this;
    const own = heads.get(chain);
    if (own !== undefined || base === undefined || heads.has(chain)) return own;
    return base.head(chain);
  }

  /** Numbers of the chains that hold records, in ascending order. */
  chains(): number[] {
    const chains: number[] = [];
    for (const [chain, head] of this.heads) if (head !== undefined) chains.push(chain);
    if (this.base !== undefined) {
      for (const chain of this.base.heads.keys()) if (!this.heads.has(chain)) chains.push(chain);
    }
    return chains.sort((a, b) => a - b);
  }

  find(chain: number, key: Uint8Array, start: number, length: number): StoredRecord | undefined {
    let record = this.head(chain);
    while (record !== undefined && !record.hasKey(key, start, length)) record = record.next;
    return record;
  }

  /** Creates or replaces a record; key and data are copied. */
  put(
    chain: number,
    key: Uint8Array,
    keyStart: number,
    keyLength: number,
    data: Uint8Array,
    dataStart: number,
    dataLength: number,
  ): void {
    this.takeOver(chain);
    const present = this.find(chain, key, keyStart, keyLength);
    if (present === undefined) {
      const record = new StoredRecord(Buffer.allocUnsafe(keyLength + dataLength), keyLength, dataLength);
      copy(key, keyStart, keyLength, record.bytes, 0);
      copy(data, dataStart, dataLength, record.bytes, keyLength);
      record.next = this.heads.get(chain);
      this.heads.set(chain, record);
      if (this.freePieces > 1) this.freePieces--;
      else this.usedBytes += RECORD_OVERHEAD_BYTES + record.bytes.length;
      return;
    }
    if (this.base !== undefined || keyLength + dataLength > present.bytes.length) {
      // The bytes may be those of the file itself, or too few.
      const bytes = Buffer.allocUnsafe(keyLength + dataLength);
      present.bytes.copy(bytes, 0, 0, keyLength);
      this.usedBytes += Math.max(0, bytes.length - present.bytes.length);
      present.bytes = bytes;
    }
    copy(data, dataStart, dataLength, present.bytes, keyLength);
    present.dataLength = dataLength;
  }

  /** Says whether the record was there. */
  remove(chain: number, key: Uint8Array): boolean {
    if (this.find(chain, key, 0, key.length) === undefined) return false;
    this.takeOver(chain);
    let previous: StoredRecord | undefined;
    let record = this.heads.get(chain);
    while (record !== undefined && !record.hasKey(key, 0, key.length)) {
      previous = record;
      record = record.next;
    }
    if (record === undefined) return false;
    if (previous !== undefined) previous.next = record.next;
    else if (record.next !== undefined || this.base !== undefined) this.heads.set(chain, record.next);
    else this.heads.delete(chain);
    this.freePieces++;
    return true;
  }

  clear(): void {
    this.changed = true;
    this.freePieces = 1;
    this.usedBytes = 0;
    if (this.base === undefined) {
      this.heads.clear();
      return;
    }
    for (const chain of this.heads.keys()) this.heads.set(chain, undefined);
    for (const chain of this.base.heads.keys()) this.heads.set(chain, undefined);
  }

  /** All free space becomes one piece. */
  joinFreeSpace(): void {
    this.changed = true;
    this.freePieces = 1;
  }

  /** Makes what was written to this overlay the content of the file. The overlay is of no use afterwards. */
  commit(): void {
    const { base } = this;
    if (base === undefined) return;
    for (const [chain, head] of this.heads) {
      if (head === undefined) base.heads.delete(chain);
      else base.heads.set(chain, head);
    }
    base.seqnum = this.seqnum;
    base.freePieces = this.freePieces;
    base.usedBytes = this.usedBytes;
    this.base = undefined;
  }

  /** Makes the records of `chain` this overlay's own. */
  private takeOver(chain: number): void {
    this.changed = true;
    const { base, heads } = this;
    if (base === undefined || heads.has(chain)) return;
    let last: StoredRecord | undefined;
    heads.set(chain, undefined);
    for (let record = base.head(chain); record !== undefined; record = record.next) {
      const own = new StoredRecord(record.bytes, record.keyLength, record.dataLength);
      if (last === undefined) heads.set(chain, own);
      else last.next = own;
      last = own;
    }
  }
}

function copy(from: Uint8Array, start: number, length: number, to: Buffer, at: number): void {
  if (length < 32) for (let i = 0; i < length; i++) to[at + i] = from[start + i] ?? 0;
  else to.set(start === 0 && length === from.length ? from : from.subarray(start, start + length), at);
}
