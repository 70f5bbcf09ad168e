// The stage of the simulator. Stories run inside: their promises settle while `World.settle` lets time pass.
import type { Client } from "../../../src/client/index.js";
import { NodeFlag } from "../../../src/protocol/index.js";
import { World } from "../../../src/simulator/world.js";
import { type Packet, packetOf, QuietWatch } from "./packet-sequences.js";
import { LIMIT_MS, type Stage, TUNABLES } from "./stage.js";

const LOOK_MS = 20;
const STORY_LIMIT_MS = 600_000;
const PACKET = / n(\d+)>n(\d+) packet (.*)$/;

class SimulatedStage implements Stage {
  private readonly seen: Packet[] = [];

  constructor(private readonly world: World) {
    world.trace.listen((line) => {
      const [, from, to, summary] = PACKET.exec(line) ?? [];
      if (summary !== undefined) this.seen.push(packetOf(Number(from), Number(to), summary));
    });
  }

  client(pnn: number): Promise<Client> {
    return this.world.client(pnn).connect();
  }

  async kill(pnn: number): Promise<void> {
    this.world.node(pnn).kill();
  }

  healthy(pnns: readonly number[]): Promise<void> {
    const { world } = this;
    const isSeenRightly = (): boolean =>
      world.nodes.every(
        ({ ctdb }) =>
          ctdb === undefined ||
          (ctdb.state.vnnMap.map.join() === pnns.join() &&
            world.nodes.every(
              ({ pnn }) => pnns.includes(pnn) || ((ctdb.nodes.get(pnn)?.flags ?? 0) & NodeFlag.DISCONNECTED) !== 0,
            )),
      );
    return this.until("healthy", async () => world.isHealthy() && isSeenRightly());
  }

  async until(what: string, condition: () => Promise<boolean>): Promise<void> {
    const { world } = this;
    const untilMs = world.time.nowMs + LIMIT_MS;
    while (!(await condition())) {
      if (world.time.nowMs > untilMs) throw new Error(`not in the simulator: ${what}`);
      await world.sleep(LOOK_MS);
    }
  }

  quiet(): Promise<void> {
    const watch = new QuietWatch();
    return this.until("quiet", async () => watch.isQuiet(this.seen));
  }

  packets(): readonly Packet[] {
    return this.seen;
  }
}

/** Plays a story on a cluster of three nodes that has just been started. */
export async function onSimulator<T>(story: (stage: Stage) => Promise<T>): Promise<T> {
  const world = new World({ seed: 1, nodes: 3, settings: { tunables: TUNABLES } });
  const stage = new SimulatedStage(world);
  world.start();
  const play = async (): Promise<T> => {
    await stage.healthy([0, 1, 2]);
    return story(stage);
  };
  return world.settle(play(), STORY_LIMIT_MS);
}
