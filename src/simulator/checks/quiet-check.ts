// Looks at a whole cluster while no user does anything: invariants over all databases of all nodes, and that nothing is left behind.
import { DbFlag, databaseId } from "../../protocol/index.js";
import { control } from "../faults/administrator.js";
import {
  checkNoEmptyRecords,
  checkQuietCluster,
  checkTraverse,
  type NodeDump,
  OwnerHistory,
  type Violation,
} from "../invariants/index.js";
import { leftWaiting } from "../queue-loads.js";
import type { World } from "../world.js";
import type { Findings } from "./findings.js";

/** Vacuuming and messages under way come to an end within this; then nothing may be out of order. */
const QUIET_LIMIT_MS = 15_000;
const LOOK_MS = 500;
/** What is deleted is gone after a full vacuum run and so many intervals. */
const VACUUM_INTERVALS = 3;

/** Nobody deletes records there: what is vacuumed everywhere begins anew. */
const GROWING_DATABASES = ["counters.tdb", "locking.tdb", "brlock.tdb"];

/** Helper processes of one program that a node may have while nobody works; the pools of the others grow with the work there was. */
const HELPERS_MAX: ReadonlyMap<string, number> = new Map([
  ["ctdb-clusterd", 1],
  ["ctdb-vacuumd", 1],
  ["ctdb_mutex_fcntl_helper", 1],
]);
const TRAVERSE_LIMIT_MS = 30_000;

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

  /**
   * I10: each node makes a full vacuum run of each volatile database; `intervalMs`: VacuumInterval. Databases with read-only copies are
   * left out: a record is kept while it has any, and a reader of an empty record gets one.
   */
  async checkVacuumed(intervalMs: number): Promise<void> {
    const { world, findings } = this;
    const names = vacuumedDatabases(world.dumps());
    const request = (name: string) => ({ dbId: databaseId(name), fullVacuumRun: true });
    const runs = world.running().map(async (pnn) => {
      for (const name of names) await control(world, pnn, "DB_VACUUM", request(name));
    });
    await world.settle(Promise.all(runs));
    const empty = (): Violation[] => {
      const dumps = world.dumps();
      return names.flatMap((name) => checkNoEmptyRecords(name, dumps));
    };
    const untilMs = world.time.nowMs + VACUUM_INTERVALS * intervalMs;
    while (world.time.nowMs < untilMs && empty().length > 0) await world.runFor(LOOK_MS);
    for (const { invariant, text } of empty()) findings.add(invariant, text, concernsOf(text));
  }

  /** I8: each node traverses each volatile database. */
  async checkTraverses(): Promise<void> {
    const { world, findings } = this;
    for (const pnn of world.running()) {
      const process = world.client(pnn, "traverse");
      const client = await world.settle(process.connect());
      for (const name of volatileDatabases(world.dumps())) {
        const database = await world.settle(client.attach(name));
        const keys: string[] = [];
        const traverse = async (): Promise<void> => {
          for await (const { key } of database.traverse()) keys.push(Buffer.from(key).toString("latin1"));
        };
        await world.settle(traverse(), TRAVERSE_LIMIT_MS);
        for (const { invariant, text } of checkTraverse(name, keys, world.dumps())) {
          findings.add(invariant, `node ${pnn}: ${text}`, concernsOf(text));
        }
      }
      process.kill();
    }
  }

  private leftBehind(): Violation[] {
    return [...this.queuesLeft(), ...this.helpersLeft()];
  }

  /** I15, as far as there are such processes: a recovery needs none, and has no files. */
  private helpersLeft(): Violation[] {
    return this.world.nodes.flatMap(({ pnn, machine }): Violation[] =>
      [...HELPERS_MAX].flatMap(([program, max]): Violation[] => {
        const name = `${machine.name} ${program}`;
        const count = [...machine.processes.values()].filter((process) => process.name === name).length;
        return count <= max ? [] : [{ invariant: "I15", text: `node ${pnn} has ${count} processes ${program}` }];
      }),
    );
  }

  private queuesLeft(): Violation[] {
    return this.world.nodes.flatMap((node): Violation[] => {
      const pending = node.ctdb?.statistics.pendingCalls ?? 0;
      const waiting = leftWaiting(node.queues()).map(({ queue, length }) => `${length} left in its queue "${queue}"`);
      return [...(pending === 0 ? [] : [`${pending} pending calls`]), ...waiting].map((what) => ({
        invariant: "I11",
        text: `node ${node.pnn} has ${what}`,
      }));
    });
  }
}

function vacuumedDatabases(dumps: readonly NodeDump[]): string[] {
  return volatileDatabases(dumps, DbFlag.READONLY);
}

/** Without those that have one of the flags `without`. */
function volatileDatabases(dumps: readonly NodeDump[], without = 0): string[] {
  const leftOut = DbFlag.PERSISTENT | DbFlag.REPLICATED | without;
  const names = dumps.flatMap(({ databases }) =>
    [...databases.values()].filter(({ flags }) => (flags & leftOut) === 0).map(({ name }) => name),
  );
  return [...new Set(names)];
}

/** "name.tdb, key: what is wrong": the key. */
function concernsOf(text: string): string[] {
  const key = /^\S+, (\S+):/.exec(text)?.[1];
  return key === undefined ? [] : [key];
}
