// The stage of real processes: packets are read from the debug logs of the daemons.
import { type Client, connect } from "../../../src/client/index.js";
import { awaitCondition } from "../await-condition.js";
import type { ClusterNode } from "../cluster-node.js";
import { LocalCluster } from "../local-cluster.js";
import { type Packet, packetOf, QuietWatch } from "./packet-sequences.js";
import { LIMIT_MS, type Stage, TUNABLES } from "./stage.js";

const PACKET = /\bnode (\d+) > ([A-Z_]+ \d+>.*)$/;

/** The packets that a node received, by its log, of which each look reads what is new. */
class PacketLog {
  private readonly found: Packet[] = [];
  private offset = 0;

  constructor(private readonly node: ClusterNode) {}

  packets(): readonly Packet[] {
    const { pnn, log } = this.node;
    // The end of the last line may not be written yet.
    const end = log.lastIndexOf("\n") + 1;
    for (const line of log.slice(this.offset, end).split("\n")) {
      const [, from, summary] = PACKET.exec(line) ?? [];
      if (summary !== undefined && Number(from) !== pnn) this.found.push(packetOf(Number(from), pnn, summary));
    }
    this.offset = end;
    return this.found;
  }
}

class RealStage implements Stage {
  private readonly clients: Client[] = [];
  private readonly logs: readonly PacketLog[];

  constructor(private readonly cluster: LocalCluster) {
    this.logs = cluster.nodes.map((node) => new PacketLog(node));
  }

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

  quiet(): Promise<void> {
    const watch = new QuietWatch();
    return this.until("quiet", async () => watch.isQuiet(this.packets()));
  }

  packets(): readonly Packet[] {
    return this.logs.flatMap((log) => log.packets());
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
