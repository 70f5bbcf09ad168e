// What runs in ctdb-clusterd, made of ports: by clusterd.ts of the real ones, by the simulator of its own.
import { type Client, type ClientTransport, connect } from "../client/index.js";
import { ClusterManager } from "../cluster/cluster-manager.js";
import { NoAddressesTakeoverRun } from "../cluster/takeover.js";
import type { BaseModules, ProcessRunner } from "../platform/ports.js";
import { ClusterRecovery } from "../recovery/cluster-recovery.js";
import { childMutex } from "./child-mutex.js";
import { clusterLinkOf } from "./clusterd-link.js";
import type { ClusterdOptions } from "./clusterd-options.js";

/** What may wait on the way to the daemon; the recovery itself keeps far below. */
const SEND_QUEUE_MAX_BYTES = 512 * 1024 * 1024;

export interface ClusterManagerPorts extends BaseModules {
  readonly processes: ProcessRunner;
  /** Ways to the own daemon. */
  readonly transport: ClientTransport;
  /** Helper for a cluster lock that is a plain file name. */
  readonly mutexHelper: readonly [string, ...string[]];
  memoryReport(): string;
  /** The daemon is gone: the process has to end. */
  daemonGone(): void;
}

/** Connects to the daemon and starts the cluster manager. Rejects when the daemon cannot be asked. */
export async function startClusterManager(
  ports: ClusterManagerPorts,
  options: Pick<ClusterdOptions, "clusterLock" | "leaderTimeoutSeconds">,
): Promise<ClusterManager> {
  const { clock, timers, random, logger, processes } = ports;
  const base = { clock, timers, random, logger };
  const client: Client = await connect({
    transport: ports.transport,
    modules: base,
    timeoutMs: 0,
    sendQueueMaxBytes: SEND_QUEUE_MAX_BYTES,
  });
  const link = clusterLinkOf(client);
  const manager = new ClusterManager(
    {
      ...base,
      link,
      mutex: childMutex({ processes, logger, timers, defaultHelper: ports.mutexHelper }),
      databaseRecovery: new ClusterRecovery({ ...base, link }),
      takeoverRun: (view) => new NoAddressesTakeoverRun({ ...base, link, view }),
      readNodesList: async () => (await client.control("GET_NODES_FILE")).nodes.length,
      memoryReport: () => ports.memoryReport(),
    },
    {
      clusterLock: options.clusterLock ?? undefined,
      leaderTimeoutMs: options.leaderTimeoutSeconds * 1000,
    },
  );
  client.events.on("closed", () => ports.daemonGone());
  await manager.start();
  return manager;
}
