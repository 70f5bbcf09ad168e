// TDB sequence numbers of volatile databases (ENABLE_SEQNUM): clients on other nodes must see that something changed here.
import type { ControlHandlers } from "../controls/control-service.js";
import type { Timers } from "../platform/ports.js";
import { Pnn } from "../protocol/index.js";
import type { Database } from "./database.js";
import type { DatabaseSet } from "./database-set.js";

export interface SequenceNumberModules {
  readonly timers: Timers;
  readonly databases: DatabaseSet;
  readonly ownPnn: number;
  readonly controls: { request(pnn: number, name: "UPDATE_SEQNUM", request: number): void };
  /** Tunable SeqnumInterval. */
  intervalMs(): number;
}

export function sequenceNumberControls(modules: SequenceNumberModules): ControlHandlers {
  /** Sequence number that the other nodes know of. */
  const announced = new Map<Database, number>();

  function watch(database: Database): void {
    modules.timers.after(modules.intervalMs(), () => {
      if (database.detached) {
        announced.delete(database);
        return;
      }
      const now = database.file.seqnum();
      if (now !== announced.get(database)) {
        announced.set(database, now);
        modules.controls.request(Pnn.BROADCAST_ACTIVE, "UPDATE_SEQNUM", database.id);
      }
      watch(database);
    });
  }

  return {
    ENABLE_SEQNUM: (id, call) => {
      const database = modules.databases.get(id);
      if (database === undefined) {
        call.fail();
        return;
      }
      database.file.enableSeqnum();
      if (!announced.has(database)) {
        announced.set(database, database.file.seqnum());
        watch(database);
      }
      call.status(0);
    },

    UPDATE_SEQNUM: (id, call) => {
      const database = modules.databases.get(id);
      if (database === undefined || database.unhealthyReason !== undefined) {
        call.fail();
        return;
      }
      if (call.srcnode !== modules.ownPnn) {
        database.file.incrementSeqnum();
        announced.set(database, database.file.seqnum());
      }
      call.status(0);
    },
  };
}
