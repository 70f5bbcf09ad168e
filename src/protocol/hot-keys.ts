// The tail of GET_DB_STATISTICS: ten slots of fixed size, then the keys of all slots.
import { defineCodec, type StructCodec } from "./codec.js";

const SLOTS = 10;
const SLOT_SIZE = 24;

/** A key that was redirected often. */
export interface HotKey {
  /** Hop count that made it hot; 0: the slot is not in use. */
  count: number;
  key: Uint8Array;
}

/** Always ten slots on the wire; fewer are filled up with unused ones. */
export type HotKeys = HotKey[];

export const HotKeys: StructCodec<HotKey[]> = defineCodec<HotKey[]>({
  name: "HotKeys",
  exact: false,
  size: (value) => value.reduce((sum, slot) => sum + slot.key.length, SLOTS * SLOT_SIZE),
  read(r) {
    const heads = Array.from({ length: SLOTS }, () => {
      const count = r.u32("count");
      // Padding, and a pointer into the memory of the sender.
      r.padding(12);
      return { count, keyLength: r.safe64("keylen") };
    });
    return heads.map(({ count, keyLength }) => ({ count, key: r.bytes(keyLength, "key") }));
  },
  write(w, value) {
    if (value.length > SLOTS) throw new RangeError(`${value.length} hot keys; ${SLOTS} fit`);
    for (let slot = 0; slot < SLOTS; slot += 1) {
      const hot = value[slot];
      w.u32(hot?.count ?? 0);
      w.pad(12);
      w.safe64(hot?.key.length ?? 0);
    }
    for (const hot of value) w.bytes(hot.key);
  },
});
