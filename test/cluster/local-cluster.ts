// A cluster of C and TypeScript daemons on loopback, in a temporary directory. Cluster and interop tests, benchmarks and the
// demo make one, and must end it with `stop`; if they die before, the guard process ends it.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeFlag, RecoveryMode, RunState } from "../../src/protocol/index.js";
import { OwnerHistory } from "../../src/simulator/invariants/index.js";
import { clusterLockFile, setUpCluster } from "../../src/tool/companions/local-cluster/node-directory.js";
import { type AddressLease, leaseAddresses } from "./address-lease.js";
import { awaitCondition } from "./await-condition.js";
import { ClusterNode, daemonPrograms, type NodeKind } from "./cluster-node.js";
import { type ProcessGuard, startGuard } from "./process-guard.js";
import { checkAtRest } from "./quiet-cluster.js";

const LOG_TAIL_LINES = 60;
/** A cluster gets so long to come to rest before it is looked over. */
const REST_LIMIT_MS = 60_000;
/** Some recoveries of C daemons, which wait for 10 s after each, on a machine with other work. */
const HEALTHY_LIMIT_MS = 120_000;

export interface LocalClusterOptions {
  /** One entry a node. */
  readonly kinds: readonly NodeKind[];
  /** Whether the nodes share a cluster lock (default true). */
  readonly clusterLock?: boolean;
  readonly tunables?: Readonly<Record<string, number>>;
  readonly logLevel?: string;
  /** Where the temporary directory is made; default the system's. */
  readonly parentDirectory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly launchPrefix?: readonly string[];
  readonly configLines?: Readonly<Record<string, readonly string[]>>;
}

/** What a node says of the cluster. */
export interface NodeView {
  readonly recoveryMode: number;
  readonly runState: number;
  readonly generation: number;
  /** Nodes of the VNN map, in its order. */
  readonly map: readonly number[];
  /** Flags by pnn. */
  readonly flags: readonly number[];
}

export class LocalCluster {
  private readonly history = new OwnerHistory();
  restLimitMs = REST_LIMIT_MS;
  /** In tests every cluster is looked over before it is stopped; false for one that a test leaves in disorder on purpose. */
  checkedAtEnd = process.env["NODE_TEST_CONTEXT"] !== undefined;

  private constructor(
    readonly directory: string,
    readonly nodes: readonly ClusterNode[],
    private readonly lease: AddressLease,
    private readonly guard: ProcessGuard,
  ) {}

  /** Writes the directories; nothing runs yet. */
  static async create(options: LocalClusterOptions): Promise<LocalCluster> {
    const lease = await leaseAddresses();
    const directory = mkdtempSync(join(options.parentDirectory ?? tmpdir(), "ctdb-cluster-"));
    const guard = startGuard(directory);
    const addresses = options.kinds.map((_, pnn) => lease.address(pnn));
    const places = setUpCluster(directory, {
      addresses,
      clusterLock: options.clusterLock === false ? undefined : clusterLockFile(directory),
      tunables: options.tunables ?? {},
      logLevel: options.logLevel ?? "NOTICE",
      configLines: options.configLines ?? {},
      daemons: options.kinds.map((kind) => daemonPrograms[kind]),
    });
    const nodes = options.kinds.map((kind, pnn) => {
      const { base } = places[pnn] ?? {};
      if (base === undefined) throw new Error(`node ${pnn} was not set up`);
      return new ClusterNode(
        pnn,
        base,
        lease.address(pnn),
        kind,
        options.environment ?? {},
        options.launchPrefix ?? [],
      );
    });
    return new LocalCluster(directory, nodes, lease, guard);
  }

  /** Creates a cluster, starts all nodes and waits until they are healthy. Nothing is left behind when that fails. */
  static async start(options: LocalClusterOptions): Promise<LocalCluster> {
    const cluster = await LocalCluster.create(options);
    try {
      cluster.startAll();
      await cluster.healthy();
      return cluster;
    } catch (error) {
      const report = cluster.report();
      cluster.checkedAtEnd = false;
      await cluster.stop();
      throw new Error(
        `the cluster did not become healthy: ${error instanceof Error ? error.message : error}\n${report}`,
      );
    }
  }

  node(pnn: number): ClusterNode {
    const node = this.nodes[pnn];
    if (node === undefined) throw new RangeError(`there is no node ${pnn}`);
    return node;
  }

  startAll(): void {
    for (const node of this.nodes) node.start();
  }

  /** Asks one node for its view. Throws when it does not answer. */
  async view(pnn: number): Promise<NodeView> {
    const probe = await this.node(pnn).probe();
    const [recoveryMode, runState, vnnMap, nodeMap] = await Promise.all([
      probe.statusOf("GET_RECMODE"),
      probe.control("GET_RUNSTATE", undefined),
      probe.control("GETVNNMAP", undefined),
      probe.control("GET_NODEMAP", undefined),
    ]);
    return {
      recoveryMode,
      runState,
      generation: vnnMap.generation,
      map: vnnMap.map,
      flags: nodeMap.nodes.map((node) => node.flags),
    };
  }

  /**
   * Waits until the nodes `pnns` (default all) run, see each other without any flag, all others as disconnected, are out of
   * recovery and agree on generation and VNN map. Gives their common view.
   */
  healthy(
    pnns: readonly number[] = this.nodes.map((node) => node.pnn),
    timeoutMs = HEALTHY_LIMIT_MS,
  ): Promise<NodeView> {
    return awaitCondition(`nodes ${pnns.join(", ")} healthy`, { timeoutMs, intervalMs: 20 }, async () => {
      for (const pnn of pnns) {
        if (this.node(pnn).daemonPid === undefined) throw new Error(`ctdbd of node ${pnn} does not run`);
      }
      const views = await Promise.all(pnns.map((pnn) => this.view(pnn)));
      for (const [i, view] of views.entries()) {
        const problem = this.imperfection(view, pnns, views[0]?.generation);
        if (problem !== undefined) throw new Error(`node ${pnns[i]}: ${problem}`);
      }
      return views[0];
    });
  }

  private imperfection(view: NodeView, members: readonly number[], generation: number | undefined): string | undefined {
    if (view.recoveryMode !== RecoveryMode.NORMAL) return "in recovery";
    if (view.runState !== RunState.RUNNING) return `run state ${view.runState}`;
    if (view.generation !== generation) return `generation ${view.generation} instead of ${generation}`;
    if ([...view.map].sort().join() !== [...members].sort().join()) return `VNN map ${view.map.join(" ")}`;
    for (const [pnn, flags] of view.flags.entries()) {
      const member = members.includes(pnn);
      if (member && flags !== 0) return `sees node ${pnn} with flags 0x${flags.toString(16)}`;
      if (!member && (flags & NodeFlag.DISCONNECTED) === 0) return `sees node ${pnn} as connected`;
    }
    return undefined;
  }

  /** The leader as the tool names it on node `pnn`; undefined when there is none. */
  async leader(pnn = 0): Promise<number | undefined> {
    const result = await this.node(pnn).ctdb(["leader"]);
    const leader = Number.parseInt(result.stdout, 10);
    return Number.isNaN(leader) ? undefined : leader;
  }

  /** Attaches a volatile database on node `pnn`, thereby on all connected nodes; gives its id. */
  async attach(database: string, pnn = 0): Promise<number> {
    const probe = await this.node(pnn).probe();
    const dbId = await probe.control("DB_ATTACH", database);
    await awaitCondition(`database ${database} on all running nodes`, { timeoutMs: HEALTHY_LIMIT_MS }, async () => {
      for (const node of this.nodes) {
        if (node.daemonPid === undefined) continue;
        const map = await (await node.probe()).control("GET_DBMAP", undefined);
        if (!map.dbs.some((entry) => entry.dbId === dbId)) return false;
      }
      return true;
    });
    return dbId;
  }

  /** The ends of all logs, for the message of a failed test. */
  report(): string {
    return this.nodes
      .map((node) => {
        // A call that goes round for ever would push everything else out.
        const lines = node.log.split("\n").filter((line) => !line.startsWith("High hopcount"));
        return `--- node ${node.pnn} (${node.kind})\n${lines.slice(-LOG_TAIL_LINES).join("\n")}`;
      })
      .join("\n");
  }

  /** Adds the ends of the logs to what a test failed with; the cluster of a failed test is not looked over. */
  failed(error: unknown): unknown {
    this.checkedAtEnd = false;
    if (error instanceof Error) error.message += `\n${this.report()}`;
    return error;
  }

  /** Waits until nothing moves any more and checks the invariants of a cluster at rest. Throws with those that do not hold. */
  checkAtRest(): Promise<void> {
    return checkAtRest(this.nodes, this.history, this.restLimitMs);
  }

  /** Looks the cluster over (`checkedAtEnd`), then ends all nodes at once and removes everything. */
  async stop(): Promise<void> {
    try {
      if (this.checkedAtEnd) await this.checkAtRest();
    } catch (error) {
      throw this.failed(error);
    } finally {
      await Promise.all(this.nodes.map((node) => node.kill()));
      await this.guard.finish();
      this.lease.release();
    }
  }
}

/** Runs `body` with a fresh healthy cluster and always removes it; a failure carries the ends of the logs. */
export async function withCluster(
  options: LocalClusterOptions,
  body: (cluster: LocalCluster) => Promise<void>,
): Promise<void> {
  const cluster = await LocalCluster.start(options);
  try {
    await body(cluster);
  } catch (error) {
    throw cluster.failed(error);
  } finally {
    await cluster.stop();
  }
}
