// Records travelling round the nodes: on each node a client takes the record with a fetch-lock, raises the counter in it, and
// the client on the next node asks for it. One record a client slot, so that 32 clients a node keep 32 records moving.
import { Operation } from "../../src/protocol/index.js";
import type { Benchmark, LoadContext } from "../benchmark.js";
import { ClientSet } from "../load/client-set.js";
import { runLoop } from "../load/closed-loop.js";
import { attachEverywhere, changeIfHere, migrationRequest } from "../load/shared-database.js";

const OPERATION_OFFSET = 16;
const VALUE_BYTES = 100;

function migrationRing(nodes: number, clientsPerNode: number): Benchmark {
  const name = `migration-ring-${nodes}n-${clientsPerNode}`;
  return {
    name,
    nodes,
    run(context: LoadContext) {
      const clients = new ClientSet();
      // Client number = slot * nodes + position of the node.
      for (let slot = 0; slot < clientsPerNode; slot++) {
        for (const node of context.nodes) clients.add(node.socketPath);
      }
      const database = attachEverywhere(clients, context, `${name}.tdb`, (position) => position);
      const keys = Array.from({ length: clientsPerNode }, (_, slot) => Buffer.from(`ring record ${slot}`));
      const calls = keys.map((key, slot) => migrationRequest(database.dbId, key, slot + 1));
      const expected = new Array<number>(clientsPerNode).fill(0);
      const counter = { operations: 0 };
      const value = Buffer.alloc(VALUE_BYTES);

      const ask = (client: number) => {
        const call = calls[Math.floor(client / nodes)];
        if (call !== undefined) clients.send(client, call.bytes, call.length);
      };
      let slotNow = 0;
      const raise = (old: Buffer): Buffer => {
        const before = old.length >= 4 ? old.readUInt32LE(0) : 0;
        if (before !== expected[slotNow]) {
          throw new Error(`record ${slotNow} holds ${before} after ${expected[slotNow]} increments`);
        }
        value.writeUInt32LE(before + 1, 0);
        return value;
      };
      const arrived = (client: number) => {
        const slot = Math.floor(client / nodes);
        const position = client % nodes;
        const file = database.files[position];
        const key = keys[slot];
        if (file === undefined || key === undefined) return;
        slotNow = slot;
        if (!changeIfHere(file, context.nodes[position]?.pnn ?? -1, key, raise)) {
          ask(client); // It went on before we had the lock: ask again.
          return;
        }
        expected[slot] = (expected[slot] ?? 0) + 1;
        counter.operations++;
        ask(slot * nodes + ((position + 1) % nodes));
      };
      for (let slot = 0; slot < clientsPerNode; slot++) ask(slot * nodes);
      const result = runLoop(clients, context.durationMs, counter, (client, bytes, offset) => {
        if (bytes.readUInt32LE(offset + OPERATION_OFFSET) === Operation.REPLY_CALL) arrived(client);
      });
      clients.close();
      database.close();
      return [{ name, value: result.perSecond, unit: "/s" }];
    },
  };
}

export const migrationRings: readonly Benchmark[] = [2, 3].flatMap((nodes) => [
  migrationRing(nodes, 1),
  migrationRing(nodes, 32),
]);
