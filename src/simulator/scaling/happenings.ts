// The things of which the cost is measured at different numbers of nodes, each on a cluster that is at rest before it.
import type { Database } from "../../client/index.js";
import { control } from "../faults/administrator.js";
import { World } from "../world.js";
import { type Cost, costOf } from "./cost.js";

const SEED = 1;
/** A condition is looked at so often: after each step would take longer than the steps. */
const LOOK_MS = 1;
const LIMIT_MS = 120_000;
/** Long enough for what follows a recovery, and for the pause after it. */
const REST_MS = 15_000;
const IDLE_MS = 10_000;
const RECORDS = 1000;
const RECORD_BYTES = 100;
/** Times that each node changes the hot record. */
const CHANGES_A_NODE = 5;
/** Others get the record meanwhile. */
const BETWEEN_CHANGES_MS = 1;
const HOT_KEY = "hot";

export class NotHealthyError extends Error {
  override readonly name = "NotHealthyError";
  constructor(what: string) {
    super(`the cluster was not healthy ${LIMIT_MS / 1000} virtual seconds after: ${what}`);
  }
}

async function healthy(world: World, what: string): Promise<void> {
  const untilMs = world.time.nowMs + LIMIT_MS;
  while (!world.isHealthy()) {
    if (world.time.nowMs > untilMs) throw new NotHealthyError(what);
    await world.runFor(LOOK_MS);
  }
}

/** Something is done to the cluster, which must notice it and be healthy again. */
async function recoversFrom(world: World, what: string, act: () => void): Promise<Cost> {
  await world.runFor(REST_MS);
  return costOf(world, async () => {
    act();
    const untilMs = world.time.nowMs + LIMIT_MS;
    while (world.isHealthy() && world.time.nowMs < untilMs) await world.runFor(LOOK_MS);
    await healthy(world, what);
  });
}

/** On all nodes, each with a client of its own. */
async function attachEverywhere(world: World, name: string): Promise<Database[]> {
  const attach = async (pnn: number): Promise<Database> => (await world.client(pnn).connect()).attach(name);
  const databases = await world.settle(Promise.all(world.running().map(attach)), LIMIT_MS);
  await world.runFor(REST_MS);
  return databases;
}

/** Records that all nodes have stored in turn, so that each owns its share. */
async function storeRecords(world: World): Promise<void> {
  const databases = await attachEverywhere(world, "records.tdb");
  const data = Buffer.alloc(RECORD_BYTES, 1);
  const storeShare = async (database: Database, number: number): Promise<void> => {
    for (let record = number; record < RECORDS; record += databases.length) {
      await database.withRecord(`record${record}`, (locked) => locked.store(data));
    }
  };
  await world.settle(Promise.all(databases.map(storeShare)), LIMIT_MS);
}

/** Of all nodes at once: each one wants the record that the others want. */
async function changeHotRecord(world: World): Promise<Cost> {
  const databases = await attachEverywhere(world, "hot.tdb");
  const change = async (database: Database): Promise<void> => {
    for (let time = 0; time < CHANGES_A_NODE; time++) {
      await database.withRecord(HOT_KEY, (locked) => locked.store(Buffer.from(String(time))));
      await world.sleep(BETWEEN_CHANGES_MS);
    }
  };
  return costOf(world, async () => void (await world.settle(Promise.all(databases.map(change)), LIMIT_MS)));
}

function share(cost: Cost, parts: number): Cost {
  const { ms, packets, bytes, kinds } = cost;
  return { ms: ms / parts, packets: packets / parts, bytes: bytes / parts, kinds };
}

export const happenings = [
  "start",
  "second at rest",
  "recovery",
  "election",
  "death of a node",
  "change of a hot record",
] as const;

export type Happening = (typeof happenings)[number];

/** Costs in a cluster of so many nodes. `withKinds`: with packets by kind, which takes longer. Throws NotHealthyError. */
export async function measure(nodes: number, withKinds: boolean): Promise<ReadonlyMap<Happening, Cost>> {
  const world = new World({
    seed: SEED,
    nodes,
    settings: { tunables: { VacuumInterval: 600 } },
    trace: withKinds ? { keepLines: 1 } : { off: true },
  });
  const costs = new Map<Happening, Cost>();
  const start = await costOf(world, async () => {
    world.start();
    await healthy(world, "start");
  });
  costs.set("start", start);
  await world.runFor(REST_MS);
  costs.set("second at rest", share(await costOf(world, () => world.runFor(IDLE_MS)), IDLE_MS / 1000));
  await storeRecords(world);
  costs.set(
    "recovery",
    await recoversFrom(world, "ctdb recover", () => control(world, world.leader() ?? 0, "SET_RECMODE", 1)),
  );
  costs.set(
    "election",
    await recoversFrom(world, "loss of the lock", () => world.clusterLock.lose({ noticed: "now" })),
  );
  costs.set("change of a hot record", share(await changeHotRecord(world), nodes * CHANGES_A_NODE));
  const victim = world.running().findLast((pnn) => pnn !== world.leader()) ?? 0;
  costs.set(
    "death of a node",
    await recoversFrom(world, "death of a node", () => world.node(victim).crash({ silent: false })),
  );
  return costs;
}
