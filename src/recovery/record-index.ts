// A hash index over records that lie in slabs: key bytes -> entry number, without an object for each record.
// Used by the record store of one database during its recovery.

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const INITIAL_SLOTS = 1024;
/** Slots stay at most this full, so that probing stays short. */
const LOAD_MAX = 0.6;

/** Hash of `length` bytes from `start`. Only this index uses it; the seed keeps peers from choosing collisions. */
export function indexHash(bytes: Uint8Array, start: number, length: number, seed: number): number {
  let hash = (FNV_OFFSET ^ seed) | 0;
  const end = start + length;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), FNV_PRIME);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function grown32(old: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const next = new Uint32Array(old.length * 2);
  next.set(old);
  return next;
}

/**
 * Open addressing with linear probing over columns: hash, slab number, offset in the slab, and the position of the node
 * that a record came from. Entries are never removed.
 */
export class RecordIndex {
  private slots = new Int32Array(INITIAL_SLOTS);
  private hashes = new Uint32Array(INITIAL_SLOTS);
  private slabs = new Uint32Array(INITIAL_SLOTS);
  private offsets = new Uint32Array(INITIAL_SLOTS);
  private sources = new Uint32Array(INITIAL_SLOTS);
  private used = 0;

  get size(): number {
    return this.used;
  }

  slabOf(entry: number): number {
    return this.slabs[entry] ?? 0;
  }

  offsetOf(entry: number): number {
    return this.offsets[entry] ?? 0;
  }

  sourceOf(entry: number): number {
    return this.sources[entry] ?? 0;
  }

  /**
   * The first entry with this hash from `probe` on, or -1. `probe` starts as `firstProbe(hash)`; after a false match the
   * caller goes on with `nextProbe(lastProbe)`.
   */
  entryAt(probe: number): number {
    return (this.slots[probe] ?? 0) - 1;
  }

  hashOf(entry: number): number {
    return this.hashes[entry] ?? 0;
  }

  firstProbe(hash: number): number {
    return hash & (this.slots.length - 1);
  }

  nextProbe(probe: number): number {
    return (probe + 1) & (this.slots.length - 1);
  }

  /** Points an existing entry at another place. */
  move(entry: number, slab: number, offset: number, source: number): void {
    this.slabs[entry] = slab;
    this.offsets[entry] = offset;
    this.sources[entry] = source;
  }

  /** Adds an entry whose key is known to be absent. */
  add(hash: number, slab: number, offset: number, source: number): void {
    if (this.used + 1 > this.slots.length * LOAD_MAX) this.growSlots();
    if (this.used === this.hashes.length) {
      this.hashes = grown32(this.hashes);
      this.slabs = grown32(this.slabs);
      this.offsets = grown32(this.offsets);
      this.sources = grown32(this.sources);
    }
    const entry = this.used++;
    this.hashes[entry] = hash;
    this.move(entry, slab, offset, source);
    this.place(hash, entry);
  }

  private place(hash: number, entry: number): void {
    let probe = this.firstProbe(hash);
    while (this.slots[probe] !== 0) probe = this.nextProbe(probe);
    this.slots[probe] = entry + 1;
  }

  private growSlots(): void {
    this.slots = new Int32Array(this.slots.length * 2);
    for (let entry = 0; entry < this.used; entry++) this.place(this.hashOf(entry), entry);
  }
}
