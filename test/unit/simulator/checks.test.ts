// The checks of a run that need a world: that they see what is wrong, and nothing where all is right.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Client } from "../../../src/client/index.js";
import { NodeFlag, RecoveryMode } from "../../../src/protocol/index.js";
import { Findings } from "../../../src/simulator/checks/findings.js";
import { watchLeaders } from "../../../src/simulator/checks/leader-watch.js";
import { Membership } from "../../../src/simulator/checks/membership.js";
import { QuietCheck } from "../../../src/simulator/checks/quiet-check.js";
import { StepWatch } from "../../../src/simulator/checks/step-watch.js";
import { leftWaiting, overfull, type QueueLoad } from "../../../src/simulator/queue-loads.js";
import { World } from "../../../src/simulator/world.js";

const HEALTHY_LIMIT_MS = 60_000;
const LOCK_RECHECK_MS = 5000;

async function healthyWorld(): Promise<World> {
  const world = new World({ seed: 3, nodes: 3, settings: { tunables: { LockProcessesPerDB: 1 } } });
  world.start();
  assert.ok(await world.runUntil(() => world.isHealthy(), HEALTHY_LIMIT_MS), "the cluster forms");
  return world;
}

function connected(world: World, pnn: number, title?: string): Promise<Client> {
  return world.settle(world.client(pnn, title).connect());
}

const load = (change: Partial<QueueLoad> = {}): QueueLoad => ({
  queue: "q",
  length: 0,
  max: 10,
  drains: true,
  ...change,
});

test("a queue may be as long as its limit, and one that drains may not be left with anything", () => {
  const loads = [load({ length: 10 }), load({ length: 11 }), load({ length: 3, drains: false }), load()];
  assert.deepEqual(overfull(loads), [load({ length: 11 })]);
  assert.deepEqual(leftWaiting(loads), [load({ length: 10 }), load({ length: 11 })]);
});

test("a queue over its limit is found while the world runs, once", async () => {
  const world = new World({ seed: 1, nodes: 2 });
  const findings = new Findings(world.time);
  const watch = new StepWatch(world, findings, new Membership(world.time));
  world.watch(() => watch.step());
  let length = 10;
  world.node(1).queues = () => [load({ length })];
  world.start();
  await world.runFor(1000);
  assert.deepEqual(findings.all, []);
  length = 11;
  await world.runFor(1000);
  assert.deepEqual(
    findings.all.map(({ check, text }) => [check, text]),
    [["queue over its limit", "node 1, q: more than 10"]],
  );
});

test("what waits in a daemon is seen in its queues, and nothing is left when it is done", async () => {
  const world = await healthyWorld();
  const lengths = (pnn: number, queue: string): number => {
    const found = world
      .node(pnn)
      .queues()
      .find((one) => one.queue === queue);
    assert.ok(found !== undefined, `there is no queue "${queue}"`);
    return found.length;
  };
  const [holder, writer] = [await connected(world, 0), await connected(world, 1)];
  const [held, wanted] = [await world.settle(holder.attach("x.tdb")), await world.settle(writer.attach("x.tdb"))];

  let letGo = (): void => {};
  const first = held.withRecord("k", () => new Promise<void>((resolve) => (letGo = resolve)));
  await world.runFor(1000);
  const second = wanted.withRecord("k", () => {});
  assert.ok(await world.runUntil(() => lengths(0, "x.tdb: kernel waits") === 1, 5000), "the daemon waits for the lock");
  assert.deepEqual(
    leftWaiting(world.node(0).queues()).map(({ queue }) => queue),
    ["x.tdb: kernel waits"],
  );
  letGo();
  await world.settle(Promise.all([first, second]));

  world.network.block(1, 0);
  for (let count = 0; count < 3; count++) writer.sendMessage(0, 0x4200n, Buffer.alloc(1024 * 1024));
  assert.ok(await world.runUntil(() => lengths(1, "bytes for a peer") > 1024 * 1024, 1000), "bytes wait for node 0");
  world.network.unblock(1, 0);
  await world.runFor(2000);
  for (const node of world.nodes) assert.deepEqual([...leftWaiting(node.queues()), ...overfull(node.queues())], []);
});

test("who acts as leader without the cluster lock is found; who does not know yet that it is lost may go on", async () => {
  const world = await healthyWorld();
  const findings = new Findings(world.time);
  watchLeaders(world, findings);
  const leader = world.leader();
  assert.ok(leader !== undefined && world.clusterLock.heldBy === leader);
  await world.runFor(10_000);
  assert.deepEqual(findings.all, [], "nothing is wrong with a cluster at rest");

  const found = (): string[] => findings.all.map(({ check, text }) => `${check}: ${text}`);
  const other = (leader + 1) % world.nodes.length;
  const [atLeader, atOther] = [
    await connected(world, leader, "ctdb-clusterd"),
    await connected(world, other, "ctdb-clusterd"),
  ];
  const act = (client: Client): Promise<unknown> =>
    world.settle(client.control("IPREALLOCATED", undefined, { timeoutMs: 1000 }).catch(() => undefined));
  await act(atLeader);
  assert.deepEqual(found(), []);
  await act(atOther);
  assert.deepEqual(found(), [`leader without the cluster lock: node ${other}: control 137`]);

  world.clusterLock.setMode("hang");
  world.clusterLock.lose({ noticed: "later" });
  await act(atLeader);
  assert.equal(found().length, 1);
  await world.runFor(LOCK_RECHECK_MS + 1000);
  assert.equal(found().length, 1, "the leader has stepped down in time");
  await act(atLeader);
  assert.equal(found().at(-1), `leader without the cluster lock: node ${leader}: control 137`);
});

test("a node that leaves recovery half done, or takes itself for disconnected, is found", async () => {
  const world = await healthyWorld();
  const client = await connected(world, 0);
  await world.settle(client.attach("x.tdb"));
  const findings = new Findings(world.time);
  const watch = new StepWatch(world, findings, new Membership(world.time));
  const ctdb = world.node(0).ctdb;
  const database = [...(ctdb?.databases.all ?? [])].find(({ name }) => name === "x.tdb");
  assert.ok(ctdb !== undefined && database !== undefined);
  watch.step();
  ctdb.state.setRecoveryMode(RecoveryMode.ACTIVE);
  watch.step();
  ctdb.state.setRecoveryMode(RecoveryMode.NORMAL);
  watch.step();
  assert.deepEqual(findings.all, []);
  ctdb.state.setRecoveryMode(RecoveryMode.ACTIVE);
  watch.step();
  database.generation += 1;
  ctdb.state.setRecoveryMode(RecoveryMode.NORMAL);
  ctdb.nodes.addFlags(0, NodeFlag.DISCONNECTED);
  watch.step();
  assert.deepEqual(
    findings.all.map(({ check }) => check),
    ["inactive node takes part", "node disconnected from itself", "recovery half done"],
  );
});

test("a traverse that shows what no owner has, and a helper too many, are found", async () => {
  const world = await healthyWorld();
  const client = await connected(world, 0);
  const database = await world.settle(client.attach("x.tdb"));
  await world.settle(database.withRecord("k", (record) => record.store(Buffer.from("v"))));
  const findings = new Findings(world.time);
  const quiet = new QuietCheck(world, findings);
  await world.settle(client.close());
  await quiet.check();
  await quiet.checkTraverses();
  assert.deepEqual(findings.all, []);

  world.node(1).machine.spawn("ctdb-vacuumd");
  const dumps = world.dumps().map((dump) => {
    const databases = [...dump.databases].map(([name, one]) => [name, { ...one, records: new Map() }] as const);
    return { ...dump, databases: new Map(databases) };
  });
  world.dumps = () => dumps;
  await quiet.checkTraverses();
  await quiet.check();
  assert.deepEqual([...new Set(findings.all.map(({ check }) => check))], ["I8", "I15"]);
});
