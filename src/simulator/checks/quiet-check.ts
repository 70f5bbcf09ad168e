// Looks at a whole cluster while no user does anything: invariants over all databases of all nodes, and that nothing is left behind.
import { checkQuietCluster, type NodeDump, OwnerHistory, type Violation } from "../invariants/index.js";
import type { World } from "../world.js";
import type { Findings } from "./findings.js";

/** Vacuuming and messages under way come to an end within this; then nothing may be out of order. */
const QUIET_LIMIT_MS = 15_000;
const LOOK_MS = 500;

/** Nobody deletes records there: what is vacuumed everywhere begins anew. */
const GROWING_DATABASES = ["counters.tdb", "locking.tdb", "brlock.tdb"];

type Records = ReadonlyMap<number, ReadonlyMap<string, { readonly data: Uint8Array }>>;

export class QuietCheck {
  private readonly owners = new OwnerHistory();

  constructor(
    private readonly world: World,
    private readonly findings: Findings,
  ) {}

  /** Resolves to the records of a database by node and key. */
  async check(): Promise<(database: string) => Records> {
    const { world, findings } = this;
    const untilMs = world.time.nowMs + QUIET_LIMIT_MS;
    let violations: Violation[];
    let dumps: NodeDump[];
    do {
      await world.runFor(LOOK_MS);
      dumps = world.dumps();
      violations = [...checkQuietCluster(dumps), ...this.leftBehind()];
    } while (violations.length > 0 && world.time.nowMs < untilMs);
    for (const { invariant, text } of violations) findings.add(invariant, text, concernsOf(text));
    for (const name of GROWING_DATABASES) {
      for (const { invariant, text } of this.owners.check(name, dumps)) findings.add(invariant, text, concernsOf(text));
    }
    return (database) =>
      new Map(dumps.map(({ pnn, databases }) => [pnn, databases.get(database)?.records ?? new Map()]));
  }

  private leftBehind(): Violation[] {
    return this.world.nodes.flatMap(({ pnn, ctdb }): Violation[] => {
      const pending = ctdb?.statistics.pendingCalls ?? 0;
      return pending === 0 ? [] : [{ invariant: "I11", text: `node ${pnn} has ${pending} pending calls` }];
    });
  }
}

/** "name.tdb, key: what is wrong": the key. */
function concernsOf(text: string): string[] {
  const key = /^\S+, (\S+):/.exec(text)?.[1];
  return key === undefined ? [] : [key];
}
