// One run of the simulator: a cluster with users on all nodes goes through storms of faults; after each it has to become healthy in
// time, to work without a failure, and to be in order when it is looked at. Everything follows from the options.
//
//   start -> healthy -> [ storm -> healing -> calm -> quiet ]...
import { NodeFlag } from "../../protocol/index.js";
import { type Finding, Findings } from "../checks/findings.js";
import { watchLeaders } from "../checks/leader-watch.js";
import { Membership } from "../checks/membership.js";
import { QuietCheck } from "../checks/quiet-check.js";
import { StepWatch } from "../checks/step-watch.js";
import { begin, type Fault, revive } from "../faults/fault.js";
import type { TraceOptions } from "../trace.js";
import { buildWorkloads } from "../workloads/all.js";
import { User, type Workload, type WorkloadContext } from "../workloads/workload.js";
import { UncaughtInWorldError, World } from "../world.js";

export interface RunOptions {
  readonly seed: number;
  readonly nodes: number;
  /** Ends after the storm in which this is over, and the look after it. */
  readonly virtualMs: number;
  readonly storms: number;
  readonly faults: readonly Fault[];
  /** Operations of users in a virtual second, in the whole cluster. */
  readonly operationsPerSecond: number;
  readonly trace?: TraceOptions;
}

export interface RunResult {
  readonly findings: readonly Finding[];
  /** Of all but the last look, which only asks; so are the numbers of lines and steps. */
  readonly traceHash: string;
  readonly traceLines: number;
  readonly virtualMs: number;
  /** Number of the last storm. */
  readonly storms: number;
  readonly steps: number;
  readonly operations: number;
  readonly failedSessions: number;
  /** How long it took after each storm until the cluster was healthy. */
  readonly healingMs: readonly number[];
  /** Lines of the trace that concern the findings, oldest first. */
  readonly lines: readonly string[];
}

const FORMING_LIMIT_MS = 90_000;
/**
 * A dead peer is noticed in 30 s, a lock is free in 5 s, a leader stands 5 s later, a ban ends in BAN_SECONDS, and a recovery that
 * failed is tried again.
 */
export const HEALING_LIMIT_MS = 120_000;
const BAN_SECONDS = 20;
/** Often, so that something else happens at the same time. */
const VACUUM_SECONDS = 3;
/** Healthy for so long, it is believed. */
const STABLE_MS = 3000;
/** How often somebody looks whether all daemons run. */
const LOOK_AFTER_MS = 1000;
const CALM_MS = 5000;
const STORM_MIN_MS = 10_000;
/** The longest time limit of what users do, and a second. */
const ANSWER_LIMIT_MS = 66_000;
const REPORTED_LINES_MAX = 400;

export class SimulationRun {
  readonly world: World;
  private readonly findings: Findings;
  private readonly membership: Membership;
  private readonly users: User[];
  private readonly workloads: readonly Workload[];
  private readonly quiet: QuietCheck;
  private readonly healingMs: number[] = [];
  private open = false;
  private stormNow = 0;
  private stormIsOver = false;
  private calmSinceMs: number | undefined;

  constructor(private readonly options: RunOptions) {
    const { seed, nodes, trace } = options;
    this.world = new World({
      seed,
      nodes,
      settings: { tunables: { RecoveryBanPeriod: BAN_SECONDS, VacuumInterval: VACUUM_SECONDS } },
      ...(trace === undefined ? {} : { trace }),
    });
    const { world } = this;
    this.findings = new Findings(world.time);
    this.membership = new Membership(world.time);
    const context: WorkloadContext = {
      world,
      membership: this.membership,
      findings: this.findings,
      isOpen: () => this.open,
      calmSinceMs: () => this.calmSinceMs,
    };
    this.workloads = buildWorkloads(context, options.operationsPerSecond, nodes);
    this.users = this.workloads.flatMap((workload) => world.nodes.map(({ pnn }) => new User(context, workload, pnn)));
    this.quiet = new QuietCheck(world, this.findings);
    const watch = new StepWatch(world, this.findings, this.membership);
    world.watch(() => watch.step());
    watchLeaders(world, this.findings);
  }

  async run(): Promise<RunResult> {
    const { world, findings } = this;
    let end: Pick<RunResult, "traceHash" | "traceLines" | "steps" | "virtualMs"> | undefined;
    const now = () => ({
      traceHash: world.trace.hash,
      traceLines: world.trace.count,
      steps: world.time.steps,
      virtualMs: world.time.nowMs,
    });
    try {
      await this.live();
      end = now();
      if (findings.all.length === 0) await this.quiet.checkTraverses();
    } catch (error) {
      if (!(error instanceof UncaughtInWorldError)) throw error;
      const cause = error.cause instanceof Error ? error.cause.stack : "";
      findings.add("crash of a process", `${error.message}\n${cause}`, []);
    }
    return {
      ...(end ?? now()),
      findings: findings.all,
      storms: this.stormNow,
      operations: this.users.reduce((sum, user) => sum + user.operations, 0),
      failedSessions: this.users.reduce((sum, user) => sum + user.failures, 0),
      healingMs: this.healingMs,
      lines: this.concernedLines(),
    };
  }

  private async live(): Promise<void> {
    const { world, options } = this;
    world.start();
    if (!(await this.heals("the cluster does not form", FORMING_LIMIT_MS))) return;
    for (const user of this.users) user.start();
    this.open = true;
    await world.runFor(CALM_MS);
    for (let storm = 0; storm < options.storms && world.time.nowMs < options.virtualMs; storm++) {
      const faults = options.faults.filter((fault) => fault.storm === storm);
      if (faults.length === 0 && options.faults.length > 0) continue;
      this.stormNow = storm;
      await this.storm(faults);
      if (!(await this.heals("not healthy again", HEALING_LIMIT_MS))) return;
      this.calmSinceMs = world.time.nowMs;
      await world.runFor(CALM_MS);
      if (!(await this.look())) return;
    }
    this.open = false;
    await this.quiet.checkVacuumed(VACUUM_SECONDS * 1000);
  }

  private async storm(faults: readonly Fault[]): Promise<void> {
    const { world } = this;
    this.calmSinceMs = undefined;
    const startMs = world.time.nowMs;
    let last = 0;
    for (const fault of faults) {
      last = Math.max(last, fault.atMs + fault.durationMs);
      world.time.at(startMs + fault.atMs, undefined, () => {
        const end = begin(world, fault);
        world.time.at(startMs + fault.atMs + fault.durationMs, undefined, end);
      });
    }
    // One millisecond more: what ends with the storm has ended.
    this.stormIsOver = false;
    await world.runFor(Math.max(last + 1, STORM_MIN_MS));
    this.stormIsOver = true;
    this.startWhatIsDown();
  }

  private async heals(what: string, limitMs: number): Promise<boolean> {
    const { world } = this;
    const fromMs = world.time.nowMs;
    const isWhole = (): boolean => world.isHealthy() && world.running().length === world.nodes.length;
    // It may look healthy for a moment before it has noticed what was done to it.
    for (;;) {
      const leftMs = fromMs + limitMs - world.time.nowMs;
      if (leftMs <= 0 || !(await world.runUntil(isWhole, leftMs))) {
        const text = `${what} within ${limitMs / 1000} s: ${this.describeNodes()}`;
        this.findings.add(
          "liveness",
          text,
          world.nodes.map((node) => node.machine.name),
        );
        return false;
      }
      const wholeMs = world.time.nowMs;
      if (!(await world.runUntil(() => !isWhole(), STABLE_MS))) {
        this.healingMs.push(wholeMs - fromMs);
        return true;
      }
    }
  }

  /** As an administrator does: a daemon may have ended just after the fault was over that should have ended it. */
  private startWhatIsDown(): void {
    const { world } = this;
    if (!this.stormIsOver) return;
    for (const { pnn } of world.nodes) revive(world, pnn);
    world.time.at(world.time.nowMs + LOOK_AFTER_MS, undefined, () => this.startWhatIsDown());
  }

  /** With all users idle. */
  private async look(): Promise<boolean> {
    const { world } = this;
    this.open = false;
    const busy = (): User[] => this.users.filter((user) => user.busy !== undefined);
    if (!(await world.runUntil(() => busy().length === 0, ANSWER_LIMIT_MS))) {
      for (const user of busy()) {
        const { session, sinceMs } = user.busy ?? { session: "?", sinceMs: 0 };
        this.findings.add("no answer", `${session} waits since ${(sinceMs / 1000).toFixed(6)} s`, [session]);
      }
    }
    const records = await this.quiet.check();
    for (const workload of this.workloads) workload.judge?.({ records });
    this.open = true;
    return this.findings.all.length === 0;
  }

  private describeNodes(): string {
    return this.world.nodes
      .map(({ pnn, machine, ctdb, clusterManager }) => {
        if (ctdb === undefined) return `node ${pnn} ${machine.isUp ? "has no daemon" : "is off"}`;
        const { state, nodes } = ctdb;
        const flags = nodes.all.map((node) => `0x${(node.flags & ~NodeFlag.DELETED).toString(16)}`).join(" ");
        const leader = clusterManager?.election.leader;
        const election = clusterManager?.election.state;
        return `node ${pnn} run state ${state.runState} recovery ${state.recoveryMode} generation ${state.generation} map ${state.vnnMap.map.join(",")} leader ${leader} ${election} flags ${flags}`;
      })
      .join("; ");
  }

  private concernedLines(): string[] {
    const { world, findings } = this;
    if (findings.all.length === 0) return [];
    const words = [...new Set(findings.all.slice(0, 3).flatMap((finding) => finding.concerns))];
    const isOften = / fault | state | note | log /;
    return world.trace
      .lines((line) => isOften.test(line) || words.some((word) => line.includes(word)))
      .slice(-REPORTED_LINES_MAX);
  }
}
