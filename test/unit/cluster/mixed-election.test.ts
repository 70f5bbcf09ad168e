import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NodeFlag } from "../../../src/protocol/index.js";
import { CPeer } from "./c-peer.js";
import { FakeCluster } from "./fake-cluster.js";

const ALL = [0, 1, 2];
/** Seconds that the fake wall clock shows when a manager of ours is made. */
const OURS = 1_700_000_001;

interface Mixed {
  readonly cluster: FakeCluster;
  readonly peers: CPeer[];
}

/** C nodes are older (they win) or younger (they lose) than ours. */
async function mixed(cNodes: readonly number[], cAge: "older" | "younger"): Promise<Mixed> {
  const cluster = new FakeCluster(3, { foreign: cNodes });
  for (const pnn of ALL) cluster.node(pnn).attach(1, "one.tdb");
  const peers = cNodes.map((pnn) => new CPeer(cluster, pnn, cAge === "older" ? OURS - 100 : OURS + 100));
  for (const pnn of ALL) {
    await cluster.boot(pnn, pnn);
    const peer = peers.find((candidate) => candidate.pnn === pnn);
    if (peer !== undefined) {
      void peer.start();
      await cluster.time.advanceSettled(1);
    }
  }
  return { cluster, peers };
}

/** Everybody, C or ours, names one and the same leader. */
function agreedLeader({ cluster, peers }: Mixed, pnns: readonly number[]): number | undefined {
  const leaders = pnns.map(
    (pnn) => peers.find((peer) => peer.pnn === pnn)?.leader ?? cluster.node(pnn).manager?.election.leader,
  );
  const [first] = leaders;
  return first !== undefined && pnns.includes(first) && leaders.every((leader) => leader === first) ? first : undefined;
}

const settled = (world: Mixed, pnns: readonly number[]): boolean =>
  world.cluster.healthy(pnns) && agreedLeader(world, pnns) !== undefined;

for (const cNodes of [[0], [2], [0, 1], [1, 2]]) {
  for (const cAge of ["older", "younger"] as const) {
    describe(`a cluster where ${cNodes.join(" and ")} run C and are ${cAge} than ours`, () => {
      it("agrees on one leader, who recovers all", async () => {
        const world = await mixed(cNodes, cAge);
        await world.cluster.time.until(() => settled(world, ALL), 15_000, "start");
        const leader = agreedLeader(world, ALL);
        await world.cluster.time.advanceSettled(20_000);
        assert.ok(settled(world, ALL));
        assert.equal(agreedLeader(world, ALL), leader, "it stays the leader");
      });

      it("gets over the loss and the return of each node", async () => {
        const world = await mixed(cNodes, cAge);
        const { cluster, peers } = world;
        await cluster.time.until(() => settled(world, ALL), 15_000, "start");
        for (const victim of ALL) {
          const rest = ALL.filter((pnn) => pnn !== victim);
          const index = peers.findIndex((peer) => peer.pnn === victim);
          const peer = peers[index];
          if (peer === undefined) cluster.kill(victim);
          else peer.kill();
          await cluster.time.until(() => settled(world, rest), 20_000, `loss of ${victim}`);
          if (peer !== undefined) {
            const next = new CPeer(cluster, victim, OURS + 1000 + victim);
            peers[index] = next;
            await cluster.boot(victim);
            void next.start();
          } else {
            await cluster.boot(victim);
          }
          await cluster.time.until(() => settled(world, ALL), 20_000, `return of ${victim}`);
        }
      });
    });
  }
}

describe("an election without a lock", () => {
  it("waits for a C peer that answers half a second later and wins", async () => {
    const world = await mixed([1], "older");
    const { cluster } = world;
    await cluster.time.until(() => settled(world, ALL), 15_000, "start");
    assert.equal(agreedLeader(world, ALL), 1);
    assert.ok(!cluster.node(0).logger.has("Starting do_recovery"), "ours never began to lead");
    assert.ok(!cluster.node(2).logger.has("Starting do_recovery"), "ours never began to lead");
  });

  it("is won by the higher pnn when priority times are equal", async () => {
    const cluster = new FakeCluster(3);
    // Booted in the same instant of the fake wall clock, apart from the time that start takes.
    const before = cluster.time.now();
    for (const pnn of ALL) await cluster.boot(pnn, before - cluster.time.now());
    await cluster.time.until(() => cluster.healthy(ALL), 4000, "start");
    assert.deepEqual(cluster.leaders(), [2]);
  });

  it("is never won by a node that is stopped", async () => {
    const cluster = new FakeCluster(3);
    for (const pnn of ALL) {
      if (pnn === 0) cluster.node(0).flags[0] = NodeFlag.STOPPED;
      await cluster.boot(pnn, pnn);
    }
    await cluster.time.until(() => cluster.healthy([1, 2]), 6000, "start");
    await cluster.time.advanceSettled(30_000);
    assert.deepEqual(cluster.leaders(), [1]);
    assert.ok(cluster.healthy([1, 2]));
  });
});
