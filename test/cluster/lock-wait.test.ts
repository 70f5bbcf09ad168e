// A process beside a node daemon holds a record: the daemon serves everybody else meanwhile, then the record moves on.
// And a recovery in which that happens names the process.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { connect } from "../../src/client/index.js";
import { killLeftovers, TdbPeer } from "../interop/tdb-peer.js";
import { awaitCondition } from "./await-condition.js";
import { type ClusterNode, runProgram } from "./cluster-node.js";
import { withCluster } from "./local-cluster.js";

const PINGS = 100;
const LIMIT_MS = 120_000;
after(killLeftovers);

for (const mutexes of [true, false]) {
  const mode = mutexes ? "mutexes" : "fcntl locks";
  test(`a record that a process holds stops neither pings nor other records (${mode})`, async () => {
    await withCluster(
      { kinds: ["ts", "ts"], clusterLock: false, configLines: { database: [`tdb mutexes = ${mutexes}`] } },
      async (cluster) => {
        const dbId = await cluster.attach("held.tdb");
        await using here = await connect({ socketPath: cluster.node(0).socketPath });
        await using there = await connect({ socketPath: cluster.node(1).socketPath });
        const mine = await here.attach("held.tdb");
        const theirs = await there.attach("held.tdb");
        for (const key of ["held", "free-1", "free-2", "free-3"]) {
          const record = await mine.fetchLock(key);
          record.store(Buffer.from("from node 0"));
          record.release();
        }
        const flags = await here.control("DB_OPEN_FLAGS", dbId);
        assert.equal((flags & 0x1000) !== 0, mutexes);
        const peer = await TdbPeer.open(join(cluster.node(0).base, "db/volatile/held.tdb.0"), flags);
        assert.equal(await peer.ask("chainlock held"), "0");
        let hasMoved = false;
        const moved = theirs.fetchLock("held", { timeoutMs: LIMIT_MS }).then((record) => {
          hasMoved = true;
          const value = record.value?.toString();
          record.release();
          return value;
        });
        await awaitCondition("its request waits", { timeoutMs: LIMIT_MS }, async () => {
          return (await lockHolders(cluster.node(0))).total > 0;
        });
        for (const key of ["free-1", "free-2", "free-3"]) {
          const record = await theirs.fetchLock(key, { timeoutMs: LIMIT_MS });
          assert.equal(record.value?.toString(), "from node 0");
          record.release();
        }
        for (let i = 0; i < PINGS; i++) await here.control("PING", undefined);
        assert.equal(hasMoved, false);
        assert.equal(await peer.ask("chainunlock held"), "0");
        assert.equal(await moved, "from node 0");
        await peer.kill();
      },
    );
  });
}

interface LockWaitsJson {
  readonly total: number;
  readonly waits: readonly {
    readonly database: { readonly name: string };
    readonly chain: number | null;
    readonly key: string | null;
    readonly waitedSeconds: number;
    readonly requests: number;
    readonly holders: readonly {
      readonly pid: number;
      readonly commandLine: string;
      readonly keys: readonly string[];
    }[];
  }[];
}

async function lockHolders(node: ClusterNode, args: readonly string[] = []): Promise<LockWaitsJson> {
  const tool = join(__PROJECT_ROOT__, "bin/ctdb");
  const { stdout, stderr } = await runProgram(tool, ["--json", "lockholders", ...args], node.env, LIMIT_MS);
  assert.equal(stderr, "");
  return JSON.parse(stdout) as LockWaitsJson;
}

for (const mutexes of [true, false]) {
  const mode = mutexes ? "mutexes" : "fcntl locks";
  test(`\`ctdb lockholders\` names the process that holds a record, and the one that a freeze waits for (${mode})`, async () => {
    const configLines = { database: [`tdb mutexes = ${mutexes}`] };
    const options = { kinds: ["ts", "ts"], clusterLock: false, configLines } as const;
    await withCluster({ ...options, tunables: { RerecoveryTimeout: 1 } }, async (cluster) => {
      const node = cluster.node(0);
      const dbId = await cluster.attach("held.tdb");
      await cluster.attach("other.tdb");
      await using here = await connect({ socketPath: node.socketPath });
      await using there = await connect({ socketPath: cluster.node(1).socketPath });
      const mine = await here.attach("held.tdb");
      const theirs = await there.attach("held.tdb");
      const record = await mine.fetchLock("held");
      record.store(Buffer.from("x"));
      record.release();
      assert.deepEqual(await lockHolders(node), { total: 0, waits: [] });

      const flags = await here.control("DB_OPEN_FLAGS", dbId);
      const peer = await TdbPeer.open(join(node.base, "db/volatile/held.tdb.0"), flags);
      assert.equal(await peer.ask("chainlock held"), "0");
      const moved = theirs.fetchLock("held", { timeoutMs: LIMIT_MS });
      await awaitCondition("the call waits", { timeoutMs: LIMIT_MS }, async () => (await lockHolders(node)).total > 0);
      const { waits } = await lockHolders(node, ["held.tdb"]);
      const [wait] = waits;
      assert.ok(waits.length === 1 && wait !== undefined);
      assert.deepEqual(
        [wait.database.name, wait.key, wait.requests],
        ["held.tdb", Buffer.from("held").toString("hex"), 1],
      );
      assert.ok(wait.chain !== null && wait.waitedSeconds >= 0);
      assert.deepEqual(
        wait.holders.map((holder) => holder.pid),
        [peer.pid],
      );
      assert.match(wait.holders[0]?.commandLine ?? "", /^\/usr\/bin\/python3 .*tdb_peer\.py/);
      assert.ok(wait.holders[0]?.keys.includes(Buffer.from("held").toString("hex")));
      assert.deepEqual(await lockHolders(node, ["other.tdb"]), { total: 0, waits: [] });

      const recovered = node.ctdb(["recover"], LIMIT_MS);
      await awaitCondition("the freeze waits", { timeoutMs: LIMIT_MS }, async () => {
        const freeze = (await lockHolders(node)).waits.find((one) => one.chain === null);
        return freeze?.database.name === "held.tdb" && freeze.holders.some((holder) => holder.pid === peer.pid);
      });
      assert.equal(await peer.ask("chainunlock held"), "0");
      (await moved).release();
      await recovered;
      await cluster.healthy();
      assert.deepEqual(await lockHolders(node), { total: 0, waits: [] });
      await peer.kill();
    });
  });
}

test("a recovery that waits for a record's holder says who that is, and goes on when the record is given up", async () => {
  const options = { kinds: ["ts", "ts"], clusterLock: false, tunables: { RerecoveryTimeout: 1 } } as const;
  await withCluster(options, async (cluster) => {
    const dbId = await cluster.attach("held.tdb");
    await using here = await connect({ socketPath: cluster.node(0).socketPath });
    const flags = await here.control("DB_OPEN_FLAGS", dbId);
    const peer = await TdbPeer.open(join(cluster.node(0).base, "db/volatile/held.tdb.0"), flags);
    assert.equal(await peer.ask("chainlock held"), "0");
    const before = (await cluster.view(0)).generation;
    const recovered = cluster.node(0).ctdb(["recover"], LIMIT_MS);
    await awaitCondition("the holder in the log", { timeoutMs: LIMIT_MS }, async () =>
      cluster.node(0).log.includes(`Freeze of database held.tdb waits for pid ${peer.pid} (/usr/bin/python3`),
    );
    assert.equal(await peer.ask("chainunlock held"), "0");
    await recovered;
    const view = await cluster.healthy();
    assert.notEqual(view.generation, before);
    assert.equal(await peer.ask("chainlock held"), "0");
    assert.equal(await peer.ask("chainunlock held"), "0");
    await peer.kill();
  });
});
