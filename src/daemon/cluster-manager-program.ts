// What runs in ctdb-clusterd, made of ports: by clusterd.ts of the real ones, by the simulator of its own.
//
//   connecting -> running -> ending (gives the cluster lock up) -> over
import { setMaxListeners } from "node:events";
import { type ClientTransport, connect } from "../client/index.js";
import { ClusterManager } from "../cluster/cluster-manager.js";
import { NoAddressesTakeoverRun } from "../cluster/takeover.js";
import type { BaseModules, ProcessRunner } from "../platform/ports.js";
import { ClusterRecovery } from "../recovery/cluster-recovery.js";
import { childMutex } from "./child-mutex.js";
import { clusterLinkOf } from "./clusterd-link.js";
import type { ClusterdOptions } from "./clusterd-options.js";

/** What may wait on the way to the daemon; the recovery itself keeps far below. */
const SEND_QUEUE_MAX_BYTES = 512 * 1024 * 1024;
/** An orderly end gets the lock given up within this time, or without. */
const STOP_LIMIT_MS = 2000;
const DAEMON_GONE = "recovery daemon parent died - exiting";

export interface ClusterManagerPorts extends BaseModules {
  readonly processes: ProcessRunner;
  /** The way to the own daemon. */
  readonly transport: ClientTransport;
  /** Helper for a cluster lock that is a plain file name. */
  readonly mutexHelper: readonly [string, ...string[]];
  memoryReport(): string;
  /** Ends the process; its children see that by themselves. */
  exit(status: number): void;
}

export class ClusterManagerProgram {
  /** Once it is connected. */
  manager: ClusterManager | undefined;
  private ending = false;

  constructor(
    private readonly ports: ClusterManagerPorts,
    private readonly options: Pick<ClusterdOptions, "clusterLock" | "leaderTimeoutSeconds">,
  ) {
    // Many controls of one recovery listen to the same abort signal.
    setMaxListeners(0);
  }

  /** Connects to the daemon and starts the cluster manager. Rejects when the daemon cannot be asked. */
  async start(): Promise<void> {
    const { clock, timers, random, logger, processes, transport, mutexHelper } = this.ports;
    const base = { clock, timers, random, logger };
    const client = await connect({
      transport,
      modules: base,
      timeoutMs: 0,
      sendQueueMaxBytes: SEND_QUEUE_MAX_BYTES,
    });
    const link = clusterLinkOf(client);
    const manager = new ClusterManager(
      {
        ...base,
        link,
        mutex: childMutex({ processes, logger, timers, defaultHelper: mutexHelper }),
        databaseRecovery: new ClusterRecovery({ ...base, link }),
        takeoverRun: (view) => new NoAddressesTakeoverRun({ ...base, link, view }),
        readNodesList: async () => (await client.control("GET_NODES_FILE")).nodes.length,
        memoryReport: () => this.ports.memoryReport(),
      },
      {
        clusterLock: this.options.clusterLock ?? undefined,
        leaderTimeoutMs: this.options.leaderTimeoutSeconds * 1000,
      },
    );
    client.events.on("closed", () => this.daemonGone());
    await manager.start();
    this.manager = manager;
  }

  daemonGone(): void {
    this.end(1, DAEMON_GONE);
  }

  /** Gives the lock up (the helper is told in the same turn) and ends the process; with a status other than 0 at once. */
  end(status: number, reason: string): void {
    if (this.ending) return;
    this.ending = true;
    const { timers, logger } = this.ports;
    logger.notice(reason);
    const exit = (): void => this.ports.exit(status);
    timers.after(STOP_LIMIT_MS, exit);
    const stopped = this.manager?.stop() ?? Promise.resolve();
    if (status === 0) stopped.then(exit, exit);
    else exit();
  }
}
