// Freezing a database under load: processes fight for records of each node and clients move records; from DB_FREEZE to all nodes
// until the last one says that it is frozen.
import { join } from "node:path";
import {
  Control,
  encodeControlRequest,
  Operation,
  PacketWriter,
  Pnn,
  writeReqControl,
} from "../../src/protocol/index.js";
import type { Benchmark, LoadContext } from "../benchmark.js";
import { ClientSet } from "../load/client-set.js";
import { type Contenders, startContenders } from "../load/contenders.js";
import { Latencies } from "../load/latencies.js";
import { request } from "../load/requests.js";
import { attachEverywhere, changeIfHere, migrationRequest } from "../load/shared-database.js";

const NODES = 3;
const OPERATION_OFFSET = 16;
const STATUS_OFFSET = 32;
const LOAD_CLIENTS_PER_NODE = 4;
const PROCESSES_PER_NODE = 4;
const HOLD_US = 20;
const ROUNDS = 40;
const LOAD_MS = 60;
const FREEZE_MAX_MS = 30_000;
const VALUE = Buffer.alloc(100);

function freezeUnderLoad(mutexes: boolean): Benchmark {
  const name = `freeze-under-load ${mutexes ? "mutex" : "fcntl"}`;
  return {
    name,
    nodes: NODES,
    mutexes,
    async run(context: LoadContext) {
      const clients = new ClientSet();
      // The first ones freeze and thaw, the others make load.
      for (const node of context.nodes) clients.add(node.socketPath);
      for (let i = 0; i < LOAD_CLIENTS_PER_NODE; i++) for (const node of context.nodes) clients.add(node.socketPath);
      const databaseName = `freeze-${mutexes}.tdb`;
      const database = attachEverywhere(clients, context, databaseName, (position) => position);
      const moving = Array.from({ length: LOAD_CLIENTS_PER_NODE }, (_, i) => Buffer.from(`moving ${i}`));
      const calls = moving.map((key) => migrationRequest(database.dbId, key, 1));
      const ask = (client: number): void => {
        const call = calls[Math.floor(client / NODES) - 1];
        if (call !== undefined) clients.send(client, call.bytes, call.length);
      };
      let moved = 0;
      /** Answers to controls of the first clients; -1 each. */
      let controlsOpen = 0;
      const onPacket = (client: number, bytes: Buffer, offset: number): void => {
        const operation = bytes.readUInt32LE(offset + OPERATION_OFFSET);
        if (operation === Operation.REPLY_CALL) {
          moved++;
          // Calls that stream in while the database is frozen would only wait: one each is open all the time.
          ask(client);
        } else if (operation === Operation.REPLY_CONTROL && client < NODES) {
          const status = bytes.readInt32LE(offset + STATUS_OFFSET);
          if (status !== 0) throw new Error(`a control to node ${client} failed with status ${status}`);
          controlsOpen--;
        }
      };
      const writer = new PacketWriter();
      const onAllNodes = (control: "DB_FREEZE" | "DB_THAW"): number => {
        const payload = encodeControlRequest(control, database.dbId);
        const startMs = performance.now();
        for (let position = 0; position < NODES; position++) {
          writeReqControl(writer, 0, Pnn.CURRENT_NODE, 0, 1, Control[control], 0, 0, 0, 0, payload);
          clients.send(position, writer.bytes, writer.length);
          controlsOpen++;
        }
        while (controlsOpen > 0) {
          clients.poll(1000, onPacket);
          if (performance.now() - startMs > FREEZE_MAX_MS) throw new Error(`no answer to ${control}`);
        }
        return performance.now() - startMs;
      };

      // Each node's processes have records of their own.
      const contenders: Contenders[] = [];
      for (const [position, node] of context.nodes.entries()) {
        const keys = Array.from({ length: PROCESSES_PER_NODE }, (_, i) => `of node ${position} ${i >> 1}`);
        for (const key of new Set(keys)) {
          const call = migrationRequest(database.dbId, Buffer.from(key), 1);
          const file = database.files[position];
          let here = false;
          while (!here) {
            let answered = false;
            clients.send(position, call.bytes, call.length);
            while (!answered) {
              clients.poll(1000, (client) => {
                answered ||= client === position;
              });
            }
            here = file !== undefined && changeIfHere(file, node.pnn, Buffer.from(key), () => VALUE);
          }
        }
        contenders.push(
          startContenders({
            scratchDirectory: context.scratchDirectory,
            file: join(node.volatileDirectory, `${databaseName}.${node.pnn}`),
            flags: request(clients, position, "DB_OPEN_FLAGS", database.dbId),
            pnn: node.pnn,
            processes: PROCESSES_PER_NODE,
            holdUs: HOLD_US,
            keys,
          }),
        );
      }
      for (let client = NODES; client < NODES * (1 + LOAD_CLIENTS_PER_NODE); client++) ask(client);

      const freezes = new Latencies();
      for (let i = 0; i < (context.quick ? ROUNDS / 4 : ROUNDS); i++) {
        const until = performance.now() + LOAD_MS;
        const movedBefore = moved;
        while (performance.now() < until || moved === movedBefore) clients.poll(10, onPacket);
        freezes.add(onAllNodes("DB_FREEZE"));
        onAllNodes("DB_THAW");
      }
      let stores = 0;
      for (const one of contenders) stores += await one.stop();
      if (stores === 0) throw new Error("nobody stored anything");
      database.close();
      clients.close();
      return [
        { name: `${name} p50`, value: freezes.percentile(0.5), unit: "ms" },
        { name: `${name} p99`, value: freezes.percentile(0.99), unit: "ms" },
      ];
    },
  };
}

export const freezes: readonly Benchmark[] = [freezeUnderLoad(true), freezeUnderLoad(false)];
