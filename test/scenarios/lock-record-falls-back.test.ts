// A node that is stopped and goes on before anybody has noticed loses the newest copies that it had, and records fall back to older ones.
// So does that of a g_lock: it names a holder that has given the lock back, lives, and knows nothing of it. Found by the simulator:
// everybody, the holder too, waited for as long as it lived.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GLockFormat } from "../../src/client/index.js";
import { RecoveryMode } from "../../src/protocol/index.js";
import { World } from "../../src/simulator/world.js";

const LIMIT_MS = 60_000;
const WAIT_MS = 5000;

for (const format of ["samba", "ctdb"] satisfies GLockFormat[]) {
  test(`a lock whose release a recovery has undone is given back once more when somebody waits for it (${format})`, async () => {
    const world = new World({ seed: 5, nodes: 3 });
    world.start();
    assert.ok(await world.runUntil(() => world.isHealthy(), LIMIT_MS));
    const [near = 0, far = 0] = [0, 1, 2].filter((pnn) => pnn !== world.leader());
    const leader = await world.settle(world.client(world.leader() ?? 0).connect());
    const holder = await world.settle(world.client(near).connect());
    const other = await world.settle(world.client(far).connect());
    const take = (client: typeof holder, name: string) =>
      world.settle(client.gLock(name, { format, timeoutMs: WAIT_MS }), LIMIT_MS);
    const names = ["taken by another", "taken by the same"] as const;
    const held = [await take(holder, names[0]), await take(holder, names[1])];
    const kept = await take(holder, "kept");
    // All nodes get a copy that says so.
    await nextGeneration(world, () => leader.control("SET_RECMODE", RecoveryMode.ACTIVE));
    for (const lock of held) await world.settle(lock.release());
    assert.deepEqual(await world.settle(holder.gLockHolders(names[0])), []);

    await nextGeneration(world, async () => {
      await holder.control("STOP_NODE", undefined);
      await holder.control("CONTINUE_NODE", undefined);
    });
    for (const name of names) assert.equal((await world.settle(other.gLockHolders(name))).length, 1, "it fell back");

    assert.ok((await take(other, names[0])).isHeld);
    assert.ok((await take(holder, names[1])).isHeld);
    await assert.rejects(take(other, "kept"), { name: "GLockTimeoutError" });
    assert.ok(kept.isHeld);
  });
}

async function nextGeneration(world: World, act: () => Promise<unknown>): Promise<void> {
  const generation = (): number | undefined => world.node(world.leader() ?? 0).ctdb?.state.generation;
  const before = generation();
  await world.settle(act());
  assert.ok(await world.runUntil(() => generation() !== before && world.isHealthy(), LIMIT_MS));
}
