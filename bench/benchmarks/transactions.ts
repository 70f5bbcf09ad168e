// Transactions of two records and the sequence number on persistent and replicated databases: 1 and 4 writers a node, each with
// a database of its own and one TRANS3_COMMIT outstanding. The writers' own work (reads, g_lock) is left out.
import {
  Control,
  Operation,
  PacketWriter,
  Pnn,
  packetOperation,
  RecBufferWriter,
  replyControlStatus,
  writeReqControl,
} from "../../src/protocol/index.js";
import type { Benchmark, LoadContext } from "../benchmark.js";
import { ClientSet, type PacketHandler } from "../load/client-set.js";
import { runLoop } from "../load/closed-loop.js";
import { Latencies } from "../load/latencies.js";
import { request } from "../load/requests.js";

const NODES = 3;
const VALUE = Buffer.alloc(100, "v");
const KEYS = [Buffer.from("left"), Buffer.from("right")];
const SEQUENCE_NUMBER_KEY = Buffer.from("__db_sequence_number__\0");
const ATTACH_TIMEOUT_MS = 10_000;
const DRAIN_TIMEOUT_MS = 10_000;

type Kind = "persistent" | "replicated";

/** Attaches on the first node and waits until all have it. */
function attach(clients: ClientSet, kind: Kind, name: string): number {
  const dbId = request(clients, 0, kind === "persistent" ? "DB_ATTACH_PERSISTENT" : "DB_ATTACH_REPLICATED", name);
  const deadline = performance.now() + ATTACH_TIMEOUT_MS;
  for (let client = 0; client < NODES; client++) {
    while (!request(clients, client, "GET_DBMAP", undefined).dbs.some((entry) => entry.dbId === dbId)) {
      if (performance.now() > deadline) throw new Error(`${name} is not attached on all nodes`);
    }
  }
  return dbId;
}

function transactionBenchmark(kind: Kind, writersPerNode: number): Benchmark {
  const name = `${kind}-transactions-${writersPerNode}`;
  return {
    name,
    nodes: NODES,
    run(context: LoadContext) {
      const clients = new ClientSet();
      const writers = NODES * writersPerNode;
      for (let i = 0; i < writers; i++) clients.add(context.nodes[i % NODES]?.socketPath ?? "");
      const databases = Array.from({ length: writers }, (_, i) => attach(clients, kind, `${name}-${i}.tdb`));
      const numbers = databases.map((dbId, i) => request(clients, i, "GET_DB_SEQNUM", dbId));
      const packet = new PacketWriter();
      const records = new RecBufferWriter(0);
      const sentAt = new Float64Array(writers);
      const send = (client: number): void => {
        const number = (numbers[client] ?? 0) + 1;
        const pnn = client % NODES;
        const sequence = Buffer.alloc(8);
        sequence.writeBigUInt64LE(BigInt(number));
        numbers[client] = number;
        records.reset(databases[client]);
        VALUE.writeUInt32LE(number);
        for (const key of KEYS) records.addWithHeader(0, key, number, pnn, 0, VALUE);
        records.addWithHeader(0, SEQUENCE_NUMBER_KEY, number, pnn, 0, sequence);
        const opcode = Control.TRANS3_COMMIT;
        writeReqControl(packet, 0, Pnn.CURRENT_NODE, 0, 1, opcode, 0, 0, 0, 0, records.bytes());
        sentAt[client] = performance.now();
        clients.send(client, packet.bytes, packet.length);
      };
      for (let i = 0; i < writers; i++) send(i);
      let outstanding = writers;
      let ending = false;
      const counter = { operations: 0 };
      const latencies = new Latencies();
      const onPacket: PacketHandler = (client, bytes, offset, length) => {
        const reply = bytes.subarray(offset, offset + length);
        if (packetOperation(reply) !== Operation.REPLY_CONTROL) return;
        const status = replyControlStatus(reply);
        if (status !== 0) throw new Error(`TRANS3_COMMIT: status ${status}`);
        counter.operations++;
        latencies.add(performance.now() - (sentAt[client] ?? 0));
        if (ending) outstanding--;
        else send(client);
      };
      const result = runLoop(clients, context.durationMs, counter, onPacket);
      // A client that leaves in the middle of a commit would force a recovery.
      ending = true;
      while (outstanding > 0) {
        if (!clients.poll(DRAIN_TIMEOUT_MS, onPacket)) throw new Error(`${outstanding} commits were not answered`);
      }
      clients.close();
      return [
        { name, value: result.perSecond, unit: "/s" },
        { name: `${name} p50`, value: latencies.percentile(0.5), unit: "ms" },
        { name: `${name} p99`, value: latencies.percentile(0.99), unit: "ms" },
      ];
    },
  };
}

export const transactions: readonly Benchmark[] = (["persistent", "replicated"] as const).flatMap((kind) =>
  [1, 4].map((writers) => transactionBenchmark(kind, writers)),
);
