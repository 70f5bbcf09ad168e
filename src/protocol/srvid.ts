// Message ids are u64: a bigint in cold code, two u32 (hi, lo) on the hot path. This file converts between the two.

/** Upper 32 bits of a srvid. */
export function srvidHigh(srvid: bigint): number {
  return Number((srvid >> 32n) & 0xffff_ffffn);
}

/** Lower 32 bits of a srvid. */
export function srvidLow(srvid: bigint): number {
  return Number(srvid & 0xffff_ffffn);
}

/** The srvid of two u32 halves. */
export function srvidFrom(hi: number, lo: number): bigint {
  return (BigInt(hi) << 32n) | BigInt(lo);
}
