// Handlers of attach, detach and the questions about a database's identity, as clients, tools and other nodes send them.
import type { AnyControlCall, ControlCall } from "../controls/control-call.js";
import type { ControlHandlers } from "../controls/control-service.js";
import type { Logger, Timer, Timers } from "../platform/ports.js";
import { ControlFlag, DbFlag, Pnn, RunState } from "../protocol/index.js";
import type { ReadOnlyCopies } from "../records/read-only.js";
import type { StickyRecords } from "../records/sticky-records.js";
import type { Database } from "./database.js";
import type { DatabaseSet } from "./database-set.js";
import { AttachRefusedError } from "./errors.js";

/** Attaches that may wait for the end of a recovery. */
export const DEFERRED_ATTACHES_MAX = 100_000;

type AttachName = "DB_ATTACH" | "DB_ATTACH_PERSISTENT" | "DB_ATTACH_REPLICATED";

const ATTACH_FLAGS: Readonly<Record<AttachName, number>> = {
  DB_ATTACH: 0,
  DB_ATTACH_PERSISTENT: DbFlag.PERSISTENT,
  DB_ATTACH_REPLICATED: DbFlag.REPLICATED,
};

export interface AttachControlModules {
  readonly logger: Logger;
  readonly timers: Timers;
  readonly databases: DatabaseSet;
  readonly ownPnn: number;
  readonly state: { readonly isRecovering: boolean; readonly isInactive: boolean; readonly runState: number };
  readonly broadcast: {
    request(pnn: number, name: AttachName, request: string): void;
    request(pnn: number, name: "DB_DETACH", request: number): void;
  };
  clientExists(clientId: number): boolean;
  /** Makes what keeps account of a database's read-only copies. */
  readOnlyCopies(database: Database): ReadOnlyCopies;
  /** Makes what holds a database's hot records for a moment. */
  stickyRecords(database: Database): StickyRecords;
  tunables(): { readonly allowClientDbAttach: boolean; readonly deferredAttachSeconds: number };
}

interface DeferredAttach {
  readonly name: AttachName;
  readonly database: string;
  readonly call: ControlCall<AttachName>;
  readonly timer: Timer;
}

export interface AttachControls {
  readonly handlers: ControlHandlers;
  /** Recovery mode is NORMAL again: what waited goes on. */
  recoveryEnded(): void;
}

export function attachControls(modules: AttachControlModules): AttachControls {
  const { databases, logger, state, timers } = modules;
  const deferred = new Set<DeferredAttach>();

  function attach(name: AttachName, database: string, call: ControlCall<AttachName>): void {
    if (!modules.tunables().allowClientDbAttach) {
      logger.error(`DB Attach to database ${database} denied by tunable AllowClientDBAccess == 0`);
      call.fail();
      return;
    }
    const fromClient = call.srcnode === modules.ownPnn && call.clientId !== 0;
    if (fromClient && modules.clientExists(call.clientId)) {
      if (state.isInactive) {
        logger.error(`DB Attach to database ${database} refused since node is inactive`);
        call.fail();
        return;
      }
      const forRecovery = (call.flags & ControlFlag.ATTACH_RECOVERY) !== 0;
      if (forRecovery && !state.isRecovering) {
        call.fail();
        return;
      }
      if (!forRecovery && (state.isRecovering || state.runState < RunState.STARTUP)) {
        defer(name, database, call);
        return;
      }
    }
    let result: ReturnType<DatabaseSet["attach"]>;
    try {
      result = databases.attach(database, ATTACH_FLAGS[name]);
    } catch (error) {
      logger.error(String(error));
      call.fail(error instanceof AttachRefusedError ? error.message : "");
      return;
    }
    if (result.created) modules.broadcast.request(Pnn.BROADCAST_CONNECTED, name, database);
    call.reply(result.database.id);
  }

  function defer(name: AttachName, database: string, call: ControlCall<AttachName>): void {
    if (deferred.size >= DEFERRED_ATTACHES_MAX) {
      call.fail("too many attaches wait for the end of a recovery");
      return;
    }
    const timer = timers.after(modules.tunables().deferredAttachSeconds * 1000, () => {
      deferred.delete(entry);
      call.fail();
    });
    const entry: DeferredAttach = { name, database, call, timer };
    deferred.add(entry);
  }

  function withDatabase(id: number, call: AnyControlCall, action: (database: Database) => void): void {
    const database = databases.get(id);
    if (database === undefined) {
      logger.error(`Unknown db_id 0x${id.toString(16)} in control ${call.name}`);
      call.fail();
      return;
    }
    action(database);
  }

  return {
    recoveryEnded() {
      for (const entry of [...deferred]) {
        deferred.delete(entry);
        entry.timer.cancel();
        if (modules.clientExists(entry.call.clientId)) attach(entry.name, entry.database, entry.call);
      }
    },
    handlers: {
      DB_ATTACH: (name, call) => attach("DB_ATTACH", name, call as ControlCall<AttachName>),
      DB_ATTACH_PERSISTENT: (name, call) => attach("DB_ATTACH_PERSISTENT", name, call as ControlCall<AttachName>),
      DB_ATTACH_REPLICATED: (name, call) => attach("DB_ATTACH_REPLICATED", name, call as ControlCall<AttachName>),

      DB_DETACH: (id, call) => {
        withDatabase(id, call, (database) => {
          if (modules.tunables().allowClientDbAttach) {
            call.fail("Clients are allowed access to databases. Detach denied.");
            return;
          }
          if (!database.isVolatile || state.isRecovering) {
            call.fail();
            return;
          }
          if ((database.flags & DbFlag.READONLY) !== 0 && call.clientId !== 0) {
            call.fail("Databases with read-only records cannot be detached: C daemons of the cluster would abort.");
            return;
          }
          if (call.clientId !== 0) {
            if (!modules.clientExists(call.clientId)) {
              call.fail();
              return;
            }
            modules.broadcast.request(Pnn.BROADCAST_CONNECTED, "DB_DETACH", id);
            call.status(0);
            return;
          }
          databases.detach(database);
          call.status(0);
        });
      },

      GETDBPATH: (id, call) => withDatabase(id, call, (database) => call.reply(database.path)),
      GET_DBNAME: (id, call) => withDatabase(id, call, (database) => call.reply(database.name)),
      DB_OPEN_FLAGS: (id, call) => withDatabase(id, call, (database) => call.reply(database.openFlags)),
      GET_DBMAP: (_, call) =>
        call.reply({ dbs: databases.newestFirst().map(({ id, flags }) => ({ dbId: id, flags })) }),

      GET_DB_SEQNUM: (id, call) =>
        withDatabase(id, call, (database) => {
          if (!database.accessAllowed) call.fail();
          else database.readSequenceNumber((sequenceNumber) => call.reply(sequenceNumber));
        }),

      SET_DB_READONLY: (id, call) =>
        withDatabase(id, call, (database) => {
          if (!database.isVolatile) {
            call.fail();
            return;
          }
          database.flags |= DbFlag.READONLY;
          database.readOnlyCopies ??= modules.readOnlyCopies(database);
          call.status(0);
        }),

      SET_DB_STICKY: (id, call) =>
        withDatabase(id, call, (database) => {
          if (!database.isVolatile) {
            call.fail();
            return;
          }
          database.flags |= DbFlag.STICKY;
          database.sticky ??= modules.stickyRecords(database);
          call.status(0);
        }),

      SCHEDULE_FOR_DELETION: (request, call) =>
        withDatabase(request.dbId, call, (database) => {
          if (!database.isVolatile) {
            call.fail();
            return;
          }
          const { header } = request;
          database.deletions.schedule(Buffer.from(request.key), header.rsn, header.dmaster, header.flags);
          call.status(0);
        }),
    },
  };
}
