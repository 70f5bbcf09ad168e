// Every benchmark, in the order in which a cluster runs them.
import type { Benchmark } from "../benchmark.js";
import { coldFills } from "./cold-fill.js";
import { contendedRecords } from "./contended-record.js";
import { freezes } from "./freeze.js";
import { gLocks } from "./g-lock.js";
import { idleClientBenchmarks } from "./idle-clients.js";
import { localStore } from "./local-store.js";
import { lockQueue } from "./lock-queue.js";
import { manyNodes } from "./many-nodes.js";
import { messageRings } from "./message-ring.js";
import { migrationRings } from "./migration-ring.js";
import { pingBenchmarks } from "./ping-control.js";
import { recoveries } from "./recovery.js";
import { toolStart } from "./tool-start.js";
import { transactions } from "./transactions.js";
import { vacuum } from "./vacuum.js";

export const benchmarks: readonly Benchmark[] = [
  ...pingBenchmarks,
  localStore,
  toolStart,
  ...idleClientBenchmarks,
  ...messageRings,
  ...migrationRings,
  ...coldFills,
  ...manyNodes,
  ...transactions,
  ...gLocks,
  lockQueue,
  ...contendedRecords,
  ...freezes,
  ...recoveries,
  vacuum,
];
