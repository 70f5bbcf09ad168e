// PING controls from 1, 16 and 256 clients, one outstanding each: what a packet costs a daemon at the least.
import { Control, Operation, PacketWriter, Pnn, writeReqControl } from "../../src/protocol/index.js";
import type { Benchmark, LoadContext } from "../benchmark.js";
import { ClientSet } from "../load/client-set.js";
import { runLoop } from "../load/closed-loop.js";
import { Latencies } from "../load/latencies.js";

const OPERATION_OFFSET = 16;

function pingBenchmark(count: number): Benchmark {
  const name = `ping-${count}`;
  return {
    name,
    nodes: 1,
    run(context: LoadContext) {
      const node = context.nodes[0];
      if (node === undefined) throw new Error("no node");
      const clients = new ClientSet();
      const writer = new PacketWriter();
      writeReqControl(writer, 0, Pnn.CURRENT_NODE, 0, 1, Control.PING, 0, 0, 0, 0, Buffer.alloc(0));
      const sentAt = new Float64Array(count);
      const send = (client: number) => {
        sentAt[client] = performance.now();
        clients.send(client, writer.bytes, writer.length);
      };
      for (let i = 0; i < count; i++) clients.add(node.socketPath);
      for (let i = 0; i < count; i++) send(i);
      const counter = { operations: 0 };
      const latencies = new Latencies();
      const result = runLoop(clients, context.durationMs, counter, (client, bytes, offset) => {
        if (bytes.readUInt32LE(offset + OPERATION_OFFSET) !== Operation.REPLY_CONTROL) return;
        counter.operations++;
        latencies.add(performance.now() - (sentAt[client] ?? 0));
        send(client);
      });
      clients.close();
      return [
        { name, value: result.perSecond, unit: "/s" },
        { name: `${name} p99`, value: latencies.percentile(0.99) * 1000, unit: "us" },
      ];
    },
  };
}

export const pingBenchmarks: readonly Benchmark[] = [1, 16, 256].map(pingBenchmark);
