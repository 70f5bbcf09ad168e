// Clients on all nodes at once: one hot record that all want all the time, and 1,000 records in random order.
import { Operation } from "../../src/protocol/index.js";
import type { Benchmark, LoadContext } from "../benchmark.js";
import { ClientSet } from "../load/client-set.js";
import { runLoop } from "../load/closed-loop.js";
import { attachEverywhere, changeIfHere, migrationRequest } from "../load/shared-database.js";

const NODES = 3;
const OPERATION_OFFSET = 16;
const VALUE_BYTES = 100;
/** Records that a client changes on its node without the daemon before others have their turn. */
const LOCAL_RUN_MAX = 16;

/** Numbers that look random and are the same in each run. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

/** Each client: raise the counter of a record, wherever that is, and go on with the next one. Changes a second, of all clients. */
function changesOf(name: string, keyCount: number, clientsPerNode: number): Benchmark {
  return {
    name,
    nodes: NODES,
    run(context: LoadContext) {
      const clients = new ClientSet();
      for (let i = 0; i < clientsPerNode; i++) for (const node of context.nodes) clients.add(node.socketPath);
      const clientCount = clientsPerNode * NODES;
      const database = attachEverywhere(clients, context, `${name}.tdb`, (position) => position);
      const keys = Array.from({ length: keyCount }, (_, i) => Buffer.from(`record ${i}`));
      const calls = keys.map((key) => migrationRequest(database.dbId, key, 1));
      const expected = new Array<number>(keyCount).fill(0);
      const wanted = new Array<number>(clientCount).fill(0);
      const random = sequence(4711);
      const counter = { operations: 0 };
      const value = Buffer.alloc(VALUE_BYTES);
      let keyNow = 0;
      const raise = (old: Buffer): Buffer => {
        const before = old.length >= 4 ? old.readUInt32LE(0) : 0;
        if (before !== expected[keyNow]) {
          throw new Error(`record ${keyNow} holds ${before} after ${expected[keyNow]} changes`);
        }
        value.writeUInt32LE(before + 1, 0);
        return value;
      };
      const go = (client: number): void => {
        const position = client % NODES;
        const file = database.files[position];
        const pnn = context.nodes[position]?.pnn ?? -1;
        for (let i = 0; i < LOCAL_RUN_MAX; i++) {
          keyNow = wanted[client] ?? 0;
          const key = keys[keyNow];
          if (file === undefined || key === undefined || !changeIfHere(file, pnn, key, raise)) break;
          expected[keyNow] = (expected[keyNow] ?? 0) + 1;
          counter.operations++;
          wanted[client] = Math.floor(random() * keyCount);
        }
        // Also when the record is here: then this is only the turn of the others.
        const call = calls[wanted[client] ?? 0];
        if (call !== undefined) clients.send(client, call.bytes, call.length);
      };
      for (let client = 0; client < clientCount; client++) {
        wanted[client] = Math.floor(random() * keyCount);
        go(client);
      }
      const result = runLoop(clients, context.durationMs, counter, (client, bytes, offset) => {
        if (bytes.readUInt32LE(offset + OPERATION_OFFSET) === Operation.REPLY_CALL) go(client);
      });
      clients.close();
      database.close();
      return [{ name, value: result.perSecond, unit: "/s" }];
    },
  };
}

/** One change a visit: a client that kept the record would measure libtdb only. */
function hotRecord(clientsPerNode: number): Benchmark {
  const name = `hot-record-${NODES}n-${clientsPerNode}`;
  return {
    name,
    nodes: NODES,
    run(context: LoadContext) {
      const clients = new ClientSet();
      for (let i = 0; i < clientsPerNode; i++) for (const node of context.nodes) clients.add(node.socketPath);
      const database = attachEverywhere(clients, context, `${name}.tdb`, (position) => position);
      const key = Buffer.from("hot");
      const call = migrationRequest(database.dbId, key, 1);
      const counter = { operations: 0 };
      const value = Buffer.alloc(VALUE_BYTES);
      let expected = 0;
      let handOvers = 0;
      let visits = 0;
      let lastPosition = -1;
      const raise = (old: Buffer): Buffer => {
        const before = old.length >= 4 ? old.readUInt32LE(0) : 0;
        if (before !== expected) throw new Error(`the record holds ${before} after ${expected} changes`);
        value.writeUInt32LE(++expected, 0);
        return value;
      };
      const ask = (client: number): void => clients.send(client, call.bytes, call.length);
      for (let client = 0; client < clientsPerNode * NODES; client++) ask(client);
      const result = runLoop(clients, context.durationMs, counter, (client, bytes, offset) => {
        if (bytes.readUInt32LE(offset + OPERATION_OFFSET) !== Operation.REPLY_CALL) return;
        visits++;
        const file = database.files[client % NODES];
        const pnn = context.nodes[client % NODES]?.pnn ?? -1;
        if (file !== undefined && changeIfHere(file, pnn, key, raise)) {
          counter.operations++;
          if (client % NODES !== lastPosition) handOvers++;
          lastPosition = client % NODES;
        }
        ask(client);
      });
      clients.close();
      database.close();
      return [
        { name, value: result.perSecond, unit: "/s" },
        { name: `${name} hand-overs`, value: (result.perSecond * handOvers) / expected, unit: "/s" },
        // The others had lost the record again before the client had its lock.
        { name: `${name} visits in time`, value: (100 * expected) / visits, unit: "%" },
      ];
    },
  };
}

export const manyNodes: readonly Benchmark[] = [
  hotRecord(1),
  hotRecord(8),
  changesOf(`random-keys-${NODES}n-1`, 1000, 1),
  changesOf(`random-keys-${NODES}n-8`, 1000, 8),
];
