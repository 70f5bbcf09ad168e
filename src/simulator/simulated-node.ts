// One node of a world: its machine, its disk, and the programs that run there - the real daemon and the real cluster manager behind
// simulated ports. Scenarios start, kill, stop and crash them here.
//
//   down --start--> starting --> running --daemon ends--> down          any --crash--> off --restart--> starting
import type { ClusterManager } from "../cluster/cluster-manager.js";
import type { Configuration } from "../config/configuration.js";
import type { NodesListEntry } from "../config/nodes-list.js";
import { DEFAULT_KEEPALIVE_VERSION } from "../config/version.js";
import { ClusterManagerProgram } from "../daemon/cluster-manager-program.js";
import { decodeClusterdOptions, encodeClusterdOptions } from "../daemon/clusterd-options.js";
import { Daemon } from "../daemon/daemon.js";
import type { CtdbNode } from "../daemon/node.js";
import { defaultTunables, type TunableList } from "../protocol/index.js";
import { commitProgram } from "./files/commit-program.js";
import type { DiskProcess } from "./files/disk-process.js";
import { lockdProgram } from "./files/lockd-program.js";
import type { MemoryDisk } from "./files/memory-disk.js";
import type { NodeDump, StoredRecord } from "./invariants/dump.js";
import type { Machine } from "./machine.js";
import type { Network } from "./network.js";
import { dumpNode, dumpRecords } from "./node-dump.js";
import { type Program, type RunningProgram, SimulatedProcessRunner } from "./process-runner.js";
import { type QueueLoad, queueLoads } from "./queue-loads.js";
import { SimulatedClient } from "./simulated-client.js";
import type { SimulatedProcess } from "./simulated-process.js";
import { vacuumProgram } from "./vacuum-program.js";

const SOCKET_PATH = "/run/ctdb/ctdbd.socket";
const CLUSTER_LOCK = "/clusterfs/.ctdb.lock";
const DIRECTORIES = {
  volatileDirectory: "/var/lib/ctdb/volatile",
  persistentDirectory: "/var/lib/ctdb/persistent",
  stateDirectory: "/var/lib/ctdb/state",
} as const;

const CLUSTERD = "ctdb-clusterd";
const LOCKD = "ctdb-lockd";
const COMMITD = "ctdb-commitd";
const VACUUMD = "ctdb-vacuumd";
const MUTEX_HELPER = "ctdb_mutex_fcntl_helper";
/** `start` of a daemon that cannot come up ends it with this. */
const EXIT_FAILURE = 1;

export interface NodeModules {
  readonly machine: Machine;
  readonly disk: MemoryDisk;
  readonly network: Network;
  /** The program ctdb_mutex_fcntl_helper. */
  readonly mutexHelper: Program;
  /** The nodes list as the file on this machine says it now. */
  readNodesList(): NodesListEntry[];
}

/** As in ctdb.conf and ctdb.tunables; read at each start of the daemon. */
export interface NodeSettings {
  clusterLock: boolean;
  leaderTimeoutSeconds: number;
  leaderCapability: boolean;
  lmasterCapability: boolean;
  startAsStopped: boolean;
  startAsDisabled: boolean;
  /** Locks of TDB files are robust mutexes; else fcntl locks. */
  mutexes: boolean;
  tunables: Partial<TunableList>;
}

interface RunningDaemon {
  readonly process: SimulatedProcess;
  readonly daemon: Daemon;
  /** Those of the daemon, which SET_TUNABLE changes. */
  readonly tunables: TunableList;
  manager: { readonly process: SimulatedProcess; readonly program: ClusterManagerProgram } | undefined;
}

/** A transaction is open for so long, and again until its end is known. */
const COMMIT_MS = 1;

export class SimulatedNode {
  private running: RunningDaemon | undefined;
  private commitMs = COMMIT_MS;

  constructor(
    readonly pnn: number,
    private readonly modules: NodeModules,
    readonly settings: NodeSettings,
  ) {}

  get machine(): Machine {
    return this.modules.machine;
  }

  get disk(): MemoryDisk {
    return this.modules.disk;
  }

  // ------------------------------------------------------------------ what runs there

  /** The daemon's insides; undefined while none runs. */
  get ctdb(): CtdbNode | undefined {
    return this.running?.daemon.node;
  }

  /** The cluster manager's insides, once it is connected. */
  get clusterManager(): ClusterManager | undefined {
    return this.running?.manager?.program.manager;
  }

  get clusterManagerProcess(): SimulatedProcess | undefined {
    return this.running?.manager?.process;
  }

  /** Databases with their records, vnnmap and generation; undefined while no daemon runs. */
  dump(): NodeDump | undefined {
    const { running } = this;
    if (running === undefined) return undefined;
    const { node, locks } = running.daemon;
    return dumpNode(this.pnn, node, this.disk, (database) => locks.statisticsOf(database));
  }

  /** How full the daemon's queues are; none while no daemon runs. */
  queues(): QueueLoad[] {
    const { running } = this;
    if (running === undefined) return [];
    const { daemon, tunables } = running;
    return queueLoads({ node: daemon.node, locks: daemon.locks, tunables });
  }

  /** Records of a database on this node's disk, by key (latin1); also when no daemon runs. */
  records(name: string): Map<string, StoredRecord> {
    const volatile = dumpRecords(this.disk, `${DIRECTORIES.volatileDirectory}/${name}.${this.pnn}`);
    return volatile.size > 0
      ? volatile
      : dumpRecords(this.disk, `${DIRECTORIES.persistentDirectory}/${name}.${this.pnn}`);
  }

  // ------------------------------------------------------------------ what scenarios do

  /** Starts ctdbd. Throws when it runs already, or the machine is off. */
  start(): void {
    if (this.running !== undefined) throw new Error(`ctdbd runs on node ${this.pnn} already`);
    const process = this.machine.spawn("ctdbd");
    const tunables = { ...defaultTunables(), ...this.settings.tunables };
    const files = this.disk.startProcess(process.pid, "ctdbd", process.modules.timers);
    process.own({ processEnded: () => files.exit() });
    const daemon = this.buildDaemon(process, files, tunables);
    const running: RunningDaemon = { process, daemon, tunables, manager: undefined };
    this.running = running;
    process.onEnd(() => {
      if (this.running === running) this.running = undefined;
    });
    this.traceState(running);
    const { time } = process.context;
    time.at(time.nowMs, process, () => {
      this.bringUp(daemon).catch((error: unknown) => {
        process.modules.logger.error(`ctdbd cannot start: ${String(error)}`);
        process.end({ code: EXIT_FAILURE, signal: null });
      });
    });
  }

  /** SIGKILL for ctdbd; its helpers and its cluster manager go with it, clients lose their connections. */
  kill(): void {
    this.running?.process.end({ code: null, signal: "SIGKILL" });
  }

  /** The orderly end of ctdbd, as SIGTERM and the control SHUTDOWN bring it about. */
  stop(): void {
    const { running } = this;
    if (running === undefined) return;
    const { time } = running.process.context;
    time.at(time.nowMs, running.process, () => running.daemon.node.shutdown("SIGTERM", 0));
  }

  /** The power fails: everything on the machine is gone. `silent` false: the other ends of its connections hear of it. */
  crash(options: { readonly silent?: boolean } = {}): void {
    const silent = options.silent ?? true;
    this.trace("fault", `crash${silent ? "" : ", connections are reset"}`);
    this.machine.crash(silent);
  }

  /** Switches the machine on if it is off, and starts ctdbd. `disk` "wiped": with an empty disk. */
  restart(options: { readonly disk?: "kept" | "wiped" } = {}): void {
    this.trace("fault", `restart, disk ${options.disk ?? "kept"}`);
    this.kill();
    if (options.disk === "wiped") this.disk.wipe();
    this.machine.boot();
    this.start();
  }

  /** Nothing on the machine runs for so long, as when a virtual machine is moved. */
  pause(durationMs: number): void {
    this.machine.pause(durationMs);
  }

  /** SIGSTOP for ctdbd alone, and SIGCONT after `durationMs`. */
  pauseDaemon(durationMs: number): void {
    this.running?.process.pause(durationMs);
  }

  /** SIGSTOP for the cluster manager alone: a leader that stalls. */
  pauseClusterManager(durationMs: number): void {
    this.running?.manager?.process.pause(durationMs);
  }

  /** SIGKILL for the helper processes of one program: "ctdb-lockd", "ctdb-commitd", "ctdb-vacuumd". Says how many there were. */
  killHelpers(program: string): number {
    const name = `${this.machine.name} ${program}`;
    const helpers = [...this.machine.processes.values()].filter((process) => process.name === name);
    for (const process of helpers) process.end({ code: null, signal: "SIGKILL" });
    return helpers.length;
  }

  killClusterManager(): void {
    this.running?.manager?.process.end({ code: null, signal: "SIGKILL" });
  }

  /** Each turn of ctdbd's loop takes so long; 0: none. */
  slowLoop(turnMs: number): void {
    const { running } = this;
    if (running === undefined) return;
    this.trace("fault", `each turn of ctdbd takes ${turnMs} ms`);
    running.process.eventCostMs = turnMs;
  }

  /** A transaction on this machine's disk is open for `commitMs` and up to twice as long, and again until that is known. */
  slowDisk(commitMs: number = COMMIT_MS): void {
    this.trace("fault", `a commit to disk takes ${commitMs} ms`);
    this.commitMs = commitMs;
  }

  /** A foreign process on this machine: a client. Its name in the trace is `title`. */
  client(title: string): SimulatedClient {
    const process = this.machine.spawn(title);
    const files = this.disk.startProcess(process.pid, title, process.modules.timers);
    return new SimulatedClient(process, files, this.machine.transportOf(process, SOCKET_PATH));
  }

  // ------------------------------------------------------------------ the daemon

  private trace(kind: "fault" | "state", text: string): void {
    this.machine.context.trace.add(kind, this.machine.name, text);
  }

  private async bringUp(daemon: Daemon): Promise<void> {
    await daemon.listen();
    await daemon.open();
    daemon.begin();
  }

  private buildDaemon(process: SimulatedProcess, files: DiskProcess, tunables: TunableList): Daemon {
    const { machine, disk, network, readNodesList } = this.modules;
    const { settings } = this;
    const { timers, logger } = process.modules;
    const config = configurationOf(settings);
    const programs = new Map<string, Program>([
      [LOCKD, lockdProgram(disk)],
      [COMMITD, commitProgram(disk, () => this.commitMs)],
      [VACUUMD, vacuumProgram(disk, SOCKET_PATH)],
      [CLUSTERD, (program) => this.runClusterManager(program)],
      [MUTEX_HELPER, this.modules.mutexHelper],
    ]);
    return new Daemon(
      {
        ...process.modules,
        processes: new SimulatedProcessRunner(process, machine, programs),
        tcp: network.portOf(process, machine),
        localServer: machine.localServerOf(process),
        files,
        removeFile: (path) => void disk.remove(path),
        listPersistentFiles: () => disk.list(DIRECTORIES.persistentDirectory),
        listEventScripts: () => [],
        readNodesList,
        memoryBytes: () => 0,
        memoryReport: () => "",
        exit: (reason, status) => {
          if (status !== 0) logger.error(`ctdb exiting with error: ${reason}`);
          // In a later turn: what was written before still leaves.
          timers.nextTurn(() => process.end({ code: status, signal: null }));
        },
      },
      {
        pid: process.pid,
        ownPnn: this.pnn,
        address: machine.address,
        nodes: readNodesList(),
        socketPath: SOCKET_PATH,
        mutexes: settings.mutexes,
        keepaliveVersion: DEFAULT_KEEPALIVE_VERSION,
        tunables,
        config,
        programs: {
          clusterd: [CLUSTERD],
          lockd: [LOCKD],
          commitd: [COMMITD],
          vacuumd: [VACUUMD],
          mutexHelper: [MUTEX_HELPER],
          lockDebugScript: undefined,
        },
        clusterdConfiguration: () =>
          encodeClusterdOptions({
            socketPath: SOCKET_PATH,
            logging: { location: "", level: logger.level },
            clusterLock: config.cluster.clusterLock ?? null,
            leaderTimeoutSeconds: settings.leaderTimeoutSeconds,
            testMode: false,
          }),
      },
    );
  }

  private runClusterManager(running: RunningProgram): void {
    const { process, machine } = running;
    const daemon = this.running;
    const programs = new Map([[MUTEX_HELPER, this.modules.mutexHelper]]);
    running.onStdin = (bytes) => {
      const options = decodeClusterdOptions(bytes.toString());
      const program = new ClusterManagerProgram(
        {
          ...process.modules,
          processes: new SimulatedProcessRunner(process, machine, programs),
          transport: machine.transportOf(process, options.socketPath),
          mutexHelper: [MUTEX_HELPER],
          memoryReport: () => "",
          exit: (status) => process.end({ code: status, signal: null }),
        },
        options,
      );
      if (daemon !== undefined) daemon.manager = { process, program };
      running.onSignal = () => program.end(0, "ctdb-clusterd ends");
      program.start().catch((error: unknown) => {
        process.modules.logger.error(error instanceof Error ? error.message : String(error));
        process.end({ code: EXIT_FAILURE, signal: null });
      });
    };
  }

  /** Changes of the node's state and of what it believes of others become lines of the trace. */
  private traceState({ daemon }: RunningDaemon): void {
    const { state, nodes } = daemon.node;
    let last = "";
    state.onChanged(() => {
      const { generation, map } = state.vnnMap;
      const now = `run state ${state.runState} recovery mode ${state.recoveryMode} generation ${generation} map ${map.join(",")}`;
      if (now === last) return;
      last = now;
      this.trace("state", now);
    });
    nodes.onFlagsChanged((pnn, oldFlags, newFlags) => {
      this.trace("state", `flags of ${pnn}: 0x${oldFlags.toString(16)} > 0x${newFlags.toString(16)}`);
    });
  }
}

function configurationOf(settings: NodeSettings): Pick<Configuration, "cluster" | "database" | "legacy" | "own"> {
  return {
    cluster: {
      transport: "tcp",
      nodeAddress: undefined,
      clusterLock: settings.clusterLock ? CLUSTER_LOCK : undefined,
      nodesList: "",
      leaderTimeoutSeconds: settings.leaderTimeoutSeconds,
      leaderCapability: settings.leaderCapability,
    },
    database: { ...DIRECTORIES, lockDebugScript: undefined, tdbMutexes: settings.mutexes },
    legacy: {
      realtimeScheduling: false,
      lmasterCapability: settings.lmasterCapability,
      startAsStopped: settings.startAsStopped,
      startAsDisabled: settings.startAsDisabled,
      scriptLogLevel: 0,
    },
    own: { loopTurnLimitMs: 0 },
  };
}
