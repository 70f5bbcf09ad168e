// A daemon has closed its databases and has not ended yet, when a vacuum run comes due: with a slow loop that takes a while. Found by
// the simulator (seed 1921): the run wanted to know how the file was opened, and the daemon ended with an error instead of status 0.
import assert from "node:assert/strict";
import { test } from "node:test";
import { World } from "../../src/simulator/world.js";

const LIMIT_MS = 60_000;
const INTERVAL_MS = 1000;
const TURN_MS = 20;
const STEP_MS = 10;

test("a daemon ends well, whenever it is told to, also when a vacuum run comes due while it ends", async () => {
  const world = new World({ seed: 1, nodes: 2, settings: { tunables: { VacuumInterval: INTERVAL_MS / 1000 } } });
  world.start();
  assert.ok(await world.runUntil(() => world.isHealthy(), LIMIT_MS));
  for (let phaseMs = 0; phaseMs < INTERVAL_MS; phaseMs += STEP_MS) {
    const user = world.client(1);
    const client = await world.settle(user.connect({ reconnect: false }));
    const database = await world.settle(client.attach("x.tdb"));
    await world.runFor(phaseMs);
    await world.settle(database.withRecord("k", (record) => record.store(Buffer.from("x"))));
    await world.settle(database.withRecord("k", (record) => record.delete()));
    world.node(1).slowLoop(TURN_MS);
    // What keeps the loop busy: the run comes due in a turn before the last one, and is served after it.
    const questions = Array.from({ length: 20 }, async (_, i) => {
      await user.sleep(i * STEP_MS);
      await client.control("PING", undefined);
    });
    const answers = Promise.allSettled(questions);
    world.node(1).stop();
    assert.ok(await world.runUntil(() => world.node(1).ctdb === undefined, LIMIT_MS));
    await world.settle(answers);
    world.node(1).start();
    assert.ok(await world.runUntil(() => world.isHealthy() && world.running().length === 2, LIMIT_MS));
  }
});
