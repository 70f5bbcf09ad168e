// What the demo tells: three nodes become a cluster, a record travels, a counter is raised everywhere, a node is killed and returns.
import { type Client, connect, type Database, NodeFlag, RecoveryMode, Srvid } from "../src/client/index.js";
import { messagePayloads } from "../src/protocol/index.js";
import { awaitCondition, pauseMs } from "../test/cluster/await-condition.js";
import type { LocalCluster } from "../test/cluster/local-cluster.js";
import type { Crew } from "./crew.js";
import { hex, type Scene, thousands, type View } from "./scene.js";
import { COUNTER_KEY, DATABASE } from "./worker.js";

const READ_MS = 1200;
const COUNTING_MS = 5000;
const AFTER_KILL_MS = 4000;
const AFTER_RETURN_MS = 4000;
const PARCEL_KEY = "parcel";
const STEP_TIMEOUT_MS = 30_000;

/** A sum that the demo computed itself does not come out. */
export class WrongSumError extends Error {
  override readonly name = "WrongSumError";
}

export class Story {
  private readonly clients = new Map<number, Client>();
  private readonly databases = new Map<number, Database>();

  constructor(
    private readonly cluster: LocalCluster,
    private readonly crew: Crew,
    private readonly scene: Scene,
    private readonly view: View,
    /** Factor of all pauses that are there for the audience. */
    private readonly pace: number,
  ) {}

  async tell(): Promise<void> {
    await this.begin();
    await this.sendParcel();
    await this.count();
    const { victim, base } = await this.kill();
    await this.bringBack(victim);
    await this.checkSum(base);
  }

  private async begin(): Promise<void> {
    this.view.chapter("three nodes become a cluster");
    const start = performance.now();
    this.cluster.startAll();
    for (const node of this.scene.nodes) node.pid = this.cluster.node(node.pnn).daemonPid;
    this.view.tell("three daemons started, each with an address of its own on loopback");
    await this.whenHealthy();
    this.view.tell(`healthy after ${seconds(start)}: all see all, one leader, one VNN map`, "good");
    for (const node of this.scene.nodes) await this.enter(node.pnn);
    await this.learnLeader();
    this.view.tell(
      `leader node ${this.scene.leader}, generation ${hex(this.scene.generation)}, VNN map ${this.scene.vnnMap.join(" ")}`,
    );
    await this.show(READ_MS);
  }

  private show(durationMs: number): Promise<void> {
    return pauseMs(durationMs * this.pace);
  }

  /** Connects a client to a node and attaches the database. */
  private async enter(pnn: number): Promise<void> {
    const client = await connect({ socketPath: this.cluster.node(pnn).socketPath });
    this.clients.set(pnn, client);
    this.databases.set(pnn, await client.attach(DATABASE));
    await client.onMessage(Srvid.LEADER, (data) => {
      this.scene.leader = messagePayloads.LEADER.decode(data);
    });
  }

  private leave(pnn: number): void {
    const client = this.clients.get(pnn);
    this.clients.delete(pnn);
    this.databases.delete(pnn);
    void client?.close();
  }

  private async whenHealthy(): Promise<void> {
    const view = await this.cluster.healthy(undefined, STEP_TIMEOUT_MS);
    this.scene.generation = view.generation;
    this.scene.vnnMap = view.map;
    for (const node of this.scene.nodes) node.condition = "healthy";
  }

  private learnLeader(): Promise<number> {
    return awaitCondition("a leader's broadcast", { timeoutMs: STEP_TIMEOUT_MS }, () => this.scene.leader);
  }

  private databaseOn(pnn: number): Database {
    const database = this.databases.get(pnn);
    if (database === undefined) throw new Error(`no client on node ${pnn}`);
    return database;
  }

  private async sendParcel(): Promise<void> {
    this.view.chapter("one record travels from node to node");
    let value = "";
    for (const { pnn } of this.scene.nodes) {
      const database = this.databaseOn(pnn);
      const start = performance.now();
      const record = await database.fetchLock(PARCEL_KEY);
      const before = record.value?.toString() ?? "";
      if (before !== value)
        throw new WrongSumError(`node ${pnn} got the record with "${before}" instead of "${value}"`);
      value = `${before}${before === "" ? "" : ", "}${pnn}`;
      record.store(Buffer.from(value));
      record.release();
      const header = await awaitCondition("the record's header", { timeoutMs: STEP_TIMEOUT_MS }, () =>
        database.tryReadHeader(PARCEL_KEY),
      );
      if (header.dmaster !== pnn)
        throw new WrongSumError(`node ${pnn} has the record, but its dmaster is ${header.dmaster}`);
      this.scene.journey.push({ pnn, dmaster: header.dmaster, rsn: header.rsn, value });
      this.view.tell(
        `node ${pnn} locked it in ${(performance.now() - start).toFixed(1)} ms: dmaster ${header.dmaster}, rsn ${header.rsn}, signed by ${value}`,
      );
      await this.show(READ_MS);
    }
  }

  private async count(): Promise<void> {
    this.view.chapter("one counter, raised by a worker on each node");
    await Promise.all(this.scene.nodes.map((node) => this.crew.hire(node, this.cluster.node(node.pnn).socketPath)));
    this.view.tell("three workers lock the same record, raise it by one, and let go");
    const start = performance.now();
    this.crew.go();
    await this.show(COUNTING_MS);
    const isSeen = (): boolean => (this.scene.rates.at(-1) ?? 0) > 0;
    await awaitCondition("the counter is seen to move", { timeoutMs: STEP_TIMEOUT_MS }, isSeen);
    await this.crew.pause();
    const duration = (performance.now() - start) / 1000;
    const value = await this.readCounter(0);
    const { confirmed } = this.crew;
    if (value !== confirmed) throw new WrongSumError(`the counter is ${value}, the workers confirmed ${confirmed}`);
    this.view.tell(
      `sum right: ${thousands(value)} increments, ${thousands(value / duration)} a second, none lost`,
      "good",
    );
    this.crew.go();
    await this.show(READ_MS);
  }

  private async readCounter(pnn: number): Promise<number> {
    const value = await this.databaseOn(pnn).read(COUNTER_KEY);
    const counter = value?.readDoubleLE(0) ?? 0;
    this.scene.counter = counter;
    this.scene.counterRead = { value: counter, confirmed: this.crew.confirmed };
    return counter;
  }

  /** Kills the leader. Gives the victim, and what the counter and the workers' sum were after the recovery. */
  private async kill(): Promise<{ victim: number; base: { value: number; confirmed: number } }> {
    const victim = this.scene.leader ?? 0;
    const survivors = this.scene.nodes.filter((node) => node.pnn !== victim);
    const witness = survivors[0]?.pnn ?? 0;
    this.view.chapter(`the leader, node ${victim}, is killed in the middle of it`);
    const oldGeneration = this.scene.generation;
    this.leave(victim);
    const dying = this.cluster.node(victim).kill();
    const killedAt = performance.now();
    const dead = this.scene.nodes[victim];
    if (dead !== undefined) {
      dead.condition = "killed";
      dead.pid = undefined;
    }
    const losing = this.crew.lose(victim);
    this.scene.leader = undefined;
    this.view.tell(`SIGKILL to all processes of node ${victim}`, "bad");

    const patience = { timeoutMs: STEP_TIMEOUT_MS, intervalMs: 2 };
    await awaitCondition("the loss is noticed", patience, async () => {
      const { flags } = await this.cluster.view(witness);
      return ((flags[victim] ?? 0) & NodeFlag.DISCONNECTED) !== 0;
    });
    for (const node of survivors) node.condition = "recovering";
    this.view.tell(`node ${witness} noticed it after ${(performance.now() - killedAt).toFixed(0)} ms`);
    await awaitCondition("recovery", patience, async () => {
      const views = await Promise.all(survivors.map((node) => this.cluster.view(node.pnn)));
      const first = views[0];
      const done = views.every(
        (view) =>
          view.recoveryMode === RecoveryMode.NORMAL &&
          view.generation !== oldGeneration &&
          view.generation === first?.generation &&
          view.map.length === survivors.length,
      );
      if (done && first !== undefined) {
        this.scene.generation = first.generation;
        this.scene.vnnMap = first.map;
      }
      return done;
    });
    this.view.tell(
      `recovered ${(performance.now() - killedAt).toFixed(0)} ms after the kill: generation ${hex(this.scene.generation)}, VNN map ${this.scene.vnnMap.join(" ")}`,
      "good",
    );
    for (const node of survivors) node.condition = "healthy";
    await Promise.all([dying, losing]);

    await this.crew.pause();
    const value = await this.readCounter(witness);
    const { confirmed } = this.crew;
    if (value > confirmed + 1) throw new WrongSumError(`the counter is ${value}, but only ${confirmed} were confirmed`);
    this.view.tell(
      value >= confirmed
        ? "the newest copy of the counter was with a survivor: nothing is lost"
        : `${thousands(confirmed - value)} increments were only in the dead node's memory: lost with it`,
    );
    this.crew.go();
    await this.learnLeader();
    this.view.tell(`node ${this.scene.leader} leads now, the counter goes on`);
    await this.show(AFTER_KILL_MS);
    return { victim, base: { value, confirmed } };
  }

  private async bringBack(victim: number): Promise<void> {
    this.view.chapter(`node ${victim} returns`);
    const start = performance.now();
    const node = this.scene.nodes[victim];
    if (node === undefined) return;
    this.cluster.node(victim).start();
    node.pid = this.cluster.node(victim).daemonPid;
    node.condition = "returning";
    await this.whenHealthy();
    await this.enter(victim);
    this.view.tell(
      `back and healthy after ${seconds(start)}: generation ${hex(this.scene.generation)}, VNN map ${this.scene.vnnMap.join(" ")}`,
      "good",
    );
    await this.crew.hire(node, this.cluster.node(victim).socketPath);
    this.crew.go();
    await this.show(AFTER_RETURN_MS);
  }

  private async checkSum(base: { value: number; confirmed: number }): Promise<void> {
    await this.crew.pause();
    const values = await Promise.all(this.scene.nodes.map((node) => this.readCounter(node.pnn)));
    const expected = base.value + this.crew.confirmed - base.confirmed;
    const wrong = values.find((value) => value !== expected);
    if (wrong !== undefined) {
      throw new WrongSumError(`after the recovery the counter should have come to ${expected}, a node reads ${wrong}`);
    }
    this.view.chapter("the end");
    this.view.tell(`sum right on every node: ${thousands(expected)}, nothing lost since the recovery`, "good");
    await this.crew.dismiss();
  }

  async close(): Promise<void> {
    await Promise.all([...this.clients.values()].map((client) => client.close()));
  }
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
