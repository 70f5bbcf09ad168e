// What all workloads are made of: users, each a process on a node that connects, works, and is started anew when it has lost its
// daemon or its machine.
import { type Client, ClientError } from "../../client/index.js";
import type { Findings } from "../checks/findings.js";
import type { Membership } from "../checks/membership.js";
import type { SeededRandom } from "../seeded-random.js";
import type { SimulatedClient } from "../simulated-client.js";
import type { World } from "../world.js";

/** What a workload has of the run that it is part of. */
export interface WorkloadContext {
  readonly world: World;
  readonly membership: Membership;
  readonly findings: Findings;
  /** Users begin nothing new while it is false. */
  readonly isOpen: () => boolean;
  /** Since when no fault is there and all are healthy; undefined: they are not. What begins after it may not fail. */
  readonly calmSinceMs: () => number | undefined;
}

/** One kind of work. Its users run on all nodes. */
export interface Workload {
  readonly name: string;
  /** Pause between two operations of one user, on average. */
  readonly pauseMs: number;
  /** Called once for each session; the operation that it resolves to is called again and again. */
  prepare(session: Session): Promise<() => Promise<void>>;
  /** Called at quiet moments, with all users idle. */
  judge?(context: QuietContext): void;
}

export interface QuietContext {
  /** Records of a database on the active nodes, by pnn and key. */
  readonly records: (database: string) => ReadonlyMap<number, ReadonlyMap<string, { readonly data: Uint8Array }>>;
}

/** One life of a user: a process and its connection. */
export interface Session {
  readonly process: SimulatedClient;
  readonly client: Client;
  readonly random: SeededRandom;
  readonly context: WorkloadContext;
  /** Different for each session of the world. */
  readonly name: string;
}

const RESTART_MIN_MS = 200;
const RESTART_MAX_MS = 2000;
/** How often a user looks whether its node is there again, and whether work may begin. */
const LOOK_MS = 500;

/** One user of one workload on one node. */
export class User {
  private sessions = 0;
  private work: { readonly sinceMs: number; readonly session: string } | undefined;
  private readonly random: SeededRandom;
  operations = 0;
  failures = 0;

  constructor(
    private readonly context: WorkloadContext,
    private readonly workload: Workload,
    private readonly pnn: number,
  ) {
    this.random = context.world.random.stream(`user ${workload.name} ${pnn}`);
  }

  /** Since when an operation is under way; undefined: none is. */
  get busy(): { readonly sinceMs: number; readonly session: string } | undefined {
    return this.work;
  }

  start(): void {
    this.live().catch((error: unknown) => this.unexpected(error));
  }

  private async live(): Promise<void> {
    const { world, isOpen } = this.context;
    const node = world.node(this.pnn);
    for (;;) {
      await world.sleep(this.random.between(RESTART_MIN_MS, RESTART_MAX_MS));
      if (!node.machine.isUp || node.ctdb === undefined || !isOpen()) continue;
      const name = `${this.workload.name}-${this.pnn}-${++this.sessions}`;
      const process = world.client(this.pnn, name);
      const ended = new Promise<void>((resolve) => process.process.onEnd(() => resolve()));
      await Promise.race([this.session(process, name), ended]);
      this.work = undefined;
      if (process.alive) process.kill();
    }
  }

  private async session(process: SimulatedClient, name: string): Promise<void> {
    const { context, random, workload } = this;
    this.begin(name);
    try {
      const client = await process.connect();
      const operation = await workload.prepare({ process, client, random, context, name });
      this.work = undefined;
      for (;;) {
        await process.sleep(workload.pauseMs * random.between(0.2, 1.8));
        if (client.state === "closed") return;
        while (!context.isOpen()) await process.sleep(LOOK_MS);
        this.begin(name);
        await operation();
        this.operations++;
        this.work = undefined;
      }
    } catch (error) {
      this.failed(error, name);
    }
  }

  private begin(session: string): void {
    this.work = { sinceMs: this.context.world.time.nowMs, session };
  }

  private failed(error: unknown, name: string): void {
    const { world, findings } = this.context;
    const calmSinceMs = this.context.calmSinceMs() ?? Number.POSITIVE_INFINITY;
    this.failures++;
    world.note(`${name}: ${String(error)}`);
    if (!(error instanceof ClientError) && !isFileError(error)) {
      this.unexpected(error);
    } else if (this.work !== undefined && this.work.sinceMs >= calmSinceMs) {
      findings.add("failed without a fault", `${name}: ${String(error)}`, [name]);
    }
  }

  private unexpected(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.context.findings.add("unexpected error", `${this.workload.name} on node ${this.pnn}: ${text}`);
  }
}

/** The daemon is going away under the user: its files are closed or replaced. */
function isFileError(error: unknown): boolean {
  return error instanceof Error && (error.name === "TdbError" || error.name === "TdbClosedError");
}

/** undefined for no record. */
export function textOf(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : Buffer.from(value).toString("latin1");
}
