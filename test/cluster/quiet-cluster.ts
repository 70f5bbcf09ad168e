// Looks at a live cluster from outside - files, controls, a traverse, processes - and checks what must hold whenever nothing
// moves in it. LocalCluster does so at the end of every test that leaves nodes running.
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { DbFlag, NodeFlag, RecData, RecoveryMode, TdbFlag } from "../../src/protocol/index.js";
import {
  checkAgreement,
  checkQuietCluster,
  checkTraverse,
  type DatabaseDump,
  type NodeDump,
  type OwnerHistory,
  type Violation,
} from "../../src/simulator/invariants/index.js";
import { pauseMs } from "./await-condition.js";
import type { ClusterNode, NodeKind } from "./cluster-node.js";
import { dumpFiles, type FileDump, storedRecords } from "./file-dumps.js";

/** A violation counts when nothing has changed for so long, in so many looks: these take long where the daemons get little CPU. */
const UNCHANGED_MS = 500;
const UNCHANGED_LOOKS = 5;
const LOOK_INTERVAL_MS = 50;
/** The records of larger files are not looked at: that would take longer than the test. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;
const INACTIVE = NodeFlag.DISCONNECTED | NodeFlag.DELETED | NodeFlag.BANNED | NodeFlag.STOPPED;
const TRAVERSE_SRVID = 0xbe7e_5700_0000_0000n;
let traversesBegun = 0n;
const SHORT_LIVED_HELPERS = /ctdb_(lock|recovery|takeover)_helper/;

/** What C daemons do not keep to, by the name of the invariant and what to look for in its text. */
const KNOWN_OF_C_DAEMONS: ReadonlyArray<{ readonly invariant: string; readonly why: string }> = [
  { invariant: "I7", why: "the first delegation of a record does not set MIGRATED_WITH_DATA" },
];

interface DatabaseFacts {
  readonly id: number;
  readonly name: string;
  readonly path: string;
  readonly flags: number;
  readonly openFlags: number;
  readonly locksCurrent: number;
  readonly locksPending: number;
}

interface NodeFacts {
  readonly node: ClusterNode;
  readonly recovering: boolean;
  readonly generation: number;
  readonly vnnMap: readonly number[];
  readonly pendingCalls: number;
  readonly databases: readonly DatabaseFacts[];
}

interface Look {
  readonly violations: readonly Violation[];
  /** Of everything that was seen. */
  readonly fingerprint: string;
}

/**
 * Waits, at most `limitMs`, until the running nodes are at rest and checks I1 to I8, I11 to I15, and I9 since the last call with this `history`.
 * Returns at once when all hold, even if something still moves. Throws with what does not hold.
 */
export async function checkAtRest(
  nodes: readonly ClusterNode[],
  history: OwnerHistory,
  limitMs: number,
): Promise<void> {
  const endMs = performance.now() + limitMs;
  let last: Look | undefined;
  let sameSinceMs = 0;
  let sameLooks = 0;
  for (;;) {
    const nowMs = performance.now();
    const running = nodes.filter((node) => node.daemonPid !== undefined && !isPaused(node.daemonPid));
    if (running.length === 0) return;
    const look = await lookAt(running, history);
    if (look.violations.length === 0) return;
    if (look.fingerprint !== last?.fingerprint) {
      sameSinceMs = nowMs;
      sameLooks = 0;
    }
    sameLooks++;
    last = look;
    const moving = look.violations.some(({ invariant }) => invariant === "I11" || invariant === "I15");
    const unchanged = sameLooks >= UNCHANGED_LOOKS && nowMs - sameSinceMs >= UNCHANGED_MS;
    if (nowMs >= endMs || (!moving && unchanged)) {
      const lines = look.violations.slice(0, 20).map(({ invariant, text }) => `${invariant}: ${text}`);
      throw new Error(`a cluster at rest breaks ${look.violations.length} invariants:\n${lines.join("\n")}`);
    }
    await pauseMs(LOOK_INTERVAL_MS);
  }
}

async function lookAt(running: readonly ClusterNode[], history: OwnerHistory): Promise<Look> {
  try {
    return await look(running, history);
  } catch (error) {
    // A node that is just coming or going: no rest yet.
    const text = error instanceof Error ? error.message : String(error);
    return { violations: [{ invariant: "I11", text: `the cluster cannot be looked at: ${text}` }], fingerprint: text };
  }
}

async function look(running: readonly ClusterNode[], history: OwnerHistory): Promise<Look> {
  const flags = await Promise.all(running.map(ownFlags));
  const active = running.filter((_, i) => ((flags[i] ?? 0) & INACTIVE) === 0);
  const facts = await Promise.all(active.map(factsOf));
  const moving = [
    ...checkAgreement(facts.map((node) => nodeDump(node, new Map()))),
    ...facts.filter(({ pendingCalls, node }) => pendingCalls !== 0 && node.kind === "ts").map(stillCalling),
  ];
  // A traverse, say, would only wait for a thaw.
  if (moving.length > 0) return { violations: moving, fingerprint: "" };
  const databases = facts.flatMap((node) => node.databases);
  const paths = databases.filter(({ path }) => statSync(path).size <= FILE_BYTES_MAX).flatMap(filesOf);
  const [{ dumps, fingerprint }, traversed] = await Promise.all([dumpFiles(paths), traverseAll(facts[0])]);
  const nodeDumps = facts.map((node) => nodeDump(node, dumps));
  const kinds = new Set(active.map((node) => node.kind));
  const found = [
    ...checkQuietCluster(nodeDumps),
    ...[...traversed].flatMap(([name, keys]) => checkTraverse(name, keys, nodeDumps)),
    ...checkFiles(databases, dumps),
    ...checkProcesses(active),
  ];
  const violations = found.filter((violation) => !isKnown(violation, kinds));
  if (violations.length === 0) {
    for (const [name] of traversed) violations.push(...history.check(name, nodeDumps));
  }
  return { violations, fingerprint: `${fingerprint} ${JSON.stringify(violations)}` };
}

async function ownFlags(node: ClusterNode): Promise<number> {
  const map = await (await node.probe()).control("GET_NODEMAP", undefined);
  return map.nodes[node.pnn]?.flags ?? NodeFlag.DELETED;
}

async function factsOf(node: ClusterNode): Promise<NodeFacts> {
  const probe = await node.probe();
  const [recoveryMode, vnnMap, statistics, { dbs }] = await Promise.all([
    probe.statusOf("GET_RECMODE"),
    probe.control("GETVNNMAP", undefined),
    probe.control("STATISTICS", undefined),
    probe.control("GET_DBMAP", undefined),
  ]);
  const databases = dbs.map(async ({ dbId: id, flags }): Promise<DatabaseFacts> => {
    const [name, path, openFlags, { locks }] = await Promise.all([
      probe.control("GET_DBNAME", id),
      probe.control("GETDBPATH", id),
      probe.control("DB_OPEN_FLAGS", id),
      probe.control("GET_DB_STATISTICS", id),
    ]);
    return { id, name, path, flags, openFlags, locksCurrent: locks.numCurrent, locksPending: locks.numPending };
  });
  return {
    node,
    recovering: recoveryMode !== RecoveryMode.NORMAL,
    generation: vnnMap.generation,
    vnnMap: vnnMap.map,
    pendingCalls: statistics.pendingCalls,
    databases: await Promise.all(databases),
  };
}

/** A C daemon keeps account of read-only copies in a file beside the database. */
function filesOf({ path, flags }: DatabaseFacts): string[] {
  const tracking = `${path}.RO`;
  const tracked = (flags & DbFlag.READONLY) !== 0 && statSync(tracking, { throwIfNoEntry: false }) !== undefined;
  return tracked ? [path, tracking] : [path];
}

function nodeDump(
  { node, recovering, generation, vnnMap, databases }: NodeFacts,
  dumps: ReadonlyMap<string, FileDump>,
): NodeDump {
  const dumped = databases.map(({ name, path, flags, locksCurrent, locksPending }): [string, DatabaseDump] => {
    const tracking = dumps.get(`${path}.RO`);
    return [
      name,
      {
        name,
        flags,
        records: storedRecords(dumps.get(path)?.values ?? new Map()),
        generation: undefined,
        locksCurrent,
        locksPending,
        copyHolders: tracking === undefined ? undefined : holdersIn(tracking),
      },
    ];
  });
  return { pnn: node.pnn, generation, vnnMap, recovering, databases: new Map(dumped) };
}

/** A bit a node. */
function holdersIn(tracking: FileDump): Map<string, ReadonlySet<number>> {
  const holders = new Map<string, ReadonlySet<number>>();
  for (const [key, bits] of tracking.values) {
    const pnns = [...bits].flatMap((byte, i) =>
      [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => byte & (1 << bit)).map((bit) => 8 * i + bit),
    );
    holders.set(key, new Set(pnns));
  }
  return holders;
}

/** Keys (latin1) by volatile database, as one node traverses the cluster. */
async function traverseAll(origin: NodeFacts | undefined): Promise<ReadonlyMap<string, string[]>> {
  if (origin === undefined) return new Map();
  const probe = await origin.node.probe();
  const isSmall = ({ path }: DatabaseFacts): boolean => statSync(path).size <= FILE_BYTES_MAX;
  const volatile = origin.databases.filter(
    (database) => (database.flags & (DbFlag.PERSISTENT | DbFlag.REPLICATED)) === 0 && isSmall(database),
  );
  const traverses = volatile.map(async ({ id, name }, i): Promise<[string, string[]]> => {
    const keys: string[] = [];
    // Of its own: what an earlier look has left of a traverse that failed would show its records twice.
    const srvid = TRAVERSE_SRVID + traversesBegun++;
    await new Promise<void>((resolve, reject) => {
      const receive = (bytes: Buffer): void => {
        const { key, data } = RecData.decode(bytes);
        if (key.length > 0 || data.length > 0) keys.push(Buffer.from(key).toString("latin1"));
        else resolve();
      };
      probe.closed.then(() => reject(new Error("the daemon closed the connection")));
      probe
        .onMessage(srvid, receive)
        .then(() => probe.control("TRAVERSE_START", { dbId: id, reqid: i, srvid }))
        .catch(reject);
    });
    await probe.control("DEREGISTER_SRVID", undefined, { srvid });
    return [name, keys];
  });
  return new Map(await Promise.all(traverses));
}

/** I14. */
function checkFiles(databases: readonly DatabaseFacts[], dumps: ReadonlyMap<string, FileDump>): Violation[] {
  const violations: Violation[] = [];
  for (const { path, openFlags } of databases) {
    const dump = dumps.get(path);
    if (dump === undefined) continue;
    const report = (text: string): number => violations.push({ invariant: "I14", text: `${path}: ${text}` });
    if (!dump.checked) report("tdb_check does not find it in order");
    if (dump.mutexes !== ((openFlags & TdbFlag.MUTEX_LOCKING) !== 0))
      report(`its mutexes are not those of DB_OPEN_FLAGS`);
    if ((dump.hash === "jenkins") !== ((openFlags & TdbFlag.INCOMPATIBLE_HASH) !== 0)) {
      report("its hash is not that of DB_OPEN_FLAGS");
    }
  }
  return violations;
}

/** I15. */
function checkProcesses(nodes: readonly ClusterNode[]): Violation[] {
  const violations: Violation[] = [];
  for (const node of nodes) {
    for (const pid of node.pids()) {
      const text = processTrouble(pid);
      if (text !== undefined) violations.push({ invariant: "I15", text: `node ${node.pnn}, process ${pid}: ${text}` });
    }
  }
  return violations;
}

function processTrouble(pid: number): string | undefined {
  try {
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
    if (SHORT_LIVED_HELPERS.test(commandLine)) return `${commandLine} is left`;
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      const target = readlinkSync(`/proc/${pid}/fd/${fd}`);
      if (/\/recdb\.[^/]*$/.test(target)) return `it has ${target} open`;
    }
  } catch {
    // It has ended meanwhile.
  }
  return undefined;
}

function stillCalling({ node, pendingCalls }: NodeFacts): Violation {
  return { invariant: "I11", text: `node ${node.pnn} has ${pendingCalls} calls under way` };
}

function isKnown({ invariant }: Violation, kinds: ReadonlySet<NodeKind>): boolean {
  return kinds.has("c") && KNOWN_OF_C_DAEMONS.some((known) => known.invariant === invariant);
}

function isPaused(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  return stat.charAt(stat.lastIndexOf(")") + 2) === "T";
}
