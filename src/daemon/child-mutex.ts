// The cluster lock of ctdb-clusterd: helper processes behind the interface that the cluster manager wants.
import type { ClusterMutex, MutexAnswer } from "../cluster/cluster-lock.js";
import { type ClusterMutexModules, startClusterMutex } from "../platform/cluster-mutex.js";
import type { Timers } from "../platform/ports.js";

/** Cluster mutex helpers as child processes of this one. */
export function childMutex(modules: ClusterMutexModules & { readonly timers: Timers }): ClusterMutex {
  return {
    start: (lock, timeoutMs, onLost) => {
      let settle: (answer: MutexAnswer) => void = () => undefined;
      const answer = new Promise<MutexAnswer>((resolve) => {
        settle = resolve;
      });
      let held = false;
      const limit = modules.timers.after(timeoutMs, () => settle("timeout"));
      const attempt = startClusterMutex(modules, lock, {
        onAnswer: (outcome) => {
          limit.cancel();
          held = outcome === "taken";
          settle(outcome === "taken" ? "held" : outcome);
        },
        onLost: () => {
          limit.cancel();
          // A helper that ends before it has said anything has failed.
          settle("error");
          if (held) onLost();
        },
      });
      return {
        answer,
        release: async () => {
          limit.cancel();
          settle("error");
          attempt.release();
        },
      };
    },
  };
}
