// A recovery of three databases with 100,000 records each, and of three empty ones: how long a node that is not the leader is
// in recovery mode.
import { RECORD_HEADER_SIZE, RecordFlag, RecoveryMode, writeRecordHeader } from "../../src/protocol/index.js";
import type { Benchmark, LoadContext } from "../benchmark.js";
import { ClientSet } from "../load/client-set.js";
import { request, requestStatus } from "../load/requests.js";
import { attachEverywhere, type SharedDatabase } from "../load/shared-database.js";

const DATABASES = 3;
const VALUE = Buffer.alloc(100, "r");
const TIMEOUT_MS = 120_000;
/** An observer that asked without a pause would take a good part of the daemons' CPU from the recovery. */
const POLL_MS = 0.5;

const pause = new Int32Array(new SharedArrayBuffer(4));

function fill(database: SharedDatabase, context: LoadContext, records: number): void {
  const header = Buffer.alloc(RECORD_HEADER_SIZE);
  for (const [position, file] of database.files.entries()) {
    const pnn = context.nodes[position]?.pnn ?? 0;
    file.lockAll();
    for (let i = position; i < records; i += database.files.length) {
      writeRecordHeader(header, 0, 10, pnn, RecordFlag.MIGRATED_WITH_DATA);
      file.storeWithHeader(Buffer.from(`record number ${i}`), header, VALUE);
    }
    file.unlockAll();
  }
}

/** Makes the leader recover and gives the time that an observer spends in recovery mode. */
function recoverOnceMs(clients: ClientSet, leader: number, observer: number): number {
  const generation = request(clients, observer, "GETVNNMAP", undefined).generation;
  request(clients, leader, "SET_RECMODE", RecoveryMode.ACTIVE);
  const deadline = performance.now() + TIMEOUT_MS;
  const inTime = () => {
    if (performance.now() > deadline) throw new Error(`no recovery within ${TIMEOUT_MS} ms`);
    return true;
  };
  const waitFor = (node: number, mode: number): void => {
    while (inTime() && requestStatus(clients, node, "GET_RECMODE") !== mode) Atomics.wait(pause, 0, 0, POLL_MS);
  };
  waitFor(observer, RecoveryMode.ACTIVE);
  const start = performance.now();
  waitFor(observer, RecoveryMode.NORMAL);
  const durationMs = performance.now() - start;
  if (request(clients, observer, "GETVNNMAP", undefined).generation === generation) {
    throw new Error("recovery mode is NORMAL again, but the generation is the old one");
  }
  waitFor(leader, RecoveryMode.NORMAL);
  return durationMs;
}

function recovery(records: number): Benchmark {
  const name = `recovery-${DATABASES}x${records}`;
  return {
    name,
    nodes: 3,
    ownCluster: true,
    run(context: LoadContext) {
      const clients = new ClientSet();
      for (const node of context.nodes) clients.add(node.socketPath);
      const databases = Array.from({ length: DATABASES }, (_, i) =>
        attachEverywhere(clients, context, `${name}-${i}.tdb`, (position) => position),
      );
      for (const database of databases) fill(database, context, records);
      const leader = context.nodes.findIndex((node) => node.pnn === context.leader);
      const observer = (leader + 1) % context.nodes.length;
      // The first one spreads the records; from the second on all nodes hold all of them.
      const spreadMs = recoverOnceMs(clients, leader, observer);
      const secondMs = recoverOnceMs(clients, leader, observer);
      for (const database of databases) database.close();
      clients.close();
      return [
        { name: `${name} first`, value: spreadMs, unit: "ms" },
        { name, value: secondMs, unit: "ms" },
      ];
    },
  };
}

export const recoveries: readonly Benchmark[] = [recovery(0), recovery(100_000)];
