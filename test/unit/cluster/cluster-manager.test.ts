import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  DisableMessage,
  I32,
  NodeFlag,
  Pnn,
  RecoveryMode,
  RunState,
  Srvid,
  SrvidMessage,
  U32,
} from "../../../src/protocol/index.js";
import { FakeCluster, FakeControlError } from "./fake-cluster.js";

const ALL = [0, 1, 2];
const others = (pnn: number): number[] => ALL.filter((other) => other !== pnn);

async function started(options: ConstructorParameters<typeof FakeCluster>[1] = {}): Promise<FakeCluster> {
  const cluster = new FakeCluster(3, options);
  for (const pnn of ALL) {
    const node = cluster.node(pnn);
    node.attach(1, "one.tdb").records.set("key", { rsn: 5, dmaster: 0, flags: 0, value: "value" });
  }
  for (const pnn of ALL) await cluster.boot(pnn, pnn);
  await cluster.time.until(() => cluster.healthy(ALL), 5000, "start");
  return cluster;
}

function leaderOf(cluster: FakeCluster): number {
  const leaders = cluster.leaders();
  assert.equal(leaders.length, 1, `one leader, not ${leaders}`);
  return leaders[0] ?? -1;
}

for (const lock of [true, false]) {
  const how = lock ? "with a cluster lock" : "without a cluster lock";
  describe(`a cluster of three nodes ${how}`, () => {
    it("is NORMAL within 1.5 s of its start", async () => {
      const cluster = new FakeCluster(3, { lock });
      for (const pnn of ALL) await cluster.boot(pnn, pnn);
      const took = await cluster.time.until(() => cluster.healthy(ALL), 1500, "start");
      assert.ok(took <= 1500);
      leaderOf(cluster);
    });

    for (const who of ["the leader", "another node"]) {
      it(`is NORMAL again within 1.5 s when ${who} is killed, ten times in a row`, async () => {
        const cluster = await started({ lock });
        for (let round = 0; round < 10; round++) {
          const leader = leaderOf(cluster);
          const victim = who === "the leader" ? leader : (others(leader)[0] ?? 0);
          cluster.kill(victim);
          await cluster.time.until(() => cluster.healthy(others(victim)), 1500, `round ${round}: loss`);
          await cluster.time.advanceSettled(1000);
          await cluster.boot(victim);
          await cluster.time.until(() => cluster.healthy(ALL), 3000, `round ${round}: return`);
          await cluster.time.advanceSettled(1000);
        }
      });
    }

    it("hands leadership over at once when the leader is stopped, and takes it back in after continue", async () => {
      const cluster = await started({ lock });
      const leader = leaderOf(cluster);
      cluster.node(leader).becomeInactive(NodeFlag.STOPPED);
      const took = await cluster.time.until(() => cluster.healthy(others(leader)), 3000, "stop");
      assert.ok(took < 2000, `${took} ms`);
      assert.notEqual(leaderOf(cluster), leader);
      assert.equal(cluster.node(leader).recoveryMode, RecoveryMode.ACTIVE);
      await cluster.time.advanceSettled(2000);
      assert.ok(cluster.node(leader).freezes > 0, "an inactive node is frozen");
      cluster.node(leader).becomeActive(NodeFlag.STOPPED);
      await cluster.time.until(() => cluster.healthy(ALL), 3000, "continue");
      assert.notEqual(leaderOf(cluster), leader, "the node that was inactive does not lead again");
    });

    it("keeps its leader and recovers once when a node joins", async () => {
      const cluster = new FakeCluster(3, { lock });
      await cluster.boot(0);
      await cluster.boot(1, 5);
      await cluster.time.until(() => cluster.healthy([0, 1]), 9000, "two nodes");
      const leader = leaderOf(cluster);
      const recoveries = cluster.node(leader).endRecoveries;
      await cluster.time.advanceSettled(500);
      await cluster.boot(2, 10);
      await cluster.time.until(() => cluster.healthy(ALL), 2500, "join");
      await cluster.time.advanceSettled(3000);
      assert.equal(leaderOf(cluster), leader);
      assert.equal(cluster.node(leader).endRecoveries, recoveries + 1);
    });

    it("works by polling alone when no changes are reported", async () => {
      const cluster = await started({ lock, events: false });
      const leader = leaderOf(cluster);
      cluster.kill(others(leader)[0] ?? 0);
      await cluster.time.until(() => cluster.healthy(others(others(leader)[0] ?? 0)), 4000, "loss of a node");
      const next = leaderOf(cluster);
      cluster.kill(next);
      const rest = others(others(leader)[0] ?? 0).filter((pnn) => pnn !== next);
      await cluster.time.until(() => cluster.healthy(rest), 20_000, "loss of the leader");
    });

    it("stays as it is for a minute without any recovery or election", async () => {
      const cluster = await started({ lock });
      const leader = leaderOf(cluster);
      const { endRecoveries } = cluster.node(leader);
      const { attempts } = cluster.lockFile;
      await cluster.time.advanceSettled(60_000);
      assert.equal(leaderOf(cluster), leader);
      assert.equal(cluster.node(leader).endRecoveries, endRecoveries);
      assert.equal(cluster.lockFile.attempts, attempts);
    });
  });
}

describe("the cluster manager", () => {
  it("asks other nodes for their capabilities only while it leads", async () => {
    const cluster = await started();
    const leader = leaderOf(cluster);
    await cluster.time.advanceSettled(5000);
    let asked = 0;
    cluster.intercept = (name, destination) => {
      if (name === "GET_CAPABILITIES" && destination === leader) asked++;
      return undefined;
    };
    await cluster.time.advanceSettled(10_000);
    // Its own manager asks it once a second.
    assert.ok(asked >= 9 && asked <= 11, `${asked} times in 10 s`);
  });

  it("pauses between recoveries when nothing has changed", async () => {
    const cluster = await started();
    const leader = leaderOf(cluster);
    await cluster.time.advanceSettled(11_000);
    const before = cluster.node(leader).endRecoveries;
    for (const node of cluster.nodes) node.execute("SET_RECMODE", RecoveryMode.ACTIVE, 0);
    await cluster.time.advanceSettled(1500);
    assert.equal(cluster.node(leader).endRecoveries, before + 1);
    cluster.node(0).execute("SET_RECMODE", RecoveryMode.ACTIVE, 0);
    await cluster.time.advanceSettled(5000);
    assert.equal(cluster.node(leader).endRecoveries, before + 1, "still in the pause");
    await cluster.time.advanceSettled(6000);
    assert.equal(cluster.node(leader).endRecoveries, before + 2);
  });

  it("does not let a node that is still starting wait for the end of the pause", async () => {
    const cluster = await started();
    const leader = leaderOf(cluster);
    const starting = cluster.node(others(leader)[0] ?? 0);
    starting.runState = RunState.STARTUP;
    starting.execute("SET_RECMODE", RecoveryMode.ACTIVE, 0);
    const took = await cluster.time.until(() => cluster.healthy(ALL), 2000, "recovery");
    assert.ok(took < 1500, `${took} ms`);
  });

  it("cuts the pause short only so many times for a node that comes and goes", async () => {
    const cluster = await started();
    const leader = leaderOf(cluster);
    const flapping = others(leader)[0] ?? 0;
    await cluster.time.advanceSettled(11_000);
    const before = cluster.node(leader).endRecoveries;
    for (let i = 0; i < 30; i++) {
      cluster.kill(flapping);
      await cluster.time.advanceSettled(150);
      await cluster.boot(flapping);
      await cluster.time.advanceSettled(150);
    }
    const recoveries = cluster.node(leader).endRecoveries - before;
    assert.ok(recoveries <= 10, `${recoveries} recoveries in 9 s`);
    await cluster.time.until(() => cluster.healthy(ALL), 15_000, "in the end");
  });

  it("answers DISABLE_RECOVERIES and holds recoveries back until they are enabled", async () => {
    const cluster = await started();
    const leader = leaderOf(cluster);
    await cluster.time.advanceSettled(11_000);
    const answers: number[] = [];
    const link = cluster.linkOf(leader);
    await link.onMessage(0x77n, (data) => answers.push(I32.decode(data)));
    const ask = (timeout: number): void =>
      link.sendMessage(leader, Srvid.DISABLE_RECOVERIES, DisableMessage.encode({ pnn: leader, srvid: 0x77n, timeout }));
    ask(30);
    await cluster.time.advanceSettled(10);
    assert.deepEqual(answers, [leader]);
    const before = cluster.node(leader).endRecoveries;
    cluster.kill(others(leader)[0] ?? 0);
    await cluster.time.advanceSettled(8000);
    assert.equal(cluster.node(leader).endRecoveries, before);
    ask(0);
    await cluster.time.advanceSettled(1500);
    assert.deepEqual(answers, [leader, leader]);
    assert.equal(cluster.node(leader).endRecoveries, before + 1);
  });

  it("answers requests for a takeover run with the leader's pnn after telling all connected nodes", async () => {
    const cluster = await started();
    const leader = leaderOf(cluster);
    const asking = others(leader)[0] ?? 0;
    const link = cluster.linkOf(asking);
    const answers: number[] = [];
    await link.onMessage(0x88n, (data) => answers.push(I32.decode(data)));
    const before = cluster.nodes.map((node) => node.ipReallocated);
    link.sendMessage(Pnn.BROADCAST_CONNECTED, Srvid.TAKEOVER_RUN, SrvidMessage.encode({ pnn: asking, srvid: 0x88n }));
    await cluster.time.advanceSettled(200);
    assert.deepEqual(answers, [leader]);
    assert.deepEqual(
      cluster.nodes.map((node) => node.ipReallocated),
      before.map((count) => count + 1),
    );
  });

  it("bans a node that was reported for banning often enough, and never more than that", async () => {
    const cluster = await started();
    const leader = leaderOf(cluster);
    const bad = others(leader)[0] ?? 0;
    const link = cluster.linkOf(leader);
    link.sendMessage(leader, Srvid.BANNING, U32.encode(bad));
    await cluster.time.advanceSettled(1500);
    assert.deepEqual(cluster.node(bad).bans, []);
    link.sendMessage(leader, Srvid.BANNING, U32.encode(bad));
    await cluster.time.advanceSettled(1500);
    assert.deepEqual(cluster.node(bad).bans, [300]);
    assert.ok(cluster.healthy(others(bad)));
  });

  it("ignores malformed messages", async () => {
    const cluster = await started();
    const leader = leaderOf(cluster);
    const link = cluster.linkOf(leader);
    for (const srvid of [Srvid.LEADER, Srvid.ELECTION, Srvid.PUSH_NODE_FLAGS, Srvid.TAKEOVER_RUN, Srvid.BANNING]) {
      for (const size of [0, 1, 3]) link.sendMessage(Pnn.BROADCAST_ALL, srvid, new Uint8Array(size));
    }
    await cluster.time.advanceSettled(3000);
    assert.equal(leaderOf(cluster), leader);
    assert.ok(cluster.healthy(ALL));
  });

  it("makes all nodes see the flags that a node has itself", async () => {
    const cluster = await started();
    const leader = leaderOf(cluster);
    const [a = 0, b = 0] = others(leader);
    cluster.node(a).setFlags(a, NodeFlag.UNHEALTHY);
    await cluster.time.advanceSettled(1500);
    assert.equal(cluster.node(leader).flags[a], NodeFlag.UNHEALTHY);
    assert.equal(cluster.node(b).flags[a], NodeFlag.UNHEALTHY);
  });

  it("recovers within a second when a second node dies during a recovery", async () => {
    const cluster = await started({ lock: true });
    const leader = leaderOf(cluster);
    const [a = 0, b = 0] = others(leader);
    cluster.kill(a);
    cluster.intercept = (name, dest) =>
      name === "DB_FREEZE" && dest === b ? new Promise<void>(() => undefined) : undefined;
    await cluster.time.advanceSettled(100);
    cluster.intercept = undefined;
    cluster.kill(b);
    const took = await cluster.time.until(() => cluster.healthy([leader]), 1500, "alone");
    assert.ok(took <= 1000, `${took} ms`);
    assert.equal(cluster.node(leader).registeredSrvids, 14, "only the served messages are registered");
  });

  it("does not retry a failing recovery more than once a second", async () => {
    const cluster = await started();
    const leader = leaderOf(cluster);
    await cluster.time.advanceSettled(11_000);
    let attempts = 0;
    cluster.intercept = (name, dest) => {
      if (name !== "START_RECOVERY" || dest !== leader) return undefined;
      attempts++;
      throw new FakeControlError(-1, "event failed");
    };
    cluster.node(leader).execute("SET_RECMODE", RecoveryMode.ACTIVE, 0);
    await cluster.time.advanceSettled(5000);
    assert.ok(attempts >= 4 && attempts <= 6, `${attempts} attempts in 5 s`);
    cluster.intercept = undefined;
    await cluster.time.until(() => cluster.healthy(ALL), 2000, "in the end");
  });

  it("lets nobody lead while the lock cannot be taken, bans nobody for it, and goes on when it can", async () => {
    const cluster = new FakeCluster(3, { lock: true });
    cluster.lockFile.broken = true;
    for (const pnn of ALL) await cluster.boot(pnn, pnn);
    await cluster.time.advanceSettled(20_000);
    assert.deepEqual(cluster.leaders(), []);
    assert.ok(cluster.lockFile.attempts < 60, `${cluster.lockFile.attempts} attempts in 20 s`);
    cluster.lockFile.broken = false;
    await cluster.time.until(() => cluster.healthy(ALL), 6000, "lock usable");
    for (const node of cluster.nodes) assert.deepEqual(node.bans, []);
  });

  it("elects a new leader when the lock helper ends, and has one leader at all times", async () => {
    const cluster = await started({ lock: true });
    cluster.lockFile.loseLock();
    const took = await cluster.time.until(
      () => cluster.healthy(ALL) && cluster.leaders().length === 1,
      3000,
      "new leader",
    );
    assert.ok(took < 1500, `${took} ms`);
    assert.equal(cluster.lockFile.holder, leaderOf(cluster));
  });

  it("takes over soon after the helper of a dead leader is gone, with few attempts", async () => {
    const cluster = await started({ lock: true });
    cluster.lockFile.lingerMs = 5000;
    const leader = leaderOf(cluster);
    const { attempts } = cluster.lockFile;
    cluster.kill(leader);
    const took = await cluster.time.until(() => cluster.healthy(others(leader)), 9000, "takeover");
    assert.ok(took < 8500, `${took} ms`);
    assert.ok(cluster.lockFile.attempts - attempts < 30, `${cluster.lockFile.attempts - attempts} attempts`);
  });

  it("brings two halves without a lock together under one leader", async () => {
    const cluster = await started();
    for (const pnn of [1, 2]) cluster.disconnect(0, pnn);
    await cluster.time.until(() => cluster.healthy([0]) && cluster.healthy([1, 2]), 3000, "split");
    assert.equal(cluster.leaders().length, 2);
    for (const pnn of [1, 2]) cluster.connect(0, pnn);
    await cluster.time.until(() => cluster.healthy(ALL) && cluster.leaders().length === 1, 5000, "joined");
  });

  it("does not call for an election because it stood still itself", async () => {
    const cluster = await started({ lock: true });
    const leader = leaderOf(cluster);
    const stalled = others(leader)[0] ?? 0;
    const { attempts } = cluster.lockFile;
    // The whole node stands still for a minute, its connections stay.
    cluster.node(stalled).hung = true;
    cluster.time.pass(60_000);
    cluster.node(stalled).hung = false;
    await cluster.time.advanceSettled(5000);
    assert.equal(leaderOf(cluster), leader);
    assert.equal(cluster.lockFile.attempts, attempts, "nobody tried to take the lock");
  });

  it("makes takeover runs although the former leader forbade them and died", async () => {
    const cluster = await started();
    const leader = leaderOf(cluster);
    const rest = others(leader);
    const link = cluster.linkOf(leader);
    for (const pnn of rest) {
      const message = DisableMessage.encode({ pnn: 0xffffffff, srvid: 0n, timeout: 60 });
      link.sendMessage(pnn, Srvid.DISABLE_TAKEOVER_RUNS, message);
    }
    await cluster.time.advanceSettled(10);
    cluster.kill(leader);
    await cluster.time.until(() => cluster.healthy(rest), 2000, "loss of the leader");
    await cluster.time.advanceSettled(100);
    assert.ok(cluster.node(leaderOf(cluster)).logger.has("Takeover run completed successfully"));
  });

  it("survives a hung node: nothing is decided until it is gone, then all goes on", async () => {
    const cluster = await started({ lock: true });
    const leader = leaderOf(cluster);
    const hung = others(leader)[0] ?? 0;
    cluster.node(hung).hung = true;
    await cluster.time.advanceSettled(20_000);
    for (const node of cluster.alive()) assert.deepEqual(node.bans, []);
    for (const pnn of others(hung)) cluster.disconnect(pnn, hung);
    await cluster.time.until(() => cluster.healthy(others(hung)), 2000, "without the hung node");
  });
});
