// The stage of real processes: packets are read from the debug logs of the daemons.
import { type Client, connect } from "../../../src/client/index.js";
import { awaitCondition } from "../await-condition.js";
import { LocalCluster } from "../local-cluster.js";
import { type Packet, packetOf } from "./packet-sequences.js";
import { countOf } from "./simulated-stage.js";
import { LIMIT_MS, QUIET_MS, type Stage, TUNABLES } from "./stage.js";

const PACKET = /\bnode (\d+) > ([A-Z_]+ \d+>.*)$/;

class RealStage implements Stage {
  private readonly clients: Client[] = [];

  constructor(private readonly cluster: LocalCluster) {}

  async client(pnn: number): Promise<Client> {
    const client = await connect({ socketPath: this.cluster.node(pnn).socketPath });
    this.clients.push(client);
    return client;
  }

  async kill(pnn: number): Promise<void> {
    await this.cluster.node(pnn).kill();
  }

  async healthy(pnns: readonly number[]): Promise<void> {
    await this.cluster.healthy(pnns);
  }

  until(what: string, condition: () => Promise<boolean>): Promise<void> {
    return awaitCondition(what, { timeoutMs: LIMIT_MS, intervalMs: 20 }, condition).then(() => undefined);
  }

  async quiet(): Promise<void> {
    let before = -1;
    await awaitCondition("quiet", { timeoutMs: LIMIT_MS, intervalMs: QUIET_MS }, () => {
      const now = countOf(this.packets());
      const isQuiet = now === before;
      before = now;
      return isQuiet;
    });
  }

  packets(): readonly Packet[] {
    return this.cluster.nodes.flatMap(({ pnn, log }) =>
      // The end of the last line may not be written yet.
      log
        .slice(0, log.lastIndexOf("\n") + 1)
        .split("\n")
        .flatMap((line): Packet[] => {
          const [, from, summary] = PACKET.exec(line) ?? [];
          return summary === undefined || Number(from) === pnn ? [] : [packetOf(Number(from), pnn, summary)];
        }),
    );
  }

  async close(): Promise<void> {
    for (const client of this.clients) await client.close();
  }
}

/** Plays a story on a cluster of three nodes that has just been started. */
export async function onProcesses<T>(story: (stage: Stage) => Promise<T>): Promise<T> {
  const cluster = await LocalCluster.create({ kinds: ["ts", "ts", "ts"], tunables: TUNABLES, logLevel: "DEBUG" });
  const stage = new RealStage(cluster);
  try {
    cluster.startAll();
    await cluster.healthy();
    return await story(stage);
  } catch (error) {
    throw cluster.failed(error);
  } finally {
    await stage.close();
    await cluster.stop();
  }
}
