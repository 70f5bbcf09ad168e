// What a request that waits for a record lock costs the daemon, by the number of requests that wait: another process holds the
// records, clients ask for them, the process lets go, all are answered. CPU time of the daemon process, without its helpers.
import { readFileSync } from "node:fs";
import { Operation } from "../../src/protocol/index.js";
import type { Benchmark, Figure, LoadContext } from "../benchmark.js";
import { ClientSet } from "../load/client-set.js";
import { request } from "../load/requests.js";
import { attachEverywhere, changeIfHere, migrationRequest } from "../load/shared-database.js";

const OPERATION_OFFSET = 16;
const CLIENTS = 20;
const SILENCE_MAX_MS = 30_000;
/** A step that would take longer, by the time that a request took in the one before, is left out. */
const STEP_MAX_MS = 90_000;
/** Requests, records, repetitions. The first one warms the daemon up. */
const STEPS = [
  [1000, 1000, 5],
  [100, 100, 20],
  [1000, 1000, 5],
  [10_000, 1000, 1],
  [60_000, 1000, 1],
] as const;

function cpuMicroseconds(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, "latin1").split(" ")[0]) / 1000;
}

export const lockQueue: Benchmark = {
  name: "lock-queue",
  nodes: 1,
  run(context: LoadContext) {
    const node = context.nodes[0];
    if (node === undefined) throw new Error("no node");
    const clients = new ClientSet();
    for (let i = 0; i < CLIENTS; i++) clients.add(node.socketPath);
    const database = attachEverywhere(clients, context, "lock-queue.tdb", () => 0);
    const file = database.files[0];
    if (file === undefined) throw new Error("no file");
    const keys = Array.from({ length: 1000 }, (_, i) => Buffer.from(`record ${i}`));
    const calls = keys.map((key) => migrationRequest(database.dbId, key, 1));
    let answered = 0;
    const awaitAnswers = (count: number): void => {
      while (answered < count) {
        const any = clients.poll(SILENCE_MAX_MS, (_client, bytes, offset) => {
          if (bytes.readUInt32LE(offset + OPERATION_OFFSET) === Operation.REPLY_CALL) answered++;
        });
        if (!any) throw new Error(`no answer for ${SILENCE_MAX_MS} ms after ${answered} of ${count}`);
      }
      answered = 0;
    };
    const ask = (requests: number, records: number): void => {
      for (let i = 0; i < requests; i++) {
        const call = calls[i % records];
        if (call !== undefined) clients.send(i % CLIENTS, call.bytes, call.length);
      }
    };
    ask(keys.length, keys.length);
    awaitAnswers(keys.length);
    for (const key of keys) changeIfHere(file, node.pnn, key, () => Buffer.alloc(100));

    const figures: Figure[] = [];
    let lastRequestMs = 0;
    for (const [step, [requests, records, repetitions]] of STEPS.entries()) {
      const count = requests * repetitions;
      if (count * lastRequestMs > STEP_MAX_MS || (context.quick && requests > 1000)) continue;
      const startMs = performance.now();
      const held = keys.slice(0, records);
      const before = cpuMicroseconds(node.daemonPid);
      for (let i = 0; i < repetitions; i++) {
        for (const key of held) file.chainLock(key);
        ask(requests, records);
        // The daemon has read them all when it knows of them all.
        while (request(clients, 0, "GET_DB_STATISTICS", database.dbId).locks.numPending < requests - records);
        for (const key of held) file.chainUnlock(key);
        awaitAnswers(requests);
      }
      const microseconds = (cpuMicroseconds(node.daemonPid) - before) / count;
      lastRequestMs = (performance.now() - startMs) / count;
      if (step > 0) figures.push({ name: `lock-queue-${requests} CPU`, value: microseconds, unit: "us" });
    }
    database.close();
    clients.close();
    return figures;
  },
};
