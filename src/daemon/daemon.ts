// One ctdbd with everything that belongs to its process: the node, its lock scheduler, the watch over its helper processes. Made of
// ports: by ctdbd.ts of the real ones, by the simulator of its own.
import { join } from "node:path";
import { CommitPool } from "../commitd/commit-pool.js";
import type { Configuration } from "../config/configuration.js";
import type { NodesListEntry } from "../config/nodes-list.js";
import { LockdClient } from "../lockd/lockd-client.js";
import { LockScheduler } from "../locks/lock-scheduler.js";
import { startClusterMutex } from "../platform/cluster-mutex.js";
import { LoopAccounts } from "../platform/loop-accounts.js";
import type { ProcessRunner } from "../platform/ports.js";
import { Capability, Limit, RunState, TdbFlag, type TunableList } from "../protocol/index.js";
import { latencyLog } from "../statistics/latency-log.js";
import type { TdbOpener } from "../tdb/tdb-file.js";
import { VacuumdClient } from "../vacuumd/vacuumd-client.js";
import { ClusterdProcess } from "./clusterd-process.js";
import { LockDebugScript } from "./lock-debug-script.js";
import { runNoEvents } from "./no-events.js";
import { CtdbNode, type NodePorts } from "./node.js";

/** How long SET_RECMODE NORMAL tries to get the cluster lock that the leader must hold. */
const LOCK_TEST_LIMIT_MS = 5000;

export interface DaemonPorts
  extends Pick<
    NodePorts,
    | "clock"
    | "timers"
    | "random"
    | "logger"
    | "tcp"
    | "localServer"
    | "listPersistentFiles"
    | "readNodesList"
    | "memoryBytes"
    | "memoryReport"
    | "exit"
  > {
  /** Counts and times what the loop runs; left out: it is only counted. */
  readonly loop?: LoopAccounts;
  readonly processes: ProcessRunner;
  readonly files: TdbOpener;
  /** No error where there is none. */
  removeFile(path: string): void;
  /** Names of the enabled event scripts. */
  listEventScripts(): string[];
}

/** Program and first arguments. */
type CommandLine = readonly [program: string, ...args: string[]];

export interface DaemonSettings {
  readonly pid: number;
  readonly ownPnn: number;
  readonly address: string;
  readonly nodes: readonly NodesListEntry[];
  readonly socketPath: string;
  readonly mutexes: boolean;
  readonly keepaliveVersion: number;
  /** Changed by SET_TUNABLE. */
  readonly tunables: TunableList;
  readonly config: Pick<Configuration, "cluster" | "database" | "legacy" | "own">;
  readonly programs: {
    readonly clusterd: CommandLine;
    readonly lockd: CommandLine;
    readonly commitd: CommandLine;
    readonly vacuumd: CommandLine;
    readonly mutexHelper: CommandLine;
    /** Run when a lock is waited for for long. */
    readonly lockDebugScript: string | undefined;
  };
  /** What the cluster manager is told on its stdin; asked for at each start of it. */
  readonly clusterdConfiguration: () => string;
}

function capabilitiesOf(config: DaemonSettings["config"]): number {
  let capabilities =
    Capability.RECMASTER | Capability.LMASTER | Capability.PARALLEL_RECOVERY | Capability.FRAGMENTED_CONTROLS;
  if (!config.cluster.leaderCapability) capabilities &= ~Capability.RECMASTER;
  if (!config.legacy.lmasterCapability) capabilities &= ~Capability.LMASTER;
  return capabilities;
}

function started([program, ...args]: CommandLine): { readonly program: string; readonly args: string[] } {
  return { program, args };
}

export class Daemon {
  readonly node: CtdbNode;
  readonly clusterd: ClusterdProcess;
  readonly locks: LockScheduler;
  private readonly commits: CommitPool;
  private readonly vacuumd: VacuumdClient;

  constructor(
    private readonly ports: DaemonPorts,
    private readonly settings: DaemonSettings,
  ) {
    const { clock, timers, random, logger, processes, files } = ports;
    const { pid, config, tunables, programs } = settings;
    const base = { clock, timers, random, logger };
    const loop = ports.loop ?? new LoopAccounts(clock);
    const grant = loop.kind("lock grant");

    const lockd = new LockdClient({ ...base, processes }, { ...started(programs.lockd), ownPid: pid });
    this.commits = new CommitPool({ ...base, processes }, { ...started(programs.commitd), ownPid: pid });
    this.vacuumd = new VacuumdClient({ ...base, processes }, started(programs.vacuumd));
    const lockDebug = new LockDebugScript({ processes, logger }, programs.lockDebugScript);
    this.locks = new LockScheduler(
      {
        ...base,
        timers: loop.timersOf(timers, "locks"),
        helper: lockd,
        grantBegins: () => loop.enter(grant),
      },
      {
        waitsPerDatabase: () => tunables.LockProcessesPerDB,
        noteLatency: latencyLog(logger, () => tunables.LogLatencyMs),
        waitIsLong: (scope, { path, usesMutexes }) => {
          // The databases of an inactive node are frozen: its records are waited for in any case.
          if (scope === "RECORD" && this.node.state.isInactive) return;
          lockDebug.run({ pid: lockd.pid, scope, path, mutexes: usesMutexes });
        },
      },
    );
    this.clusterd = new ClusterdProcess(
      {
        timers: loop.timersOf(timers, "cluster manager"),
        logger,
        processes,
        tunables: () => ({ pingTimeoutSeconds: tunables.RecdPingTimeout, failCount: tunables.RecdFailCount }),
      },
      { ...started(programs.clusterd), configuration: settings.clusterdConfiguration },
    );
    this.node = new CtdbNode(
      {
        ...base,
        loop,
        tcp: ports.tcp,
        localServer: ports.localServer,
        locks: this.locks,
        updateHelper: this.commits,
        vacuumWorker: this.vacuumd,
        openHealthFile: (anew) => {
          const path = join(config.database.stateDirectory, `persistent_health.tdb.${settings.ownPnn}`);
          if (anew) ports.removeFile(path);
          return files.open({ path, flags: TdbFlag.DISALLOW_NESTING, logger });
        },
        openFile: (path, flags) =>
          files.open({
            path,
            flags,
            hashSize: tunables.DatabaseHashSize,
            maxDead: tunables.DatabaseMaxDead,
            logger,
          }),
        listPersistentFiles: ports.listPersistentFiles,
        processExists: (pid) => processes.exists(pid),
        runEvent: runNoEvents({
          logger,
          timers,
          listScripts: ports.listEventScripts,
          isRecovering: () => this.node.state.isRecovering,
        }),
        testClusterLock: (done) => this.testClusterLock(done),
        notify: (event) => logger.info(`notification ${event}`),
        readNodesList: ports.readNodesList,
        memoryBytes: ports.memoryBytes,
        memoryReport: ports.memoryReport,
        setDebugLevel: (level) => {
          logger.level = level;
        },
        clusterManagerPinged: () => this.clusterd.pinged(),
        exit: (reason, status) => {
          this.clusterd.stop();
          this.vacuumd.stop();
          ports.exit(reason, status);
        },
      },
      {
        pid,
        ownPnn: settings.ownPnn,
        nodes: settings.nodes,
        address: settings.address,
        port: Limit.CTDB_PORT,
        socketPath: settings.socketPath,
        volatileDirectory: config.database.volatileDirectory,
        persistentDirectory: config.database.persistentDirectory,
        mutexes: settings.mutexes,
        clusterLock: config.cluster.clusterLock,
        capabilities: capabilitiesOf(config),
        startAsStopped: config.legacy.startAsStopped,
        startAsDisabled: config.legacy.startAsDisabled,
        keepaliveVersion: settings.keepaliveVersion,
        tunables,
        loopTurnLimitMs: config.own.loopTurnLimitMs,
      },
    );
  }

  /** Binds both sockets. Rejects when one of them is taken. */
  async listen(): Promise<void> {
    this.node.state.setRunState(RunState.INIT);
    await this.node.listen();
    this.ports.logger.notice(`Listening to ctdb socket ${this.settings.socketPath}`);
  }

  /** Attaches what is on disk and lets clients and nodes in. */
  open(): Promise<void> {
    return this.node.open();
  }

  /** Starts the helpers and the cluster manager, and takes part in the cluster. */
  begin(): void {
    this.node.state.setRunState(RunState.SETUP);
    this.commits.start();
    this.vacuumd.start();
    this.clusterd.start();
    this.node.begin();
  }

  private testClusterLock(done: Parameters<NodePorts["testClusterLock"]>[0]): void {
    const { timers, logger, processes } = this.ports;
    const { config, programs } = this.settings;
    let answered = false;
    const answer = (outcome: Parameters<typeof done>[0]): void => {
      if (answered) return;
      answered = true;
      limit.cancel();
      attempt.release();
      done(outcome);
    };
    const limit = timers.after(LOCK_TEST_LIMIT_MS, () => answer("timeout"));
    const attempt = startClusterMutex(
      { processes, logger, defaultHelper: programs.mutexHelper },
      config.cluster.clusterLock ?? "",
      { onAnswer: (outcome) => answer(outcome), onLost: () => answer("error") },
    );
  }
}
