// A record for which eight processes fight on its node, wanted by a client on another one: how long that waits. Both daemons in
// both lock modes.
import { join } from "node:path";
import { Operation } from "../../src/protocol/index.js";
import type { Benchmark, LoadContext } from "../benchmark.js";
import { ClientSet } from "../load/client-set.js";
import { startContenders } from "../load/contenders.js";
import { Latencies } from "../load/latencies.js";
import { request } from "../load/requests.js";
import { attachEverywhere, changeIfHere, migrationRequest } from "../load/shared-database.js";

const OPERATION_OFFSET = 16;
const PROCESSES = 8;
const HOLD_US = 20;
const KEY = "fought for";
/** Enough for a 99th percentile, if they come soon enough. */
const SAMPLES = 500;
const DURATION_FACTOR = 5;
const WAIT_MAX_MS = 60_000;
/** Between two requests the processes have the record for themselves. */
const PAUSE_MS = 3;

function contendedRecord(mutexes: boolean): Benchmark {
  const name = `contended-record ${mutexes ? "mutex" : "fcntl"}`;
  return {
    name,
    nodes: 2,
    mutexes,
    async run(context: LoadContext) {
      const clients = new ClientSet();
      for (const node of context.nodes) clients.add(node.socketPath);
      const databaseName = `contended-${mutexes}.tdb`;
      const database = attachEverywhere(clients, context, databaseName, (position) => position);
      const key = Buffer.from(KEY);
      const call = migrationRequest(database.dbId, key, 1);
      /** Brings the record to a node, as often as it takes; milliseconds. */
      const bringTo = (position: number): number => {
        const startMs = performance.now();
        for (;;) {
          clients.send(position, call.bytes, call.length);
          let answered = false;
          while (!answered) {
            clients.poll(1000, (client, bytes, offset) => {
              if (client === position && bytes.readUInt32LE(offset + OPERATION_OFFSET) === Operation.REPLY_CALL)
                answered = true;
            });
            if (performance.now() - startMs > WAIT_MAX_MS) throw new Error(`no answer within ${WAIT_MAX_MS} ms`);
          }
          const waitedMs = performance.now() - startMs;
          const [file, node] = [database.files[position], context.nodes[position]];
          if (file === undefined || node === undefined) throw new Error("no such node");
          if (changeIfHere(file, node.pnn, key, () => Buffer.alloc(100))) return waitedMs;
        }
      };
      bringTo(0);
      const home = context.nodes[0];
      if (home === undefined) throw new Error("no node");
      const contenders = startContenders({
        scratchDirectory: context.scratchDirectory,
        file: join(home.volatileDirectory, `${databaseName}.${home.pnn}`),
        flags: request(clients, 0, "DB_OPEN_FLAGS", database.dbId),
        pnn: home.pnn,
        processes: PROCESSES,
        holdUs: HOLD_US,
        keys: [KEY],
      });
      const waits = new Latencies();
      const begin = performance.now();
      for (let i = 0; i <= SAMPLES && performance.now() - begin < DURATION_FACTOR * context.durationMs; i++) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        const waitedMs = bringTo(1);
        if (i > 0) waits.add(waitedMs);
        bringTo(0);
      }
      const stores = await contenders.stop();
      const seconds = (performance.now() - begin) / 1000;
      if (stores === 0) throw new Error("nobody fought for the record");
      database.close();
      clients.close();
      return [
        { name: `${name} p50`, value: waits.percentile(0.5), unit: "ms" },
        { name: `${name} p99`, value: waits.percentile(0.99), unit: "ms" },
        { name: `${name} stores`, value: stores / seconds, unit: "/s" },
      ];
    },
  };
}

export const contendedRecords: readonly Benchmark[] = [contendedRecord(true), contendedRecord(false)];
