// Two nodes of one cluster that do not see each other yet when the recovery that takes both in is made: what they send each other until
// then is lost, and only another recovery sends it again. Found by the simulator.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NodeFlag } from "../../src/protocol/index.js";
import { control } from "../../src/simulator/faults/administrator.js";
import { World } from "../../src/simulator/world.js";

const KEYS = 12;
const LIMIT_MS = 60_000;

/** A cluster in which calls of one node to another one, which it has never seen, are under way. */
class LateLink {
  readonly world = new World({ seed: 11, nodes: 3, settings: { tunables: { VacuumInterval: 600 } } });
  leader = 0;
  late = 0;
  other = 0;
  done = 0;

  async setUp(): Promise<void> {
    const { world } = this;
    world.start();
    assert.ok(await world.runUntil(() => world.isHealthy(), LIMIT_MS));
    this.leader = world.leader() ?? 0;
    const [late = 0, other = 0] = [0, 1, 2].filter((pnn) => pnn !== this.leader);
    this.late = late;
    this.other = other;
    world.node(late).kill();
    await world.runFor(5000);
    world.network.block(late, other);
    world.network.block(other, late);
    world.node(late).start();
    assert.ok(await world.runUntil(() => [0, 1, 2].every((pnn) => this.isRecovered(pnn)), LIMIT_MS));
    const client = await world.settle(world.client(late).connect());
    const database = await world.settle(client.attach("x.tdb"), LIMIT_MS);
    for (let number = 0; number < KEYS; number++) {
      database
        .withRecord(`key${number}`, (record) => record.store(Buffer.from("value")), { timeoutMs: 600_000 })
        .then(() => this.done++, assert.ifError);
    }
    await world.runFor(100);
    assert.ok(this.done < KEYS, "some calls cannot have arrived");
  }

  unblock(): void {
    this.world.network.unblock(this.late, this.other);
    this.world.network.unblock(this.other, this.late);
  }

  get isConnected(): boolean {
    const flags = this.world.node(this.late).ctdb?.nodes.get(this.other)?.flags ?? NodeFlag.DISCONNECTED;
    return (flags & NodeFlag.DISCONNECTED) === 0;
  }

  isRecovered(pnn: number): boolean {
    const state = this.world.node(pnn).ctdb?.state;
    return state?.isRecovering === false && state.vnnMap.map.length === 3;
  }

  async allIsAnswered(): Promise<void> {
    const { world } = this;
    assert.ok(await world.runUntil(() => this.done === KEYS, LIMIT_MS), `${KEYS - this.done} calls have no answer`);
    assert.ok(await world.runUntil(() => world.isHealthy(), LIMIT_MS));
  }
}

test("calls between nodes that see each other only after their recovery are answered then", async () => {
  const story = new LateLink();
  await story.setUp();
  story.unblock();
  await story.allIsAnswered();
});

test("calls between nodes that come to see each other at the end of their recovery are answered after another one", async () => {
  const story = new LateLink();
  await story.setUp();
  const { world, late, leader } = story;
  await world.runFor(15_000);
  control(world, leader, "SET_RECMODE", 1);
  assert.notEqual(await world.runUntilLine(new RegExp(`n${late} ctdbd log Thaw db: x.tdb`), LIMIT_MS), undefined);
  // Recovery mode becomes NORMAL only after a look at the cluster lock.
  world.clusterLock.setMode("hang");
  story.unblock();
  assert.ok(await world.runUntil(() => story.isConnected, LIMIT_MS));
  assert.ok(!story.isRecovered(late), "the link is up before recovery mode is NORMAL");
  world.clusterLock.setMode("normal");
  await story.allIsAnswered();
});
