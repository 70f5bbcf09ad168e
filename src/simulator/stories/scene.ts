// One cluster of a story from its start to its end, with the processes that play in it. Commands work on it.
import { Findings } from "../checks/findings.js";
import { watchLeaders } from "../checks/leader-watch.js";
import { checkQuietCluster } from "../invariants/index.js";
import { leftWaiting } from "../queue-loads.js";
import type { NodeSettings, SimulatedNode } from "../simulated-node.js";
import { World } from "../world.js";
import { type Action, Actor, Cast } from "./actor.js";
import { BadCommandError } from "./errors.js";
import { isWhole } from "./states.js";
import type { StoryLog } from "./story-log.js";

export interface SceneOptions {
  readonly nodes: number;
  readonly spareNodes: number;
  readonly seed: number;
  readonly settings: Partial<NodeSettings>;
  /** Changes of the settings of single nodes. */
  readonly ofNodes: ReadonlyArray<readonly [pnn: number, settings: Partial<NodeSettings>]>;
  /** Delays as in a real cluster; else they are always the same, so that logs differ in what matters only. */
  readonly jitter: boolean;
}

const FORMING_LIMIT_MS = 60_000;
const FOREGROUND_LIMIT_MS = 150_000;
/** What the end of a scene may still have under way is over by then. */
const QUIET_LIMIT_MS = 60_000;
const LOOK_MS = 500;
const SECOND_MS = 1000;

export class Scene {
  readonly world: World;
  readonly casts = new Map<string, Cast>();
  /** Of the last command of a client that was waited for. */
  lastOutcome = "";
  /** Most steps in one virtual second so far. */
  busiestSecond = 0;
  private readonly findings: Findings;
  private awayNode: number | undefined;
  private failure: { readonly error: unknown } | undefined;

  constructor(
    readonly log: StoryLog,
    options: SceneOptions,
  ) {
    this.world = new World({
      seed: options.seed,
      nodes: options.nodes,
      spareNodes: options.spareNodes,
      settings: options.settings,
      trace: { keepLines: Number.POSITIVE_INFINITY },
      evenDelays: !options.jitter,
    });
    for (const [pnn, settings] of options.ofNodes) Object.assign(this.world.node(pnn).settings, settings);
    this.findings = new Findings(this.world.time);
    watchLeaders(this.world, this.findings);
    log.attach(this.world);
    this.watchSteps();
  }

  /** Starts node 0, which becomes the leader, and then the others. */
  async form(nodes: number): Promise<void> {
    const { world } = this;
    world.node(0).start();
    await this.require(() => world.leader() === 0, FORMING_LIMIT_MS, "node 0 does not become leader");
    for (let pnn = 1; pnn < nodes; pnn++) world.node(pnn).start();
    await this.require(() => world.running().length === nodes && isWhole(world), FORMING_LIMIT_MS, "no cluster forms");
  }

  private watchSteps(): void {
    const { time } = this.world;
    const before = time.steps;
    time.at(time.nowMs + SECOND_MS, undefined, () => {
      this.busiestSecond = Math.max(this.busiestSecond, time.steps - before);
      this.watchSteps();
    });
  }

  // ------------------------------------------------------------------ who is meant

  node(pnn: number): SimulatedNode {
    const node = this.world.nodes[pnn];
    if (node === undefined) throw new BadCommandError(`there is no node n${pnn}`);
    return node;
  }

  leader(): SimulatedNode {
    const pnn = this.world.leader();
    if (pnn === undefined) throw new BadCommandError("the nodes do not agree on a leader now");
    return this.node(pnn);
  }

  away(): SimulatedNode {
    if (this.awayNode === undefined) throw new BadCommandError("no node has crashed or was killed");
    return this.node(this.awayNode);
  }

  wentAway({ pnn }: SimulatedNode): void {
    this.awayNode = pnn;
  }

  /** Throws BadCommandError when the name is taken. */
  addCast(name: string, node: SimulatedNode, count: number): void {
    if (this.casts.has(name)) throw new BadCommandError(`there is a client ${name} already`);
    const actors = Array.from({ length: count }, (_, index) => {
      const title = count === 1 ? name : `${name}.${index + 1}`;
      return new Actor(title, node, this.world.client(node.pnn, title));
    });
    this.casts.set(name, new Cast(name, actors));
  }

  /** An actor of its own for a single control. */
  administrator(node: SimulatedNode): Cast {
    return new Cast("ctdb", [new Actor("ctdb", node, this.world.client(node.pnn, "ctdb"))], true);
  }

  cast(name: string): Cast {
    const cast = this.casts.get(name);
    if (cast === undefined) throw new BadCommandError(`there is no client ${name}`);
    return cast;
  }

  // ------------------------------------------------------------------ time

  /** Has `cast` do something and waits for it, or lets it go on beside the next commands. The outcome is logged when it comes. */
  async perform(command: string, cast: Cast, action: Action, background: boolean): Promise<void> {
    const work = cast.act(action, this);
    if (background) {
      work.then(
        (text) => this.log.say(`${command}: ${text}`),
        (error: unknown) => {
          this.failure ??= { error };
        },
      );
      return;
    }
    this.lastOutcome = await this.world.settle(work, FOREGROUND_LIMIT_MS);
    this.log.say(`${cast.name}: ${this.lastOutcome}`);
  }

  async runFor(ms: number): Promise<void> {
    await this.runUntil(() => false, ms);
  }

  async runUntil(condition: () => boolean, limitMs: number): Promise<boolean> {
    const met = await this.world.runUntil(() => this.failure !== undefined || condition(), limitMs);
    if (this.failure !== undefined) throw this.failure.error;
    return met;
  }

  /** Throws BadCommandError with `otherwise` when the condition does not come true in time. */
  async require(condition: () => boolean, limitMs: number, otherwise: string): Promise<void> {
    if (await this.runUntil(condition, limitMs)) return;
    throw new BadCommandError(`${otherwise} within ${limitMs / 1000} s`);
  }

  /** The end of the scene: the cluster has to be whole, quiet and in order, and every request has its answer. */
  async finish(): Promise<void> {
    const untilMs = this.world.time.nowMs + QUIET_LIMIT_MS;
    let wrong = this.disorder();
    while (wrong.length > 0 && this.world.time.nowMs < untilMs) {
      await this.runFor(LOOK_MS);
      wrong = this.disorder();
    }
    if (wrong.length > 0) throw new BadCommandError(`at the end of the scene:\n  ${wrong.join("\n  ")}`);
  }

  /** What is not as it has to be at a quiet moment. */
  disorder(): string[] {
    const { world } = this;
    const wrong: string[] = isWhole(world) ? [] : ["the cluster is not healthy"];
    for (const { invariant, text } of checkQuietCluster(world.dumps())) wrong.push(`${invariant}: ${text}`);
    for (const node of world.nodes) {
      const pending = node.ctdb?.statistics.pendingCalls ?? 0;
      if (pending > 0) wrong.push(`node ${node.pnn} has ${pending} pending calls`);
      for (const { queue, length } of leftWaiting(node.queues())) {
        wrong.push(`node ${node.pnn} has ${length} left in its queue "${queue}"`);
      }
    }
    for (const { check, text } of this.findings.all) wrong.push(`${check}: ${text}`);
    for (const { name, open, alive } of this.casts.values()) {
      if (open > 0 && alive) wrong.push(`${name} waits for ${open} answers`);
    }
    return wrong;
  }
}
