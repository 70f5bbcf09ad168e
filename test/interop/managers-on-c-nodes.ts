// Debian's C daemons with our cluster managers in the place of their recovery daemons, which are stopped (SIGSTOP).
import { readFileSync } from "node:fs";
import { type Client, connect } from "../../src/client/index.js";
import { ClusterManager } from "../../src/cluster/cluster-manager.js";
import { NoAddressesTakeoverRun } from "../../src/cluster/takeover.js";
import { childMutex } from "../../src/daemon/child-mutex.js";
import { clusterLinkOf } from "../../src/daemon/clusterd-link.js";
import { nodeTimers } from "../../src/platform/node-timers.js";
import { LogLevel } from "../../src/platform/ports.js";
import { NodeProcessRunner } from "../../src/platform/process-runner.js";
import { systemClock } from "../../src/platform/system-clock.js";
import { systemRandom } from "../../src/platform/system-random.js";
import { ClusterRecovery } from "../../src/recovery/cluster-recovery.js";
import { awaitCondition } from "../cluster/await-condition.js";
import type { ClusterNode } from "../cluster/cluster-node.js";
import type { LocalCluster } from "../cluster/local-cluster.js";
import { RecordingLogger } from "../unit/fake-time.js";

const LIMIT_MS = 60_000;

const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
};

/** Waits for the node's own recovery daemon and stops it for good. */
async function stopRecoveryDaemon(node: ClusterNode): Promise<void> {
  const pid = await awaitCondition(`recovery daemon of node ${node.pnn}`, { timeoutMs: LIMIT_MS }, () =>
    node.pids().find((candidate) => commandOf(candidate) === "ctdb_recoverd"),
  );
  process.kill(pid, "SIGSTOP");
}

/** Debian's helper for a lock that is a file. */
const C_MUTEX_HELPER = "/usr/libexec/ctdb/ctdb_mutex_fcntl_helper";

export interface RunningManager {
  readonly manager: ClusterManager;
  readonly client: Client;
  readonly log: RecordingLogger;
  stop(): Promise<void>;
}

/** Starts a cluster manager of ours on a running node. */
async function startManager(
  node: ClusterNode,
  options: { readonly lock?: string | undefined } = {},
): Promise<RunningManager> {
  const client = await awaitCondition(`socket of node ${node.pnn}`, { timeoutMs: LIMIT_MS }, () =>
    connect({ socketPath: node.socketPath, timeoutMs: 0, sendQueueMaxBytes: 1 << 28 }),
  );
  const log = new RecordingLogger(() => `${performance.now().toFixed(1)} manager ${node.pnn}: `);
  log.level = LogLevel.INFO;
  const base = { clock: systemClock, timers: nodeTimers, random: systemRandom, logger: log };
  const link = clusterLinkOf(client);
  const manager = new ClusterManager(
    {
      ...base,
      link,
      mutex: childMutex({
        processes: new NodeProcessRunner({ stderr: log }),
        logger: log,
        timers: nodeTimers,
        defaultHelper: [C_MUTEX_HELPER],
      }),
      databaseRecovery: new ClusterRecovery({ ...base, link }),
      takeoverRun: (view) => new NoAddressesTakeoverRun({ ...base, link, view }),
      readNodesList: async () => (await client.control("GET_NODES_FILE")).nodes.length,
      memoryReport: () => "",
    },
    { clusterLock: options.lock, leaderTimeoutMs: 5000 },
  );
  await manager.start();
  return {
    manager,
    client,
    log,
    stop: async () => {
      await manager.stop();
      await client.close();
    },
  };
}

/** All nodes' managers, started together. */
export async function startManagers(cluster: LocalCluster, lock?: string): Promise<RunningManager[]> {
  await Promise.all(cluster.nodes.map((node) => stopRecoveryDaemon(node)));
  return Promise.all(cluster.nodes.map((node) => startManager(node, { lock })));
}
