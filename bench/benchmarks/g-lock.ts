// A lock of g_lock.tdb that one client a node takes and gives back as fast as it can, in both record formats; and a counter that all
// clients raise in transactions under such a lock. The clients are those of the client library, the same for both daemons.
import { type Client, connect, type GLockFormat } from "../../src/client/index.js";
import type { Benchmark, Figure, LoadContext } from "../benchmark.js";
import { Latencies } from "../load/latencies.js";

const WARM_UP_SHARE = 0.25;

async function withClients(
  context: LoadContext,
  clientsPerNode: number,
  work: (clients: readonly Client[]) => Promise<Figure[]>,
): Promise<Figure[]> {
  const clients: Client[] = [];
  try {
    for (const node of context.nodes) {
      for (let i = 0; i < clientsPerNode; i++) clients.push(await connect({ socketPath: node.socketPath }));
    }
    return await work(clients);
  } finally {
    for (const client of clients) await client.close();
  }
}

/** Runs `step` on each client one after the other until the time is over; what ends after the warm-up counts. */
async function loop(
  name: string,
  clients: readonly Client[],
  durationMs: number,
  step: (client: Client, index: number) => Promise<void>,
): Promise<Figure[]> {
  const begin = performance.now();
  const countFrom = begin + durationMs * WARM_UP_SHARE;
  const end = countFrom + durationMs;
  const latencies = new Latencies();
  const counts = await Promise.all(
    clients.map(async (client, index) => {
      let count = 0;
      for (let now = performance.now(); now < end; ) {
        await step(client, index);
        const before = now;
        now = performance.now();
        if (before >= countFrom) {
          latencies.add(now - before);
          count++;
        }
      }
      return count;
    }),
  );
  const total = counts.reduce((sum, count) => sum + count, 0);
  return [
    { name, value: (total * 1000) / (performance.now() - countFrom), unit: "/s" },
    { name: `${name} p99`, value: latencies.percentile(0.99), unit: "ms" },
    { name: `${name} longest`, value: latencies.percentile(1), unit: "ms" },
  ];
}

function lockBenchmark(nodes: number, format: GLockFormat): Benchmark {
  const name = `g-lock-${format}-${nodes}n`;
  return {
    name,
    nodes,
    run: (context) =>
      withClients(context, 1, async (clients) => {
        let holders = 0;
        let lastHolder = -1;
        let handOvers = 0;
        const begin = performance.now();
        const figures = await loop(name, clients, context.durationMs, async (client, index) => {
          const lock = await client.gLock(name, { format });
          if (++holders !== 1) throw new Error(`${holders} clients hold ${name}`);
          if (index !== lastHolder) handOvers++;
          lastHolder = index;
          // All clients live in this process: the others must be able to come in between, if they could.
          await new Promise((resolve) => setImmediate(resolve));
          holders--;
          await lock.release();
        });
        const value = (handOvers * 1000) / (performance.now() - begin);
        return [...figures, { name: `${name} hand-overs`, value, unit: "/s" }];
      }),
  };
}

function counterBenchmark(type: "persistent" | "replicated", clientsPerNode: number): Benchmark {
  const name = `${type}-counter-${clientsPerNode}`;
  return {
    name,
    nodes: 3,
    run: (context) =>
      withClients(context, clientsPerNode, async (clients) => {
        const databases = await Promise.all(clients.map((client) => client.attach(`${name}.tdb`, { type })));
        let raised = 0;
        const figures = await loop(name, clients, context.durationMs, async (_, index) => {
          await databases[index]?.transaction(async (transaction) => {
            transaction.store("counter", String(1 + Number((await transaction.fetch("counter")) ?? 0)));
          });
          raised++;
        });
        const counter = Number(await databases[0]?.readTransaction((view) => view.fetch("counter")));
        if (counter !== raised) throw new Error(`the counter is ${counter} after ${raised} transactions`);
        return figures;
      }),
  };
}

export const gLocks: readonly Benchmark[] = [
  ...[2, 3].flatMap((nodes) => [lockBenchmark(nodes, "ctdb"), lockBenchmark(nodes, "samba")]),
  ...(["persistent", "replicated"] as const).flatMap((type) => [counterBenchmark(type, 1), counterBenchmark(type, 4)]),
];
