// REQ_MESSAGE round a ring of nodes: each client passes what it gets to the client on the next node.
import { Operation, PacketWriter, writeReqMessage } from "../../src/protocol/index.js";
import type { Benchmark, LoadContext } from "../benchmark.js";
import { ClientSet } from "../load/client-set.js";
import { runLoop } from "../load/closed-loop.js";
import { request } from "../load/requests.js";

const OPERATION_OFFSET = 16;
/** Not a srvid that CTDB or Samba uses. */
const SRVID_HIGH = 0x42454e43;
const PAYLOAD = Buffer.alloc(100, "m");

function messageRing(nodes: number, inFlight: number): Benchmark {
  const name = `message-ring-${nodes}n-${inFlight}`;
  return {
    name,
    nodes,
    run(context: LoadContext) {
      const clients = new ClientSet();
      for (const node of context.nodes) {
        const client = clients.add(node.socketPath);
        request(clients, client, "REGISTER_SRVID", undefined, BigInt(SRVID_HIGH) << 32n);
      }
      const writers = context.nodes.map((_, i) => {
        const writer = new PacketWriter();
        writeReqMessage(writer, 0, (i + 1) % nodes, i, 0, SRVID_HIGH, 0, PAYLOAD);
        return writer;
      });
      const pass = (client: number) => {
        const writer = writers[client];
        if (writer !== undefined) clients.send(client, writer.bytes, writer.length);
      };
      for (let i = 0; i < inFlight; i++) pass(i % nodes);
      const counter = { operations: 0 };
      const result = runLoop(clients, context.durationMs, counter, (client, bytes, offset) => {
        if (bytes.readUInt32LE(offset + OPERATION_OFFSET) !== Operation.REQ_MESSAGE) return;
        counter.operations++;
        pass(client);
      });
      clients.close();
      return [{ name, value: result.perSecond, unit: "/s" }];
    },
  };
}

export const messageRings: readonly Benchmark[] = [2, 3].flatMap((nodes) => [
  messageRing(nodes, 1),
  messageRing(nodes, 64),
]);
