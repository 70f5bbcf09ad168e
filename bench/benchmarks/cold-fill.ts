// 10,000 new records made through one node of three by one client, and by 32: two thirds of them have their lmaster elsewhere.
import { Operation } from "../../src/protocol/index.js";
import type { Benchmark, LoadContext } from "../benchmark.js";
import { ClientSet } from "../load/client-set.js";
import { attachEverywhere, changeIfHere, migrationRequest } from "../load/shared-database.js";

const OPERATION_OFFSET = 16;
const KEYS = 10_000;
const VALUE = Buffer.alloc(100, "v");
const SILENCE_MAX_MS = 10_000;

function coldFill(clientCount: number): Benchmark {
  const name = `cold-fill-${clientCount}`;
  return {
    name,
    nodes: 3,
    run(context: LoadContext) {
      const clients = new ClientSet();
      for (const node of context.nodes) clients.add(node.socketPath);
      const database = attachEverywhere(clients, context, `${name}.tdb`, (position) => position);
      const node = context.nodes[0];
      const file = database.files[0];
      if (node === undefined || file === undefined) throw new Error("no node");
      const first = clients.add(node.socketPath);
      for (let i = 1; i < clientCount; i++) clients.add(node.socketPath);

      const keyOf = new Array<Buffer>(clientCount);
      let taken = 0;
      let done = 0;
      const next = (client: number) => {
        if (taken === KEYS) return;
        const key = Buffer.from(`new key ${taken++}`);
        keyOf[client - first] = key;
        ask(client, key);
      };
      const ask = (client: number, key: Buffer) => {
        const call = migrationRequest(database.dbId, key, client + 1);
        clients.send(client, call.bytes, call.length);
      };
      const start = performance.now();
      for (let i = 0; i < clientCount; i++) next(first + i);
      while (done < KEYS) {
        const any = clients.poll(SILENCE_MAX_MS, (client, bytes, offset) => {
          if (bytes.readUInt32LE(offset + OPERATION_OFFSET) !== Operation.REPLY_CALL) return;
          const key = keyOf[client - first];
          if (key === undefined) return;
          if (!changeIfHere(file, node.pnn, key, () => VALUE)) {
            ask(client, key);
            return;
          }
          done++;
          next(client);
        });
        if (!any) throw new Error(`no packet came for ${SILENCE_MAX_MS} ms after ${done} keys`);
      }
      const durationMs = performance.now() - start;
      clients.close();
      database.close();
      return [{ name, value: (KEYS * 1000) / durationMs, unit: "/s" }];
    },
  };
}

export const coldFills: readonly Benchmark[] = [coldFill(1), coldFill(32)];
