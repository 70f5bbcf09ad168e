import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ControlName, DbFlag, NodeFlag, RecordFlag, RecoveryMode } from "../../../src/protocol/index.js";
import { ClusterRecovery } from "../../../src/recovery/cluster-recovery.js";
import { RecoveryFailedError } from "../../../src/recovery/errors.js";
import { SeededRandom } from "../../../src/simulator/seeded-random.js";
import { FakeCluster, FakeControlError, type FakeRecord } from "../cluster/fake-cluster.js";

const ALL = [0, 1, 2];
const LEADER = 1;
const GENERATION = 4711;
const VOLATILE = 0x10;
const PERSISTENT = 0x20;
const REPLICATED = 0x30;

function record(rsn: number, dmaster: number, value: string, flags = 0): FakeRecord {
  return { rsn, dmaster, flags, value };
}

/** Three connected daemons without cluster managers. */
async function daemons(): Promise<FakeCluster> {
  const cluster = new FakeCluster(3, { foreign: ALL, events: false });
  for (const pnn of ALL) await cluster.boot(pnn);
  await cluster.time.advanceSettled(10);
  return cluster;
}

interface Outcome {
  readonly error: unknown;
  readonly done: boolean;
}

/** Runs a recovery on node 1 to its end, or for `limitMs`. */
async function recover(
  cluster: FakeCluster,
  options: { readonly signal?: AbortSignal; readonly limitMs?: number } = {},
): Promise<Outcome> {
  const node = cluster.node(LEADER);
  const recovery = new ClusterRecovery({
    link: cluster.linkOf(LEADER),
    clock: cluster.time,
    timers: cluster.time,
    random: new SeededRandom(5, "recovery"),
    logger: node.logger,
  });
  let error: unknown;
  let done = false;
  void recovery
    .run({
      generation: GENERATION,
      tunables: { recoverTimeoutMs: 30_000, recBufferSizeLimit: 2000, enableBans: true, recoveryBanPeriodSeconds: 300 },
      signal: options.signal ?? new AbortController().signal,
    })
    .catch((reason: unknown) => {
      error = reason ?? new Error("rejected");
    })
    .finally(() => {
      done = true;
    });
  const limitMs = options.limitMs ?? 200_000;
  for (let spent = 0; !done && spent < limitMs; spent += 50) await cluster.time.advanceSettled(50);
  return { error, done };
}

function controlsTo(cluster: FakeCluster, pnn: number): string[] {
  return cluster.traced.filter((line) => line.endsWith(`-> ${pnn}`)).map((line) => line.split(" ")[0] ?? "");
}

describe("the recovery of a cluster", () => {
  it("sends the controls in the order that C nodes know", async () => {
    const cluster = await daemons();
    for (const pnn of ALL)
      cluster
        .node(pnn)
        .attach(VOLATILE, "v.tdb")
        .records.set("k", record(1, pnn, "x"));
    const { error } = await recover(cluster);
    assert.equal(error, undefined);
    const expected = [
      "GET_NODEMAP",
      "GET_CAPABILITIES",
      "SET_RECMODE",
      "START_RECOVERY",
      "SETVNNMAP",
      "GET_DBMAP",
      "GET_DBNAME",
      "DB_FREEZE",
      "DB_TRANSACTION_START",
      "DB_PULL",
      "WIPE_DATABASE",
      "DB_PUSH_START",
      "push",
      "PING",
      "DB_PUSH_CONFIRM",
      "DB_TRANSACTION_COMMIT",
      "DB_THAW",
      "SET_RECMODE",
      "END_RECOVERY",
    ];
    assert.deepEqual(controlsTo(cluster, 0), expected);
    for (const pnn of ALL) {
      const node = cluster.node(pnn);
      assert.equal(node.recoveryMode, RecoveryMode.NORMAL);
      assert.deepEqual(node.vnnMap, { generation: GENERATION, map: ALL });
      assert.equal(node.databases.get(VOLATILE)?.generation, GENERATION);
      assert.equal(node.databases.get(VOLATILE)?.frozen, false);
    }
  });

  it("gives every node the best copy of each volatile record, owned by the leader", async () => {
    const cluster = await daemons();
    cluster.pullChunk = 3;
    const stores = ALL.map((pnn) => cluster.node(pnn).attach(VOLATILE, "v.tdb").records);
    stores[0]?.set("moved", record(3, 2, "old"));
    stores[1]?.set("moved", record(3, 2, "old"));
    stores[2]?.set("moved", record(5, 2, "new"));
    stores[0]?.set("deleted", record(4, 0, "was here"));
    stores[2]?.set("deleted", record(6, 2, ""));
    for (let i = 0; i < 200; i++) stores[i % 3]?.set(`only ${i}`, record(i + 1, i % 3, `v${i}`));
    const { error } = await recover(cluster);
    assert.equal(error, undefined);
    for (const pnn of ALL) {
      const records = cluster.node(pnn).databases.get(VOLATILE)?.records ?? new Map();
      assert.equal(records.size, 201);
      assert.equal(records.has("deleted"), false);
      const rsn = pnn === LEADER ? 6 : 5;
      assert.deepEqual(records.get("moved"), record(rsn, LEADER, "new", RecordFlag.MIGRATED_WITH_DATA));
    }
  });

  it("takes a persistent database from the node with the highest sequence number, headers unchanged", async () => {
    const cluster = await daemons();
    for (const pnn of ALL) {
      const database = cluster.node(pnn).attach(PERSISTENT, "p.tdb", DbFlag.PERSISTENT);
      // Cut to 32 bits, the highest would be the lowest.
      database.seqnum = pnn === 2 ? 2 ** 32 : 7;
      database.records.set("k", record(100 - pnn, 0, `from ${pnn}`));
      if (pnn === 0) database.records.set("rolled back", record(1, 0, "x"));
    }
    const { error } = await recover(cluster);
    assert.equal(error, undefined);
    for (const pnn of ALL) {
      const records = cluster.node(pnn).databases.get(PERSISTENT)?.records;
      assert.deepEqual([...(records ?? [])], [["k", record(98, 0, "from 2")]]);
    }
  });

  it("takes the leader's own copy among equal sequence numbers, and claims replicated records", async () => {
    const cluster = await daemons();
    for (const pnn of ALL) {
      cluster
        .node(pnn)
        .attach(REPLICATED, "r.tdb", DbFlag.REPLICATED)
        .records.set("k", record(1, 2, `from ${pnn}`));
    }
    const { error } = await recover(cluster);
    assert.equal(error, undefined);
    assert.deepEqual(
      cluster.node(2).databases.get(REPLICATED)?.records.get("k"),
      record(1, LEADER, `from ${LEADER}`, RecordFlag.MIGRATED_WITH_DATA),
    );
  });

  it("attaches databases where they are missing", async () => {
    const cluster = await daemons();
    cluster
      .node(2)
      .attach(VOLATILE, "v.tdb")
      .records.set("k", record(2, 2, "x"));
    const { error } = await recover(cluster);
    assert.equal(error, undefined);
    for (const pnn of ALL) assert.equal(cluster.node(pnn).databases.get(VOLATILE)?.records.size, 1);
  });

  it("leaves out a node that says of itself that it is inactive, whatever others believe", async () => {
    const cluster = await daemons();
    for (const pnn of ALL) cluster.node(pnn).attach(VOLATILE, "v.tdb");
    cluster.node(0).flags[0] = NodeFlag.STOPPED;
    const { error } = await recover(cluster);
    assert.equal(error, undefined);
    assert.deepEqual(cluster.node(LEADER).vnnMap.map, [1, 2]);
    assert.ok(!controlsTo(cluster, 0).includes("SET_RECMODE"));
    assert.ok(!controlsTo(cluster, 0).includes("push"), "records go to members only");
  });

  it("makes the leader the only lmaster when nobody has the capability", async () => {
    const cluster = await daemons();
    for (const pnn of ALL) cluster.node(pnn).capabilities = 1;
    await recover(cluster);
    assert.deepEqual(cluster.node(0).vnnMap.map, [LEADER]);
  });

  it("recovers the other databases when one cannot be frozen, and bans the node in whose way it stands", async () => {
    const cluster = await daemons();
    for (const pnn of ALL) {
      cluster.node(pnn).attach(VOLATILE, "stuck.tdb");
      cluster
        .node(pnn)
        .attach(0x11, "fine.tdb")
        .records.set("k", record(1, pnn, "x"));
    }
    cluster.intercept = (name, dest, request) =>
      name === "DB_FREEZE" && dest === 2 && request === VOLATILE ? new Promise<void>(() => undefined) : undefined;
    const { error } = await recover(cluster);
    assert.ok(error instanceof RecoveryFailedError);
    assert.equal(cluster.node(0).databases.get(0x11)?.generation, GENERATION);
    assert.equal(cluster.node(0).databases.get(0x11)?.frozen, false);
    assert.deepEqual(
      cluster.nodes.map((node) => node.bans),
      [[], [], [300]],
    );
    assert.equal(cluster.node(0).recoveryMode, RecoveryMode.ACTIVE);
  });

  it("does not ban a node that has become inactive itself", async () => {
    const cluster = await daemons();
    for (const pnn of ALL) cluster.node(pnn).attach(VOLATILE, "v.tdb");
    cluster.intercept = (name, dest) => {
      if (name !== "DB_FREEZE" || dest !== 2) return undefined;
      cluster.node(2).flags[2] = NodeFlag.STOPPED;
      throw new FakeControlError(-1, "no");
    };
    await recover(cluster);
    assert.deepEqual(cluster.node(2).bans, []);
  });

  it("succeeds in the second attempt when a database failed once", async () => {
    const cluster = await daemons();
    for (const pnn of ALL)
      cluster
        .node(pnn)
        .attach(VOLATILE, "v.tdb")
        .records.set(`k${pnn}`, record(1, pnn, "x"));
    let failures = 0;
    cluster.intercept = (name, dest) => {
      if (name === "DB_TRANSACTION_COMMIT" && dest === 0 && failures++ === 0) throw new FakeControlError(-1, "once");
      return undefined;
    };
    const { error } = await recover(cluster);
    assert.equal(error, undefined);
    assert.equal(cluster.node(2).databases.get(VOLATILE)?.records.size, 3);
  });

  it("fails when a node announces another number of records than it sent", async () => {
    const cluster = await daemons();
    for (const pnn of ALL)
      cluster
        .node(pnn)
        .attach(VOLATILE, "v.tdb")
        .records.set("k", record(1, pnn, "x"));
    cluster.lieAboutCount = 2;
    const { error } = await recover(cluster);
    assert.ok(error instanceof RecoveryFailedError);
    assert.deepEqual(cluster.node(2).bans, [300], "three failures of one node");
    assert.equal(cluster.node(LEADER).databases.get(VOLATILE)?.records.size, 1, "nothing was wiped");
  });

  it("fails when members disagree on the type of a database", async () => {
    const cluster = await daemons();
    cluster.node(0).attach(VOLATILE, "v.tdb");
    cluster.node(1).attach(VOLATILE, "v.tdb", DbFlag.PERSISTENT);
    const { error } = await recover(cluster);
    assert.match(String(error), /Incompatible database flags/);
  });

  it("fails when members know a database by different names, and recovers the others", async () => {
    const cluster = await daemons();
    for (const pnn of ALL) {
      cluster.node(pnn).attach(VOLATILE, pnn === 2 ? "other.tdb" : "v.tdb");
      cluster.node(pnn).attach(0x11, "fine.tdb");
    }
    const { error, done } = await recover(cluster);
    assert.ok(done, "it does not wait for that database for ever");
    assert.match(String(error), /1 could not be recovered/);
    assert.ok(cluster.node(LEADER).logger.lines.some((line) => /is other\.tdb, not v\.tdb/.test(line)));
    assert.equal(cluster.node(0).databases.get(0x11)?.generation, GENERATION);
  });

  const steps: ControlName[] = [
    "GET_NODEMAP",
    "GET_CAPABILITIES",
    "SET_RECMODE",
    "START_RECOVERY",
    "SETVNNMAP",
    "GET_DBMAP",
    "GET_DBNAME",
    "DB_ATTACH",
    "DB_FREEZE",
    "DB_TRANSACTION_START",
    "DB_PULL",
    "GET_DB_SEQNUM",
    "WIPE_DATABASE",
    "DB_PUSH_START",
    "PING",
    "DB_PUSH_CONFIRM",
    "DB_TRANSACTION_COMMIT",
    "DB_THAW",
    "END_RECOVERY",
  ];
  const prepared = async (): Promise<FakeCluster> => {
    const cluster = await daemons();
    for (const pnn of ALL) {
      cluster
        .node(pnn)
        .attach(VOLATILE, "v.tdb")
        .records.set("k", record(pnn + 1, pnn, "x"));
      cluster
        .node(pnn)
        .attach(PERSISTENT, "p.tdb", DbFlag.PERSISTENT)
        .records.set("k", record(1, 0, "x"));
    }
    cluster.node(0).attach(0x11, "only-here.tdb");
    return cluster;
  };

  for (const step of steps) {
    it(`fails, leaves nothing registered, and works the next time, when ${step} fails on a node`, async () => {
      const cluster = await prepared();
      cluster.intercept = (name, dest) => {
        if (name === step && dest === 2) throw new FakeControlError(-1, "refused");
        return undefined;
      };
      const { error, done } = await recover(cluster);
      assert.ok(done);
      const unaffected = step === "GET_DB_SEQNUM" ? false : error === undefined;
      assert.equal(unaffected, false, "the failure shows");
      assert.equal(cluster.node(LEADER).registeredSrvids, 0);
      cluster.intercept = undefined;
      for (const node of cluster.nodes) node.becomeActive(NodeFlag.BANNED);
      const again = await recover(cluster);
      assert.equal(again.error, undefined);
      assert.equal(cluster.node(2).recoveryMode, RecoveryMode.NORMAL);
    });

    it(`stops at once and leaves nothing registered when it is aborted during ${step}`, async () => {
      const cluster = await prepared();
      const abort = new AbortController();
      const reason = new Error("leader changed");
      cluster.intercept = (name, dest) => {
        if (name !== step || dest !== 0) return undefined;
        cluster.time.after(5, () => abort.abort(reason));
        return new Promise<void>(() => undefined);
      };
      const { error, done } = await recover(cluster, { signal: abort.signal, limitMs: 1000 });
      if (step === "DB_ATTACH") return; // node 0 has all databases
      assert.ok(done, "it has ended");
      assert.equal(error, reason);
      await cluster.time.advanceSettled(100);
      assert.equal(cluster.node(LEADER).registeredSrvids, 0);
      cluster.intercept = undefined;
      assert.equal((await recover(cluster)).error, undefined);
    });
  }
});
