// A node that does not see another one, while the leader sees both, must not take the other's clients for dead. Found by the simulator:
// two clients held one g_lock.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NodeFlag } from "../../src/protocol/index.js";
import { World } from "../../src/simulator/world.js";

const LOCKS = 6;
const LIMIT_MS = 60_000;
const WAIT_MS = 5000;

test("a lock of a client whose node is out of sight of one other node is not taken from it", async () => {
  const world = new World({ seed: 5, nodes: 3 });
  world.start();
  assert.ok(await world.runUntil(() => world.isHealthy(), LIMIT_MS));
  const leader = world.leader() ?? 0;
  const [near = 0, far = 0] = [0, 1, 2].filter((pnn) => pnn !== leader);
  const holder = await world.settle(world.client(near).connect());
  const names = Array.from({ length: LOCKS }, (_, number) => `lock${number}`);
  const held = await world.settle(Promise.all(names.map((name) => holder.gLock(name))));
  const other = await world.settle(world.client(far).connect());

  world.network.block(near, far);
  world.network.block(far, near);
  world.network.resetConnections(near, far);
  const sees = (pnn: number): boolean =>
    ((world.node(far).ctdb?.nodes.get(pnn)?.flags ?? 0) & NodeFlag.DISCONNECTED) === 0;
  assert.ok(await world.runUntil(() => !sees(near), LIMIT_MS));
  const taken = await world.settle(
    Promise.allSettled(names.map((name) => other.gLock(name, { timeoutMs: WAIT_MS }))),
    LIMIT_MS,
  );
  assert.deepEqual(
    taken.map(({ status }) => status),
    names.map(() => "rejected"),
  );

  world.network.heal();
  assert.ok(await world.runUntil(() => world.isHealthy() && sees(near), LIMIT_MS));
  await world.settle(Promise.all(held.map((lock) => lock.release())), LIMIT_MS);
  const [first = ""] = names;
  const lock = await world.settle(other.gLock(first), LIMIT_MS);
  assert.ok(lock.isHeld);
});
