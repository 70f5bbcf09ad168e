// What `ctdb top` shows at one moment, gathered from all nodes at once. Nodes and databases that do not answer are left out.
import {
  type DbStatistics,
  type LoopTimes,
  type NodeEntry,
  NodeFlag,
  type PublicIp,
  type Statistics,
  type Uptime,
} from "../../protocol/index.js";
import type { ClusterAccess, Outcome } from "../cluster-access.js";
import type { ClusterContext } from "../command.js";
import { activePnns } from "./node-map.js";
import { type HostedAddress, hostedAddresses } from "./public-ips.js";

/** Databases that are looked at; more would load the daemons. */
const DATABASES_MAX = 64;

export interface NodeSample {
  readonly node: NodeEntry;
  readonly statistics: Statistics | undefined;
  readonly uptime: Uptime | undefined;
  /** undefined for daemons that are not ctdb-ts. */
  readonly loop: LoopTimes | undefined;
}

export interface DatabaseSample {
  readonly name: string;
  readonly flags: number;
  /** Of each node that answered. */
  readonly statistics: ReadonlyMap<number, DbStatistics>;
}

export interface TopSnapshot {
  /** Milliseconds of a monotonic clock. */
  readonly takenAtMs: number;
  readonly generation: number | undefined;
  readonly recoveryActive: boolean | undefined;
  readonly nodes: readonly NodeSample[];
  readonly databases: readonly DatabaseSample[];
  readonly addresses: readonly HostedAddress[];
}

function replyOf<T>(outcome: Outcome<T>): T | undefined {
  return outcome.ok ? outcome.reply : undefined;
}

function isReachable(node: NodeEntry): boolean {
  return (node.flags & (NodeFlag.DELETED | NodeFlag.DISCONNECTED)) === 0;
}

/** Names of databases; they never change. */
const names = new Map<number, string>();

async function databaseName(cluster: ClusterAccess, id: number): Promise<string> {
  const known = names.get(id);
  if (known !== undefined) return known;
  const name = replyOf(await cluster.tryControl("GET_DBNAME", id, cluster.localPnn)) ?? `0x${id.toString(16)}`;
  names.set(id, name);
  return name;
}

/** Nodes that do not know LOOP_TIMES: a C daemon logs each control that it does not know. */
const withoutLoopTimes = new Set<number>();

async function sampleLoop(cluster: ClusterAccess, pnn: number): Promise<LoopTimes | undefined> {
  if (withoutLoopTimes.has(pnn)) return undefined;
  const outcome = await cluster.tryControl("LOOP_TIMES", undefined, pnn);
  if (!outcome.ok && outcome.replied) withoutLoopTimes.add(pnn);
  return replyOf(outcome);
}

async function sampleNode(cluster: ClusterAccess, node: NodeEntry): Promise<NodeSample> {
  if (!isReachable(node)) return { node, statistics: undefined, uptime: undefined, loop: undefined };
  const [statistics, uptime, loop] = await Promise.all([
    cluster.tryControl("STATISTICS", undefined, node.pnn),
    cluster.tryControl("UPTIME", undefined, node.pnn),
    sampleLoop(cluster, node.pnn),
  ]);
  return { node, statistics: replyOf(statistics), uptime: replyOf(uptime), loop };
}

async function sampleDatabases(cluster: ClusterAccess, nodes: readonly NodeEntry[]): Promise<DatabaseSample[]> {
  const map = replyOf(await cluster.tryControl("GET_DBMAP", undefined, cluster.localPnn));
  const dbs = (map?.dbs ?? []).slice(0, DATABASES_MAX);
  const pnns = nodes.filter(isReachable).map((node) => node.pnn);
  return Promise.all(
    dbs.map(async ({ dbId, flags }) => {
      const statistics = new Map<number, DbStatistics>();
      const { outcomes } = await cluster.controlAll("GET_DB_STATISTICS", dbId, pnns);
      for (const [pnn, outcome] of outcomes) if (outcome.ok) statistics.set(pnn, outcome.reply);
      return { name: await databaseName(cluster, dbId), flags, statistics };
    }),
  );
}

async function sampleAddresses(cluster: ClusterAccess, nodes: readonly NodeEntry[]): Promise<HostedAddress[]> {
  const pnns = activePnns(nodes);
  const { outcomes } = await cluster.controlAll("GET_PUBLIC_IPS", undefined, pnns);
  const told = new Map<number, readonly PublicIp[]>();
  for (const pnn of pnns) {
    const outcome = outcomes.get(pnn);
    if (outcome?.ok) told.set(pnn, outcome.reply.ips);
  }
  return hostedAddresses(told);
}

/** Throws CommandFailure (after a complaint) when the local daemon does not tell its nodes. */
export async function takeSnapshot(context: ClusterContext): Promise<TopSnapshot> {
  const { cluster, localPnn } = context;
  const { nodes: all } = await cluster.control("GET_NODEMAP", undefined, localPnn);
  const nodes = all.filter((node) => (node.flags & NodeFlag.DELETED) === 0);
  const [samples, databases, map, mode, addresses] = await Promise.all([
    Promise.all(nodes.map((node) => sampleNode(cluster, node))),
    sampleDatabases(cluster, nodes),
    cluster.tryControl("GETVNNMAP", undefined, localPnn),
    cluster.tryControl("GET_RECMODE", undefined, localPnn),
    sampleAddresses(cluster, nodes),
  ]);
  const modeReply = replyOf(mode);
  return {
    takenAtMs: performance.now(),
    generation: replyOf(map)?.generation,
    recoveryActive: modeReply === undefined ? undefined : modeReply !== 0,
    nodes: samples,
    databases,
    addresses,
  };
}
