// Hashes of CTDB: which node is lmaster of a key, and the id of a database. Called once for each record request: no allocation.

const SEED = 0xdeadbeef;

/**
 * The jenkins hash (lookup3 hashlittle, init value 0) of `length` bytes of `bytes` from `start`: CTDB's hash for lmaster and
 * db_id, and tdb's chain hash for files opened with INCOMPATIBLE_HASH. Returns a u32. The range must lie inside `bytes`.
 */
export function hashRange(bytes: Uint8Array, start: number, length: number): number {
  let a = (SEED + length) | 0;
  let b = a;
  let c = a;
  let at = start;
  let left = length;
  while (left > 12) {
    a = (a + word(bytes, at)) | 0;
    b = (b + word(bytes, at + 4)) | 0;
    c = (c + word(bytes, at + 8)) | 0;
    a = (a - c) | 0;
    a ^= (c << 4) | (c >>> 28);
    c = (c + b) | 0;
    b = (b - a) | 0;
    b ^= (a << 6) | (a >>> 26);
    a = (a + c) | 0;
    c = (c - b) | 0;
    c ^= (b << 8) | (b >>> 24);
    b = (b + a) | 0;
    a = (a - c) | 0;
    a ^= (c << 16) | (c >>> 16);
    c = (c + b) | 0;
    b = (b - a) | 0;
    b ^= (a << 19) | (a >>> 13);
    a = (a + c) | 0;
    c = (c - b) | 0;
    c ^= (b << 4) | (b >>> 28);
    b = (b + a) | 0;
    at += 12;
    left -= 12;
  }
  if (left === 0) return c >>> 0;
  a = (a + partialWord(bytes, at, left)) | 0;
  b = (b + partialWord(bytes, at + 4, left - 4)) | 0;
  c = (c + partialWord(bytes, at + 8, left - 8)) | 0;
  c ^= b;
  c = (c - ((b << 14) | (b >>> 18))) | 0;
  a ^= c;
  a = (a - ((c << 11) | (c >>> 21))) | 0;
  b ^= a;
  b = (b - ((a << 25) | (a >>> 7))) | 0;
  c ^= b;
  c = (c - ((b << 16) | (b >>> 16))) | 0;
  a ^= c;
  a = (a - ((c << 4) | (c >>> 28))) | 0;
  b ^= a;
  b = (b - ((a << 14) | (a >>> 18))) | 0;
  c ^= b;
  c = (c - ((b << 24) | (b >>> 8))) | 0;
  return c >>> 0;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function word(bytes: Uint8Array, at: number): number {
  return byte(bytes, at) | (byte(bytes, at + 1) << 8) | (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24);
}

/** The first `left` bytes of a word (all four if there are more, 0 if there are none); missing ones count as zero. */
function partialWord(bytes: Uint8Array, at: number, left: number): number {
  if (left >= 4) return word(bytes, at);
  let value = 0;
  for (let i = left - 1; i >= 0; i -= 1) value = (value << 8) | byte(bytes, at + i);
  return value;
}

/** Hash of a key, exactly as given. u32. */
export function hashKey(bytes: Uint8Array): number {
  return hashRange(bytes, 0, bytes.length);
}

/** db_id of a database: the hash of its name with the terminating NUL. */
export function databaseId(name: string): number {
  return hashKey(Buffer.from(`${name}\0`, "utf8"));
}

/** tdb's old default chain hash: files opened without INCOMPATIBLE_HASH (persistent databases). u32. */
export function oldTdbHash(bytes: Uint8Array): number {
  let value = Math.imul(0x238f13af, bytes.length);
  for (let i = 0; i < bytes.length; i += 1) value = (value + (byte(bytes, i) << ((5 * i) % 24))) | 0;
  return (Math.imul(1103515243, value) + 12345) >>> 0;
}

/**
 * pnn of the lmaster of `key`: map[hash(key) mod size].
 * `map` - the map of the VNN map. Throws RangeError for an empty map (a node must not route before it has one).
 */
export function lmasterOf(map: readonly number[], key: Uint8Array): number {
  return lmasterOfHash(map, hashKey(key));
}

/** Like `lmasterOf` for a hash that is known already. */
export function lmasterOfHash(map: readonly number[], hash: number): number {
  const pnn = map[hash % map.length];
  if (pnn === undefined) throw new RangeError("the VNN map is empty: no lmaster can be named");
  return pnn;
}
