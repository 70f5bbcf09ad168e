// Several node daemons in memory, as their cluster managers and a recovery see them: controls, messages, flags, databases
// with records, failures on demand. No process and no real time.

import { setMaxListeners } from "node:events";
import type { ClusterMutex, MutexAnswer } from "../../../src/cluster/cluster-lock.js";
import { ClusterManager } from "../../../src/cluster/cluster-manager.js";
import type { ControlOptions, DaemonLink, MessageRegistration } from "../../../src/cluster/daemon-link.js";
import { LocalSrvid } from "../../../src/cluster/local-srvids.js";
import { NoAddressesTakeoverRun } from "../../../src/cluster/takeover.js";
import {
  Capability,
  type ControlName,
  type ControlReply,
  type ControlRequest,
  DbFlag,
  NodeFlag,
  NodeMap,
  Pnn,
  RecoveryMode,
  RunState,
  type TunableList,
  Tunables,
} from "../../../src/protocol/index.js";
import { ClusterRecovery } from "../../../src/recovery/cluster-recovery.js";
import { SeededRandom } from "../../../src/simulator/seeded-random.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";

const LATENCY_MS = 0.2;

// One recovery has many controls under way that listen to one abort signal.
setMaxListeners(0);

export interface FakeRecord {
  rsn: number;
  dmaster: number;
  flags: number;
  value: string;
}

export interface FakeDatabase {
  readonly name: string;
  readonly flags: number;
  generation: number;
  seqnum: number;
  records: Map<string, FakeRecord>;
  frozen: boolean;
  tid: number | undefined;
  invalid: boolean;
  push: { srvid: bigint; count: number } | undefined;
}

export class FakeControlError extends Error {
  constructor(
    readonly status: number,
    text: string,
  ) {
    super(text);
  }
}

function recordBuffer(dbId: number, records: Iterable<readonly [string, FakeRecord]>): Buffer {
  const parts: Buffer[] = [Buffer.alloc(8)];
  let count = 0;
  for (const [key, { rsn, dmaster, flags, value }] of records) {
    const part = Buffer.alloc(16 + key.length + 24 + value.length);
    part.writeUInt32LE(part.length, 0);
    part.writeUInt32LE(key.length, 8);
    part.writeUInt32LE(24 + value.length, 12);
    part.write(key, 16, "latin1");
    const header = 16 + key.length;
    part.writeBigUInt64LE(BigInt(rsn), header);
    part.writeUInt32LE(dmaster, header + 8);
    part.writeUInt32LE(flags, header + 16);
    part.write(value, header + 24, "latin1");
    parts.push(part);
    count++;
  }
  const bytes = Buffer.concat(parts);
  bytes.writeUInt32LE(dbId, 0);
  bytes.writeUInt32LE(count, 4);
  return bytes;
}

function* recordsOf(bytes: Uint8Array): Generator<[string, FakeRecord]> {
  const buffer = Buffer.from(bytes);
  let at = 8;
  for (let i = 0; i < buffer.readUInt32LE(4); i++) {
    const keyLength = buffer.readUInt32LE(at + 8);
    const dataLength = buffer.readUInt32LE(at + 12);
    const header = at + 16 + keyLength;
    yield [
      buffer.toString("latin1", at + 16, header),
      {
        rsn: Number(buffer.readBigUInt64LE(header)),
        dmaster: buffer.readUInt32LE(header + 8),
        flags: buffer.readUInt32LE(header + 16),
        value: buffer.toString("latin1", header + 24, header + dataLength),
      },
    ];
    at = header + dataLength;
  }
}

export class FakeNode {
  up = false;
  /** The daemon does not answer, but its connections stand. */
  hung = false;
  flags: number[] = [];
  recoveryMode: number = RecoveryMode.ACTIVE;
  vnnMap = { generation: 1, map: [0] };
  capabilities: number = Capability.DEFAULT;
  runState: number = RunState.RUNNING;
  databases = new Map<number, FakeDatabase>();
  endRecoveries = 0;
  bans: number[] = [];
  freezes = 0;
  ipReallocated = 0;
  handlers = new Map<bigint, Set<(data: Uint8Array, srvid: bigint) => void>>();
  manager: ClusterManager | undefined;
  readonly logger: RecordingLogger;

  constructor(
    readonly cluster: FakeCluster,
    readonly pnn: number,
  ) {
    this.logger = new RecordingLogger(() => `${Math.round(cluster.time.now())} `);
  }

  get registeredSrvids(): number {
    return [...this.handlers.values()].filter((handlers) => handlers.size > 0).length;
  }

  nodeMap(): NodeMap {
    return {
      nodes: this.flags.map((flags, pnn) => ({
        pnn,
        flags,
        addr: { family: 4 as const, address: `127.45.0.${pnn + 1}`, port: 4379 },
      })),
    };
  }

  isConnected(pnn: number): boolean {
    return ((this.flags[pnn] ?? NodeFlag.DISCONNECTED) & (NodeFlag.DISCONNECTED | NodeFlag.DELETED)) === 0;
  }

  setFlags(pnn: number, flags: number): void {
    if (this.flags[pnn] === flags) return;
    this.flags[pnn] = flags;
    this.changed();
  }

  changed(): void {
    if (!this.up || !this.cluster.events) return;
    const bytes = NodeMap.encode(this.nodeMap());
    this.cluster.time.after(LATENCY_MS, () => this.dispatch(LocalSrvid.NODES_CHANGED, bytes));
  }

  dispatch(srvid: bigint, data: Uint8Array): void {
    if (!this.up || this.hung) return;
    for (const handler of [...(this.handlers.get(srvid) ?? [])]) handler(data, srvid);
    for (const [dbId, database] of this.databases) {
      if (database.push?.srvid !== srvid) continue;
      for (const [key, record] of recordsOf(data)) {
        const stored = { ...record };
        if ((database.flags & (DbFlag.PERSISTENT | DbFlag.REPLICATED)) === 0 && stored.dmaster === this.pnn)
          stored.rsn++;
        database.records.set(key, stored);
        database.push.count++;
      }
      this.cluster.trace(`push 0x${dbId.toString(16)} -> ${this.pnn}`);
    }
  }

  becomeInactive(flag: number): void {
    this.flags[this.pnn] = (this.flags[this.pnn] ?? 0) | flag;
    this.vnnMap = { ...this.vnnMap, generation: 1 };
    for (const database of this.databases.values()) {
      database.generation = 1;
      database.frozen = true;
      if ((database.flags & DbFlag.PERSISTENT) === 0) database.invalid = true;
    }
    this.recoveryMode = RecoveryMode.ACTIVE;
    this.changed();
  }

  becomeActive(flag: number): void {
    this.setFlags(this.pnn, (this.flags[this.pnn] ?? 0) & ~flag);
  }

  attach(dbId: number, name: string, flags = 0): FakeDatabase {
    const known = this.databases.get(dbId);
    if (known !== undefined) return known;
    const database: FakeDatabase = {
      name,
      flags,
      generation: this.vnnMap.generation,
      seqnum: 0,
      records: new Map(),
      frozen: false,
      tid: undefined,
      invalid: false,
      push: undefined,
    };
    this.databases.set(dbId, database);
    return database;
  }

  private database(dbId: number): FakeDatabase {
    const found = this.databases.get(dbId);
    if (found === undefined) throw new FakeControlError(-1, "unknown database");
    return found;
  }

  /** Executes a control; `source` is the node of the sender. */
  execute(name: ControlName, request: unknown, source: number): unknown {
    switch (name) {
      case "RECD_PING":
      case "RECD_RECLOCK_LATENCY":
      case "START_RECOVERY":
        return undefined;
      case "PING":
        return 1;
      case "GET_DEBUG":
        return 10;
      case "GET_ALL_TUNABLES":
        return { ...fakeTunables(), ...this.cluster.tunables };
      case "GET_NODEMAP":
        return this.nodeMap();
      case "GET_RECMODE":
        return this.recoveryMode;
      case "GET_RUNSTATE":
        return this.runState;
      case "GET_CAPABILITIES":
        return this.capabilities;
      case "GETVNNMAP":
        return structuredClone(this.vnnMap);
      case "GET_PUBLIC_IPS":
        return { ips: [] };
      case "IPREALLOCATED":
        this.ipReallocated++;
        return undefined;
      case "MODIFY_FLAGS": {
        const { pnn, newFlags } = request as { pnn: number; newFlags: number };
        if (pnn === this.pnn || !this.isConnected(pnn)) return undefined;
        this.setFlags(pnn, newFlags & ~NodeFlag.DISCONNECTED);
        return undefined;
      }
      case "SET_BAN_STATE":
        this.bans.push((request as { time: number }).time);
        this.becomeInactive(NodeFlag.BANNED);
        return undefined;
      case "FREEZE":
        this.freezes++;
        for (const database of this.databases.values()) database.frozen = true;
        return undefined;
      case "SETVNNMAP":
        if (this.recoveryMode !== RecoveryMode.ACTIVE) throw new FakeControlError(-1, "not in recovery");
        this.vnnMap = structuredClone(request) as { generation: number; map: number[] };
        this.changed();
        return undefined;
      case "SET_RECMODE": {
        if (request === this.recoveryMode) return undefined;
        if (request === RecoveryMode.NORMAL) {
          for (const database of this.databases.values()) {
            if (database.generation !== this.vnnMap.generation)
              throw new FakeControlError(-1, "Inconsistent DB generation");
          }
        }
        this.recoveryMode = request as number;
        this.changed();
        return undefined;
      }
      case "END_RECOVERY":
        this.endRecoveries++;
        return undefined;
      case "GET_DBMAP":
        return { dbs: [...this.databases].map(([dbId, { flags }]) => ({ dbId, flags })) };
      case "GET_DBNAME":
        return this.database(request as number).name;
      case "DB_ATTACH":
      case "DB_ATTACH_PERSISTENT":
      case "DB_ATTACH_REPLICATED": {
        const dbName = request as string;
        for (const node of this.cluster.nodes) {
          for (const [dbId, database] of node.databases) {
            if (database.name === dbName) this.attach(dbId, dbName, database.flags);
          }
        }
        return 0;
      }
      case "DB_FREEZE":
        this.database(request as number).frozen = true;
        return undefined;
      case "DB_TRANSACTION_START": {
        const { dbId, tid } = request as { dbId: number; tid: number };
        const database = this.database(dbId);
        if (!database.frozen) throw new FakeControlError(-1, "not frozen");
        database.tid = tid;
        return undefined;
      }
      case "GET_DB_SEQNUM":
        return this.database(request as number).seqnum;
      case "DB_PULL": {
        const { dbId, srvid } = request as { dbId: number; srvid: bigint };
        const database = this.database(dbId);
        if (!database.frozen) throw new FakeControlError(-1, "not frozen");
        if (database.invalid) return 0;
        const all = [...database.records];
        const chunk = this.cluster.pullChunk;
        for (let i = 0; i < all.length; i += chunk) {
          this.cluster.message(this.pnn, source, srvid, recordBuffer(dbId, all.slice(i, i + chunk)));
        }
        return all.length + (this.cluster.lieAboutCount === this.pnn ? 1 : 0);
      }
      case "WIPE_DATABASE": {
        const { dbId, tid } = request as { dbId: number; tid: number };
        const database = this.database(dbId);
        if (database.tid !== tid) throw new FakeControlError(-1, "wrong transaction");
        database.records.clear();
        return undefined;
      }
      case "DB_PUSH_START": {
        const { dbId, srvid } = request as { dbId: number; srvid: bigint };
        this.database(dbId).push = { srvid, count: 0 };
        return undefined;
      }
      case "DB_PUSH_CONFIRM": {
        const database = this.database(request as number);
        if (database.push === undefined) throw new FakeControlError(-1, "push not started");
        const { count } = database.push;
        database.push = undefined;
        return count;
      }
      case "DB_TRANSACTION_COMMIT": {
        const { dbId, tid } = request as { dbId: number; tid: number };
        const database = this.database(dbId);
        if (database.tid !== tid) throw new FakeControlError(-1, "wrong transaction");
        database.generation = tid;
        database.tid = undefined;
        return undefined;
      }
      case "DB_THAW": {
        const database = this.database(request as number);
        database.frozen = false;
        database.invalid = false;
        return undefined;
      }
      default:
        throw new FakeControlError(-1, `fake node does not know ${name}`);
    }
  }
}

function fakeTunables(): TunableList {
  return Object.fromEntries(
    Object.entries(Tunables).map(([name, tunable]) => [name, tunable.default]),
  ) as unknown as TunableList;
}

/** The lock file that all nodes share. */
export class FakeLockFile {
  holder: number | undefined;
  /** How long the helper of a killed node keeps the lock. */
  lingerMs = 30;
  answerMs = 10;
  attempts = 0;
  broken = false;
  private readonly lost = new Map<number, () => void>();

  constructor(private readonly time: FakeTime) {}

  mutexOf(pnn: number): ClusterMutex {
    return {
      start: (_lock, _timeoutMs, onLost) => {
        this.attempts++;
        let released = false;
        const answer = new Promise<MutexAnswer>((resolve) => {
          this.time.after(this.answerMs, () => {
            if (this.broken) resolve("error");
            else if (this.holder !== undefined || released) resolve("contention");
            else {
              this.holder = pnn;
              this.lost.set(pnn, onLost);
              resolve("held");
            }
          });
        });
        return {
          answer,
          release: async () => {
            released = true;
            if (this.holder === pnn && this.lost.get(pnn) === onLost) {
              this.holder = undefined;
              this.lost.delete(pnn);
            }
          },
        };
      },
    };
  }

  /** The node is dead; its helper notices it after a while. */
  killed(pnn: number): void {
    if (this.holder !== pnn) return;
    this.lost.delete(pnn);
    this.time.after(this.lingerMs, () => {
      if (this.holder === pnn) this.holder = undefined;
    });
  }

  /** The helper of the holder ends by itself. */
  loseLock(): void {
    const { holder } = this;
    if (holder === undefined) return;
    this.holder = undefined;
    this.lost.get(holder)?.();
  }
}

export interface FakeClusterOptions {
  readonly lock?: boolean;
  /** NODES_CHANGED messages; without them only polling is left. */
  readonly events?: boolean;
  /** Nodes whose cluster manager is not ours (a test scripts it). */
  readonly foreign?: readonly number[];
}

export class FakeCluster {
  readonly time = new FakeTime();
  readonly nodes: FakeNode[];
  readonly lockFile: FakeLockFile;
  readonly events: boolean;
  readonly traced: string[] = [];
  tunables: Partial<TunableList> = {};
  pullChunk = 100;
  lieAboutCount: number | undefined;
  /** Called before a control is executed; may throw (FakeControlError) or return a promise that never resolves. */
  intercept: ((name: ControlName, dest: number, request: unknown) => Promise<void> | undefined) | undefined;

  constructor(
    count: number,
    private readonly options: FakeClusterOptions = {},
  ) {
    this.events = options.events ?? true;
    this.lockFile = new FakeLockFile(this.time);
    this.nodes = Array.from({ length: count }, (_, pnn) => new FakeNode(this, pnn));
    for (const node of this.nodes) {
      node.flags = this.nodes.map((_, pnn) => (pnn === node.pnn ? 0 : NodeFlag.DISCONNECTED | NodeFlag.UNHEALTHY));
      node.vnnMap = { generation: 1, map: this.nodes.map(({ pnn }) => pnn) };
    }
  }

  trace(text: string): void {
    this.traced.push(text);
  }

  node(pnn: number): FakeNode {
    const node = this.nodes[pnn];
    if (node === undefined) throw new RangeError(`no fake node ${pnn}`);
    return node;
  }

  /** Starts the daemon and, unless it is foreign, the cluster manager; connects it to all that are up. */
  async boot(pnn: number, wallOffsetMs = 0): Promise<FakeNode> {
    const node = this.node(pnn);
    node.up = true;
    node.hung = false;
    node.recoveryMode = RecoveryMode.ACTIVE;
    node.vnnMap = { generation: 1, map: this.nodes.map((other) => other.pnn) };
    for (const database of node.databases.values()) database.generation = 1;
    for (const other of this.nodes) if (other !== node && other.up) this.connect(node.pnn, other.pnn);
    if (!this.options.foreign?.includes(pnn)) {
      node.manager = this.managerOf(node, wallOffsetMs);
      let started = false;
      const starting = node.manager.start().then(() => {
        started = true;
      });
      while (!started) await this.time.advanceSettled(1);
      await starting;
    }
    return node;
  }

  private managerOf(node: FakeNode, wallOffsetMs: number): ClusterManager {
    const base = {
      clock: this.time.clock(wallOffsetMs),
      timers: this.time,
      random: new SeededRandom(77 + node.pnn, "cluster manager"),
      logger: node.logger,
    };
    const link = this.linkOf(node.pnn);
    return new ClusterManager(
      {
        ...base,
        link,
        mutex: this.lockFile.mutexOf(node.pnn),
        databaseRecovery: new ClusterRecovery({ ...base, link }),
        takeoverRun: (view) => new NoAddressesTakeoverRun({ ...base, link, view }),
        readNodesList: async () => this.nodes.length,
        memoryReport: () => "memory",
      },
      { clusterLock: this.options.lock === true ? "/shared/lock" : undefined, leaderTimeoutMs: 5000 },
    );
  }

  connect(a: number, b: number): void {
    const own = (x: FakeNode): number => (x.flags[x.pnn] ?? 0) & ~NodeFlag.DISCONNECTED;
    const [one, two] = [this.node(a), this.node(b)];
    one.setFlags(b, ((one.flags[b] ?? 0) | own(two)) & ~NodeFlag.DISCONNECTED & ~NodeFlag.UNHEALTHY);
    two.setFlags(a, ((two.flags[a] ?? 0) | own(one)) & ~NodeFlag.DISCONNECTED & ~NodeFlag.UNHEALTHY);
  }

  disconnect(a: number, b: number): void {
    for (const [x, y] of [[a, b] as const, [b, a] as const]) {
      const node = this.node(x);
      node.setFlags(y, (node.flags[y] ?? 0) | NodeFlag.DISCONNECTED | NodeFlag.UNHEALTHY);
    }
  }

  /** SIGKILL of a node with all its processes. */
  kill(pnn: number): void {
    const node = this.node(pnn);
    node.up = false;
    node.handlers.clear();
    const { manager } = node;
    node.manager = undefined;
    this.lockFile.killed(pnn);
    void manager?.stop();
    node.flags = this.nodes.map((_, other) => (other === pnn ? 0 : NodeFlag.DISCONNECTED | NodeFlag.UNHEALTHY));
    for (const other of this.nodes) {
      if (other !== node && other.up) {
        other.setFlags(pnn, (other.flags[pnn] ?? 0) | NodeFlag.DISCONNECTED | NodeFlag.UNHEALTHY);
      }
    }
  }

  /** The nodes a destination names, as the sender sees them. */
  private destinations(from: FakeNode, destination: number): number[] {
    if (destination < this.nodes.length) return [destination];
    const flagsOf = (pnn: number): number => from.flags[pnn] ?? NodeFlag.DELETED;
    const mask =
      destination === Pnn.BROADCAST_ACTIVE
        ? NodeFlag.INACTIVE
        : destination === Pnn.BROADCAST_CONNECTED
          ? NodeFlag.DISCONNECTED | NodeFlag.DELETED
          : NodeFlag.DELETED;
    return this.nodes.map(({ pnn }) => pnn).filter((pnn) => (flagsOf(pnn) & mask) === 0);
  }

  message(from: number, destination: number, srvid: bigint, data: Uint8Array): void {
    const sender = this.node(from);
    if (!sender.up) return;
    for (const pnn of this.destinations(sender, destination)) {
      if (pnn !== from && !sender.isConnected(pnn)) continue;
      const copy = Uint8Array.from(data);
      this.time.after(LATENCY_MS, () => this.node(pnn).dispatch(srvid, copy));
    }
  }

  linkOf(pnn: number): DaemonLink {
    const own = this.node(pnn);
    return {
      pnn,
      control: <N extends ControlName>(name: N, request: ControlRequest<N>, options: ControlOptions = {}) =>
        this.control(own, name, request, options) as Promise<ControlReply<N>>,
      sendMessage: (destination, srvid, data) => this.message(pnn, destination, srvid, data),
      onMessage: async (srvid, handler): Promise<MessageRegistration> => {
        const handlers = own.handlers.get(srvid) ?? new Set();
        handlers.add(handler);
        own.handlers.set(srvid, handlers);
        return {
          close: async () => {
            handlers.delete(handler);
          },
        };
      },
    };
  }

  private control(own: FakeNode, name: ControlName, request: unknown, options: ControlOptions): Promise<unknown> {
    const destination = options.pnn ?? own.pnn;
    const { signal } = options;
    let onAbort = (): void => undefined;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      onAbort = () => reject(signal?.reason);
      signal?.addEventListener("abort", onAbort, { once: true });
      const timeoutMs = options.timeoutMs ?? 0;
      if (timeoutMs > 0) this.time.after(timeoutMs, () => reject(new Error(`${name} timed out`)));
      const target = this.node(destination);
      if (destination !== own.pnn && !own.isConnected(destination)) {
        this.time.after(LATENCY_MS, () => reject(new FakeControlError(-1, "ctdb_control to disconnected node")));
        return;
      }
      this.time.after(LATENCY_MS, () => {
        if (!target.up || !own.up) {
          reject(new FakeControlError(-1, "node is disconnected"));
          return;
        }
        if (target.hung) return;
        if (name !== "RECD_PING") this.trace(`${name} -> ${destination}`);
        let before: Promise<void> | undefined;
        try {
          before = this.intercept?.(name, destination, request);
          if (before === undefined) {
            const reply = target.execute(name, request, own.pnn);
            this.time.after(LATENCY_MS, () => resolve(reply));
            return;
          }
        } catch (error) {
          this.time.after(LATENCY_MS, () => reject(error));
          return;
        }
        before.then(() => resolve(target.execute(name, request, own.pnn))).catch(reject);
      });
    }).finally(() => signal?.removeEventListener("abort", onAbort));
  }

  /** Nodes that are up and not hung. */
  alive(): FakeNode[] {
    return this.nodes.filter((node) => node.up && !node.hung);
  }

  /** All live active nodes are NORMAL with one generation that is valid, and agree on leader and VNN map. */
  healthy(pnns: readonly number[]): boolean {
    const nodes = pnns.map((pnn) => this.node(pnn));
    const [first] = nodes;
    if (first === undefined) return false;
    return nodes.every(
      (node) =>
        node.recoveryMode === RecoveryMode.NORMAL &&
        node.vnnMap.generation === first.vnnMap.generation &&
        node.vnnMap.generation > 1 &&
        node.vnnMap.map.join() === pnns.join() &&
        (node.manager === undefined || pnns.includes(node.manager.election.leader)),
    );
  }

  leaders(): number[] {
    return this.alive()
      .filter((node) => node.manager?.election.isLeader === true && !node.manager.election.inProgress)
      .map((node) => node.pnn);
  }
}
