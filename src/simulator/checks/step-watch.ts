// What is looked at after each step of a run, and often: cheap, and true at all times.
import type { CtdbNode } from "../../daemon/node.js";
import { Generation, NodeFlag } from "../../protocol/index.js";
import { overfull } from "../queue-loads.js";
import type { World } from "../world.js";
import type { Findings } from "./findings.js";
import type { Membership } from "./membership.js";

/** More steps than this in one virtual second: somebody feeds himself. */
const STEPS_PER_SECOND_MAX = 50_000;
const SECOND_MS = 1000;
/** How often the queues are looked at. */
const QUEUES_MS = 50;

/** A daemon, and the generation in which it was last out of recovery. */
interface Seen {
  daemon: CtdbNode | undefined;
  generation: number | undefined;
  /** The one that it has, and since when. */
  installed: number | undefined;
  installedMs: number;
  /** When it got the first one since it was out of recovery; undefined: it has none of a recovery that is not over. */
  triedMs: number | undefined;
  wipes: number;
  recovering: boolean;
}

export class StepWatch {
  private readonly seen: readonly Seen[];
  private secondBegins = 0;
  private stepsBefore = 0;
  private queuesAtMs = 0;

  constructor(
    private readonly world: World,
    private readonly findings: Findings,
    private readonly membership: Membership,
  ) {
    this.seen = world.nodes.map(() => ({
      daemon: undefined,
      generation: undefined,
      installed: undefined,
      installedMs: 0,
      triedMs: undefined,
      wipes: 0,
      recovering: true,
    }));
  }

  step(): void {
    const { nodes, time } = this.world;
    for (let pnn = 0; pnn < nodes.length; pnn++) {
      const seen = this.seen[pnn];
      const node = nodes[pnn];
      if (seen === undefined || node === undefined) continue;
      this.look(pnn, node.ctdb, seen);
      if (node.disk.wipes === seen.wipes) continue;
      seen.wipes = node.disk.wipes;
      this.membership.diskWiped(pnn);
    }
    if (time.nowMs >= this.queuesAtMs) this.lookAtQueues();
    if (time.nowMs >= this.secondBegins + SECOND_MS) this.secondIsOver();
  }

  private look(pnn: number, daemon: CtdbNode | undefined, seen: Seen): void {
    const state = daemon?.state;
    if (state?.isInactive === true && (!state.isRecovering || state.generation !== Generation.INVALID)) {
      const text = `node ${pnn} is stopped or banned, with recovery mode ${state.recoveryMode} and generation ${state.generation}`;
      this.findings.add("inactive node takes part", text, [this.world.node(pnn).machine.name]);
    }
    if (
      daemon !== undefined &&
      (daemon.nodes.own.flags & (NodeFlag.DISCONNECTED | NodeFlag.DELETED)) === NodeFlag.DISCONNECTED
    ) {
      this.findings.add("node disconnected from itself", `node ${pnn}`, [this.world.node(pnn).machine.name]);
    }
    if (daemon !== undefined) this.lookAtRecoveryMode(pnn, daemon, seen);
    const generation = state?.generation;
    if (daemon !== seen.daemon) {
      if (seen.daemon !== undefined && seen.generation !== undefined) this.membership.observe(pnn, undefined);
      seen.daemon = daemon;
      seen.generation = undefined;
      seen.triedMs = undefined;
    }
    if (generation !== seen.installed) {
      seen.installed = generation;
      seen.installedMs = this.world.time.nowMs;
      seen.triedMs ??= seen.installedMs;
    }
    // During a recovery a node is where it was, unless it takes part in nothing.
    if (state?.isRecovering === true && generation !== Generation.INVALID) return;
    const { triedMs } = seen;
    seen.triedMs = undefined;
    if (generation === seen.generation) return;
    seen.generation = generation;
    this.membership.observe(pnn, generation, seen.installedMs, triedMs);
  }

  /** A recovery is over when all databases have come to its generation. */
  private lookAtRecoveryMode(pnn: number, { state, databases }: CtdbNode, seen: Seen): void {
    if (state.isRecovering === seen.recovering) return;
    seen.recovering = state.isRecovering;
    if (state.isRecovering) return;
    for (const { name, generation } of databases.all) {
      if (generation === state.generation) continue;
      const text = `node ${pnn} leaves recovery with generation ${state.generation}, ${name} has ${generation}`;
      this.findings.add("recovery half done", text, [this.world.node(pnn).machine.name]);
    }
  }

  private lookAtQueues(): void {
    const { nodes, time } = this.world;
    this.queuesAtMs = time.nowMs + QUEUES_MS;
    for (const node of nodes) {
      for (const { queue, length, max } of overfull(node.queues())) {
        // Without the length, so that one queue is one finding.
        const text = `node ${node.pnn}, ${queue}: more than ${max}`;
        this.findings.add("queue over its limit", text, [node.machine.name]);
        this.world.note(`${text}: ${length}`);
      }
    }
  }

  private secondIsOver(): void {
    const { time } = this.world;
    const steps = time.steps - this.stepsBefore;
    const seconds = Math.max((time.nowMs - this.secondBegins) / SECOND_MS, 1);
    if (steps > STEPS_PER_SECOND_MAX * seconds) {
      this.findings.add("storm of events", `${steps} steps in ${seconds.toFixed(1)} virtual seconds`);
    }
    this.secondBegins = time.nowMs;
    this.stepsBefore = time.steps;
  }
}
