// The mixed workload of a run, and how much of what is in it.
import { Messages } from "./messages.js";
import { Counters, Deletes, NestedLocks, Readers } from "./records.js";
import { ClusterLocks, Transactions } from "./transactions.js";
import type { Workload, WorkloadContext } from "./workload.js";

const SHARES = {
  counter: 0.44,
  reader: 0.25,
  delete: 0.12,
  nested: 0.05,
  persistent: 0.02,
  replicated: 0.02,
  message: 0.07,
  gLock: 0.03,
};

/** Workloads with so many operations in a virtual second together, if nothing holds them up. */
export function buildWorkloads(context: WorkloadContext, operationsPerSecond: number, nodes: number): Workload[] {
  const pause = (share: keyof typeof SHARES): number => (1000 * nodes) / (operationsPerSecond * SHARES[share]);
  return [
    new Counters(context, pause("counter")),
    new Readers(context, pause("reader")),
    new Deletes(context, pause("delete")),
    new NestedLocks(context, pause("nested")),
    new Transactions(context, "persistent", pause("persistent")),
    new Transactions(context, "replicated", pause("replicated")),
    new Messages(context, pause("message")),
    new ClusterLocks(context, pause("gLock")),
  ];
}
