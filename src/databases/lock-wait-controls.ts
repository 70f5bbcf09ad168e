// LOCK_WAITS, a control of ctdb-ts alone: which locks the daemon waits for, and which processes hold them.
import type { ControlHandlers } from "../controls/control-service.js";
import type { LockScheduler } from "../locks/lock-scheduler.js";
import type { LockWait } from "../protocol/index.js";
import type { DatabaseSet } from "./database-set.js";

const ALL_DATABASES = 0;
const ALL_CHAINS = -1;

export interface LockWaitModules {
  readonly locks: Pick<LockScheduler, "lookAtWaits">;
  readonly databases: Pick<DatabaseSet, "get" | "all">;
}

export function lockWaitControls({ locks, databases }: LockWaitModules): ControlHandlers {
  return {
    LOCK_WAITS: (id, call) => {
      const chosen = databases.get(id);
      if (id !== ALL_DATABASES && chosen === undefined) {
        call.fail(`no database 0x${id.toString(16)} here`);
        return;
      }
      const idOf = new Map([...databases.all].map((database) => [database.name, database.id]));
      locks.lookAtWaits(
        (database) => chosen === undefined || database.name === chosen.name,
        (reports, total) => {
          const waits = reports.map(
            (report): LockWait => ({
              dbId: idOf.get(report.database.name) ?? 0,
              database: report.database.name,
              chain: report.chain ?? ALL_CHAINS,
              key: report.key,
              waited: report.waitedMs / 1000,
              requests: report.requests,
              holders: report.holders.map(({ pid, commandLine, lock, keys }) => ({
                pid,
                commandLine,
                lock,
                keys: [...keys],
              })),
            }),
          );
          call.reply({ total, waits });
        },
      );
    },
  };
}
