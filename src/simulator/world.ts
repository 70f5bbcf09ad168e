// A whole cluster in one process: nodes with the real daemon, cluster manager and client library, on virtual time, with faults on
// order, and everything that happens by chance out of one seed. The same seed and the same scenario give the same trace.
//
//   const world = new World({ seed: 7, nodes: 3 });
//   world.start();                                            // ctdbd on every node
//   await world.runUntil(() => world.isHealthy(), 60_000);    // virtual milliseconds; false when the limit came first
//   const client = await world.settle(world.client(1).connect());
//   const database = await world.settle(client.attach("x.tdb"));
//   await world.runUntilLine(/DB_PUSH_START/, 60_000);        // until that packet is written (lines: see trace.ts)
//   world.node(2).crash();                                    // simulated-node.ts: all that can be done to a node
//   world.network.partition([0], [1, 2]);                     // network.ts: and to links
//   world.clusterLock.lose({ noticed: "later" });             // cluster-lock.ts
//   await world.runFor(5000);
//   world.network.heal();
//   world.node(2).restart({ disk: "kept" });
//   checkQuietCluster(world.dumps());                         // invariants/
//   console.log(world.trace.hash, world.trace.lines());
//
// Nothing happens outside `runFor`, `runUntil`, `runUntilLine` and `settle`. What a scenario does between two of them happens at that
// virtual time. Scenario code may also run inside, as async functions that await promises of clients, `client.sleep` (the client's
// process sleeps) and `world.sleep`: start them, and let time pass. It must not use real timers, real randomness (`world.random` has
// streams), or what is different on another machine. A daemon that throws ends the run with UncaughtInWorldError.
import type { NodesListEntry } from "../config/nodes-list.js";
import { LogLevel } from "../platform/ports.js";
import { RunState, type VnnMap } from "../protocol/index.js";
import { packetSummary } from "../transport/packet-summary.js";
import { ClusterLockFile } from "./cluster-lock.js";
import { EvenRandom } from "./even-random.js";
import { MemoryDisk } from "./files/memory-disk.js";
import type { NodeDump } from "./invariants/dump.js";
import { Machine } from "./machine.js";
import { type LinkSpeed, Network } from "./network.js";
import { SeededRandom } from "./seeded-random.js";
import type { SimulatedClient } from "./simulated-client.js";
import { type NodeSettings, SimulatedNode } from "./simulated-node.js";
import type { ProcessContext, SimulatedProcess } from "./simulated-process.js";
import { Trace, type TraceOptions } from "./trace.js";
import { VirtualTime } from "./virtual-time.js";

const LEADER_TIMEOUT_SECONDS = 5;

export interface WorldOptions {
  /** A whole number up to 2^53. */
  readonly seed: number;
  readonly nodes: number;
  /** More machines, with the next numbers, that are not in the nodes list in the beginning: see `setNodesList`. */
  readonly spareNodes?: number;
  /** The wall clocks of the machines differ from the true time by up to this, either way. Default 0. */
  readonly wallClockErrorMs?: number;
  /** For all nodes; `node(i).settings` changes them for one, before it starts. */
  readonly settings?: Partial<NodeSettings>;
  readonly network?: Partial<LinkSpeed>;
  /** Links, unix sockets, locks and starts of processes always take the same; only the programs draw random numbers. Default false. */
  readonly evenDelays?: boolean;
  readonly trace?: TraceOptions;
  /** Level of the daemons' log lines in the trace. Default NOTICE. */
  readonly logLevel?: number;
}

/** A daemon or a cluster manager threw what it did not catch: a bug in it. */
export class UncaughtInWorldError extends Error {
  override readonly name = "UncaughtInWorldError";
  constructor(process: string, atMs: number, cause: unknown) {
    super(
      `${process} threw at ${(atMs / 1000).toFixed(6)} s: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
  }
}

/** What a scenario waited for did not come in its time. */
export class WorldTimeoutError extends Error {
  override readonly name = "WorldTimeoutError";
  constructor(limitMs: number) {
    super(`not settled within ${limitMs} virtual ms`);
  }
}

const SETTLE_LIMIT_MS = 120_000;
const EVEN = new EvenRandom();

export class World {
  readonly time = new VirtualTime();
  readonly trace: Trace;
  /** For scenarios: what they choose by chance comes from a stream of it. */
  readonly random: SeededRandom;
  readonly network: Network;
  readonly clusterLock: ClusterLockFile;
  readonly nodes: readonly SimulatedNode[];
  /** Packets and bytes between nodes so far. */
  readonly traffic = { packets: 0, bytes: 0 };
  private nodesListNow: readonly NodesListEntry[];
  private readonly watches = new Set<() => void>();
  /** By name of the process. */
  private readonly clientObservers = new Map<string, Array<(packet: Uint8Array) => void>>();
  private uncaught: UncaughtInWorldError | undefined;
  private clients = 0;

  constructor(readonly options: WorldOptions) {
    this.trace = new Trace(this.time, options.trace);
    this.random = new SeededRandom(options.seed, "world");
    const { time, trace, random } = this;
    this.network = new Network(
      {
        time,
        trace,
        random: options.evenDelays === true ? EVEN : random.stream("network"),
        packetSent: (from, to, packet) => {
          this.traffic.packets++;
          this.traffic.bytes += packet.length;
          if (!trace.isOff) trace.add("packet", `n${from}>n${to}`, summaryOf(packet));
        },
      },
      options.network ?? {},
    );
    this.clusterLock = new ClusterLockFile(time, trace);
    const machines = options.nodes + (options.spareNodes ?? 0);
    const addresses = Array.from({ length: machines }, (_, index) => addressOf(index));
    this.nodesListNow = addresses.slice(0, options.nodes).map((address) => ({ address, deleted: false }));
    this.nodes = addresses.map((address, pnn) => this.buildNode(pnn, address));
  }

  // ------------------------------------------------------------------ parts

  /** Throws RangeError when there is no such node. */
  node(pnn: number): SimulatedNode {
    const node = this.nodes[pnn];
    if (node === undefined) throw new RangeError(`there is no node ${pnn} in a world of ${this.nodes.length}`);
    return node;
  }

  /** A new foreign process on a node; its `connect` gives a client of the real library. */
  client(pnn: number, title = `client${this.clients++}`): SimulatedClient {
    return this.node(pnn).client(title);
  }

  /** The nodes list that all machines share; daemons read it at their start and when they are told to. */
  get nodesList(): readonly NodesListEntry[] {
    return this.nodesListNow;
  }

  /** Writes the nodes list; addresses are those of `node(i).machine`. */
  setNodesList(list: readonly NodesListEntry[]): void {
    this.trace.add("fault", "", `nodes list: ${list.map((entry) => (entry.deleted ? "#" : entry.address)).join(" ")}`);
    this.nodesListNow = list;
  }

  // ------------------------------------------------------------------ running

  /** Starts ctdbd on all nodes of the nodes list, or on some, each within a virtual second. */
  start(pnns: readonly number[] = this.listed()): void {
    const delays = this.random.stream("start");
    for (const pnn of pnns) {
      const node = this.node(pnn);
      this.time.at(this.time.nowMs + delays.between(0, 1000), undefined, () => node.start());
    }
  }

  /** Lets `ms` virtual milliseconds pass. Rejects when a daemon threw. */
  async runFor(ms: number): Promise<void> {
    await this.runUntil(() => false, ms);
  }

  /** Lets time pass until `condition()`, which is asked after each step, or until `limitMs` are over: then false. */
  async runUntil(condition: () => boolean, limitMs: number): Promise<boolean> {
    const met = await this.time.run(this.time.nowMs + limitMs, () => {
      for (const check of this.watches) check();
      return this.uncaught !== undefined || condition();
    });
    const { uncaught } = this;
    this.uncaught = undefined;
    if (uncaught !== undefined) throw uncaught;
    return met;
  }

  /**
   * Lets time pass until the trace gets a line that matches, and hands that line on; undefined after `limitMs`. What stands in the line
   * has just happened: a packet is written and not yet on its way.
   */
  async runUntilLine(pattern: RegExp, limitMs: number): Promise<string | undefined> {
    let found: string | undefined;
    const stop = this.trace.listen((line) => {
      if (found === undefined && pattern.test(line)) found = line;
    });
    try {
      await this.runUntil(() => found !== undefined, limitMs);
    } finally {
      stop();
    }
    return found;
  }

  /** Calls `check` after each step from now on; what it throws ends the run. Returns what takes it off again. */
  watch(check: () => void): () => void {
    this.watches.add(check);
    return () => this.watches.delete(check);
  }

  /** Calls `observer` with each packet that a process of that title writes to the daemon of its node, before anybody reads it. */
  watchClientPackets(title: string, observer: (pnn: number, packet: Buffer) => void): void {
    for (const { pnn, machine } of this.nodes) {
      const name = `${machine.name} ${title}`;
      const observers = this.clientObservers.get(name) ?? [];
      observers.push((bytes) => observer(pnn, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
      this.clientObservers.set(name, observers);
    }
  }

  /** Lets time pass until `promise` is settled, and hands its outcome on. Rejects with WorldTimeoutError after `limitMs`. */
  async settle<T>(promise: Promise<T>, limitMs = SETTLE_LIMIT_MS): Promise<T> {
    let settled = false;
    const note = (): void => {
      settled = true;
    };
    promise.then(note, note);
    if (!(await this.runUntil(() => settled, limitMs))) throw new WorldTimeoutError(limitMs);
    return promise;
  }

  /** Resolves after `ms` virtual milliseconds, for code that runs inside. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.time.at(this.time.nowMs + ms, undefined, resolve);
    });
  }

  /** A line of the scenario in the trace. */
  note(text: string): void {
    this.trace.add("note", "", text);
  }

  // ------------------------------------------------------------------ looking

  /** What the running nodes hold, for invariants. */
  dumps(): NodeDump[] {
    return this.nodes.map((node) => node.dump()).filter((dump) => dump !== undefined);
  }

  /** pnns of the nodes whose ctdbd runs. */
  running(): number[] {
    return this.nodes.filter((node) => node.ctdb !== undefined).map((node) => node.pnn);
  }

  /** The leader that all cluster managers agree on; undefined while they do not. */
  leader(): number | undefined {
    let agreed: number | undefined;
    for (const node of this.nodes) {
      if (node.ctdb === undefined) continue;
      const leader = node.clusterManager?.election.leader;
      if (leader === undefined || (agreed !== undefined && agreed !== leader)) return undefined;
      agreed = leader;
    }
    return agreed !== undefined && agreed < this.nodes.length ? agreed : undefined;
  }

  /** Some daemon runs, and all that run are RUNNING, not in recovery, have no flag, and agree on generation, vnnmap and leader. */
  isHealthy(): boolean {
    let agreed: VnnMap | undefined;
    for (const node of this.nodes) {
      const { ctdb } = node;
      if (ctdb === undefined) continue;
      const { state } = ctdb;
      if (state.runState !== RunState.RUNNING || state.isRecovering) return false;
      agreed ??= state.vnnMap;
      if (!isSameMap(state.vnnMap, agreed)) return false;
      for (const other of this.nodes) {
        if (other.ctdb !== undefined && ctdb.nodes.get(other.pnn)?.flags !== 0) return false;
      }
    }
    return agreed !== undefined && this.leader() !== undefined;
  }

  private listed(): number[] {
    return this.nodesListNow.flatMap((entry, pnn) => (entry.deleted ? [] : [pnn]));
  }

  private buildNode(pnn: number, address: string): SimulatedNode {
    const { time, trace, options } = this;
    const random = this.random.stream(`node ${pnn}`);
    const context: ProcessContext = {
      time,
      trace,
      random,
      logLevel: options.logLevel ?? LogLevel.NOTICE,
      wallErrorMs: random.stream("wall clock").between(-1, 1) * (options.wallClockErrorMs ?? 0),
      uncaught: (process, error) => this.processThrew(process, error),
    };
    const delays = options.evenDelays === true ? EVEN : random;
    const machine = new Machine(context, pnn, address, delays, (_machine, client, fromClient, packet) => {
      if (fromClient) for (const observer of this.clientObservers.get(client) ?? []) observer(packet);
      if (trace.isOff) return;
      trace.add("client", fromClient ? `${client}>ctdbd` : `ctdbd>${client}`, summaryOf(packet));
    });
    this.network.add(machine);
    const disk = new MemoryDisk({
      timers: {
        after: (delayMs, callback) => machine.kernel.modules.timers.after(delayMs, callback),
        nextTurn: (callback) => machine.kernel.modules.timers.nextTurn(callback),
      },
      random: delays.stream("disk"),
    });
    return new SimulatedNode(
      pnn,
      {
        machine,
        disk,
        network: this.network,
        mutexHelper: this.clusterLock.helper,
        readNodesList: () => [...this.nodesListNow],
      },
      {
        clusterLock: true,
        leaderTimeoutSeconds: LEADER_TIMEOUT_SECONDS,
        leaderCapability: true,
        lmasterCapability: true,
        startAsStopped: false,
        startAsDisabled: false,
        mutexes: true,
        tunables: {},
        ...options.settings,
      },
    );
  }

  private processThrew(process: SimulatedProcess, error: unknown): void {
    this.trace.add("process", process.name, `threw ${error instanceof Error ? error.message : String(error)}`);
    this.uncaught ??= new UncaughtInWorldError(process.name, this.time.nowMs, error);
  }
}

/** One write of a process: a whole packet, or what a hostile client sends. */
function summaryOf(bytes: Uint8Array): string {
  try {
    return packetSummary(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return `no packet, ${bytes.length} bytes`;
  }
}

/** 10.x.y.z by the number of the node. */
function addressOf(index: number): string {
  const number = index + 1;
  return `10.0.${number >> 8}.${number & 0xff}`;
}

function isSameMap(a: VnnMap, b: VnnMap): boolean {
  if (a === b) return true;
  return (
    a.generation === b.generation && a.map.length === b.map.length && a.map.every((pnn, slot) => pnn === b.map[slot])
  );
}
