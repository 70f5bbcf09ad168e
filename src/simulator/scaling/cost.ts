// What something costs a cluster: virtual time, packets between nodes and their bytes.
import type { World } from "../world.js";

export interface Cost {
  readonly ms: number;
  readonly packets: number;
  readonly bytes: number;
  /** Packets by what they are: "GET_NODEMAP", "REPLY_CONTROL", "REQ_KEEPALIVE". Empty unless the world's trace is on. */
  readonly kinds: ReadonlyMap<string, number>;
}

const CONTROL = / packet REQ_CONTROL \S+ \S+ (\S+)/;
const MESSAGE = / packet REQ_MESSAGE \S+ \S+ (\S+)/;
const OTHER = / packet (\S+)/;

/** The cost of all that happens while `act` lets time pass. */
export async function costOf(world: World, act: () => Promise<void>): Promise<Cost> {
  const kinds = new Map<string, number>();
  const stop = world.trace.listen((line) => {
    const kind = (CONTROL.exec(line) ?? MESSAGE.exec(line) ?? OTHER.exec(line))?.[1];
    if (kind !== undefined) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  });
  const fromMs = world.time.nowMs;
  const { packets, bytes } = world.traffic;
  try {
    await act();
  } finally {
    stop();
  }
  const { traffic, time } = world;
  return { ms: time.nowMs - fromMs, packets: traffic.packets - packets, bytes: traffic.bytes - bytes, kinds };
}
