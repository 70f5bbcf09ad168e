// What 1,000 and 5,000 idle clients cost: resident memory of the daemon, and the ping times of one more client.
import { readFileSync } from "node:fs";
import { Control, PacketWriter, Pnn, writeReqControl } from "../../src/protocol/index.js";
import type { Benchmark, LoadContext } from "../benchmark.js";
import { ClientSet } from "../load/client-set.js";
import { Latencies } from "../load/latencies.js";
import { requestStatus } from "../load/requests.js";

const SILENCE_MAX_MS = 10_000;

function residentMib(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1]) / 1024;
}

function idleClients(count: number): Benchmark {
  const name = `idle-clients-${count}`;
  return {
    name,
    nodes: 1,
    run(context: LoadContext) {
      const node = context.nodes[0];
      if (node === undefined) throw new Error("no node");
      const clients = new ClientSet();
      const active = clients.add(node.socketPath);
      // Each one is spoken to once, so that it has surely been accepted.
      for (let i = 0; i < count; i++) requestStatus(clients, clients.add(node.socketPath), "PING");
      const writer = new PacketWriter();
      writeReqControl(writer, 0, Pnn.CURRENT_NODE, 0, 1, Control.PING, 0, 0, 0, 0, Buffer.alloc(0));
      const latencies = new Latencies();
      const pings = context.quick ? 5_000 : 20_000;
      let answered = 0;
      for (let i = 0; i < pings; i++) {
        const sentAt = performance.now();
        clients.send(active, writer.bytes, writer.length);
        while (answered <= i) {
          if (!clients.poll(SILENCE_MAX_MS, () => answered++)) throw new Error("a ping was not answered");
        }
        latencies.add(performance.now() - sentAt);
      }
      const resident = residentMib(node.daemonPid);
      clients.close();
      return [
        { name: `${name} memory`, value: resident, unit: "MiB" },
        { name: `${name} ping p99`, value: latencies.percentile(0.99) * 1000, unit: "us" },
      ];
    },
  };
}

export const idleClientBenchmarks: readonly Benchmark[] = [idleClients(1_000), idleClients(5_000)];
