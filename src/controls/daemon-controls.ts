// Handlers of the controls about the daemon itself: is it there, how is it set, how is it doing, end it.
import type { Logger } from "../platform/ports.js";
import {
  type DbStatistics,
  listedTunableNames,
  type Statistics as StatisticsReply,
  type TunableList,
  type TunableName,
  Tunables,
} from "../protocol/index.js";
import type { ControlHandlers } from "./control-service.js";

const OBSOLETE_BUT_SET = 1;
const EINVAL = 22;
const HOT_KEYS_ON_THE_WIRE = 10;

export interface DaemonControlModules {
  readonly logger: Logger;
  readonly tunables: TunableList;
  readonly pid: number;
  readonly statistics: {
    current(): StatisticsReply;
    history(): StatisticsReply[];
    reset(): void;
    ofDatabase(id: number): Omit<DbStatistics, "numHotKeys"> | undefined;
  };
  /** SET_DEBUG also concerns the processes that follow this daemon's level. */
  setDebugLevel(level: number): void;
  clientCount(): number;
  memoryReport(): string;
  shutdown(): void;
  /** RECD_PING restarts the watchdog of the cluster manager. */
  clusterManagerPinged(): void;
  reclockLatency(seconds: number): void;
}

export function daemonControls(modules: DaemonControlModules): ControlHandlers {
  const { logger, tunables } = modules;
  const byLowerName = new Map<string, TunableName>();
  for (const name of tunableNames()) byLowerName.set(name.toLowerCase(), name);

  return {
    PING: (_, call) => call.status(modules.clientCount()),
    GET_PID: (_, call) => call.status(modules.pid),
    GET_DEBUG: (_, call) => call.reply(logger.level),
    SET_DEBUG: (level, call) => {
      modules.setDebugLevel(level);
      call.status(0);
    },
    DUMP_MEMORY: (_, call) => call.reply(modules.memoryReport()),

    // Never answered: the connection closes instead.
    SHUTDOWN: () => {
      logger.notice("Received SHUTDOWN command.");
      modules.shutdown();
    },

    GET_TUNABLE: (text, call) => {
      const name = byLowerName.get(text.toLowerCase());
      if (name === undefined) call.fail("", -EINVAL);
      else call.reply(tunables[name]);
    },
    SET_TUNABLE: ({ name: text, value }, call) => {
      const name = byLowerName.get(text.toLowerCase());
      if (name === undefined) {
        call.fail();
        return;
      }
      tunables[name] = value;
      call.status(Tunables[name].obsolete ? OBSOLETE_BUT_SET : 0);
    },
    LIST_TUNABLES: (_, call) => call.reply([...listedTunableNames]),
    GET_ALL_TUNABLES: (_, call) => call.reply({ ...tunables }),

    STATISTICS: (_, call) => call.reply(modules.statistics.current()),
    STATISTICS_RESET: (_, call) => {
      modules.statistics.reset();
      call.status(0);
    },
    GET_STAT_HISTORY: (_, call) => call.reply({ stats: modules.statistics.history() }),
    GET_DB_STATISTICS: (id, call) => {
      const statistics = modules.statistics.ofDatabase(id);
      if (statistics === undefined) call.fail();
      else call.reply({ ...statistics, numHotKeys: HOT_KEYS_ON_THE_WIRE });
    },

    RECD_PING: (_, call) => {
      modules.clusterManagerPinged();
      call.status(0);
    },
    RECD_RECLOCK_LATENCY: (seconds, call) => {
      modules.reclockLatency(seconds);
      call.status(0);
    },

    ECHO_DATA: (request, call) => call.reply(request),
  };
}

function tunableNames(): TunableName[] {
  return Object.keys(Tunables) as TunableName[];
}
