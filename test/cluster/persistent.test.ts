// Persistent and replicated databases on three of our nodes: transactions, what cuts them short, and what survives.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { RecoveryMode, TdbFlag } from "../../src/protocol/index.js";
import { libtdbOpener } from "../../src/tdb/libtdb.js";
import { awaitCondition } from "./await-condition.js";
import type { ClusterNode } from "./cluster-node.js";
import { type LocalCluster, withCluster } from "./local-cluster.js";
import { NodeProbe, ProbeControlError, ProbeLostError } from "./node-probe.js";
import { PairWriter } from "./pair-writer.js";
import { checkEqualCopies, persistentFile, sequenceNumberIn } from "./persistent-files.js";

const P = "p.tdb";
const Q = "q.tdb";
const R = "r.tdb";
const LIMIT_MS = 120_000;
/** Where the list of free space and the heads of the hash chains begin in a TDB file. */
const CHAINS_OFFSET = 168;
/** So that a recovery that must follow another one does so soon. A record that is vacuumed and made again begins with a lower rsn. */
const TUNABLES = { RerecoveryTimeout: 1, VacuumInterval: 600 };
/** Rounds of "commit, SIGKILL of some nodes, restart"; 200 take a quarter of an hour. */
const KILL_ROUNDS = Number(process.env["CTDB_TEST_KILL_ROUNDS"] ?? "6");

async function attach(cluster: LocalCluster, name: string, replicated = false): Promise<number> {
  const control = replicated ? "DB_ATTACH_REPLICATED" : "DB_ATTACH_PERSISTENT";
  const dbId = await (await cluster.node(0).probe()).control(control, name);
  await awaitCondition(`${name} on all nodes`, { timeoutMs: LIMIT_MS }, async () => {
    for (const node of cluster.nodes) {
      const map = await (await node.probe()).control("GET_DBMAP", undefined);
      if (!map.dbs.some((entry) => entry.dbId === dbId)) return false;
    }
    return true;
  });
  return dbId;
}

const fileOf = (database: string) => (node: ClusterNode) => persistentFile(node, database);

/** Holds a chain of a file, so that no transaction of it gets on; gives a function that lets go. */
async function holdChain(path: string, flags: number): Promise<() => Promise<void>> {
  const words = [join(__PROJECT_ROOT__, "test/interop/hold_chain.py"), path, String(flags), "left", "60"];
  const holder = spawn("/usr/bin/python3", words, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(holder, "exit");
  let said = "";
  holder.stdout.on("data", (bytes: Buffer) => {
    said += bytes.toString();
  });
  await awaitCondition("the chain is held", { timeoutMs: LIMIT_MS }, () => said.includes("held"));
  return async () => {
    holder.kill("SIGKILL");
    await ended;
  };
}

function commitHelpers(node: ClusterNode): number[] {
  return node.pids().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "latin1").startsWith("ctdb-commitd");
    } catch {
      return false; // It has ended meanwhile.
    }
  });
}

/** What a killed node does to its client. */
function isLoss(error: unknown): boolean {
  if (error instanceof ProbeControlError || error instanceof ProbeLostError) return true;
  return error instanceof Error && "code" in error && (error.code === "ECONNREFUSED" || error.code === "ECONNRESET");
}

/** What became of a commit that a recovery has ended: on a machine with other work a node may come late with its keepalives. */
async function afterRecovery(cluster: LocalCluster, writer: PairWriter, pnn: number, pnns?: number[]): Promise<void> {
  await cluster.healthy(pnns);
  await writer.look(pnn);
}

/** A commit that one node's locked file holds up while all others have stored it, and what becomes of it. */
async function heldCommit(cluster: LocalCluster, writer: PairWriter, pnn: number) {
  const letGo = await holdChain(persistentFile(cluster.node(pnn), P), TdbFlag.DISALLOW_NESTING);
  const updates = () =>
    Promise.all(cluster.nodes.map(async (node) => (await node.probe()).control("STATISTICS", undefined)));
  const before = await updates();
  let outcome: unknown = "pending";
  const over = writer.commit(0).then(
    () => {
      outcome = "acknowledged";
    },
    (error: unknown) => {
      outcome = error;
    },
  );
  // A helper of another node that has not begun by the time of a recovery would not be let do it any more.
  await awaitCondition("the update waits for one file, and is in the others", { timeoutMs: LIMIT_MS }, async () =>
    (await updates()).every(
      ({ childwriteCalls, pendingChildwriteCalls }, i) =>
        childwriteCalls > (before[i]?.childwriteCalls ?? 0) && pendingChildwriteCalls === (i === pnn ? 1 : 0),
    ),
  );
  return { letGo, over, outcome: () => outcome };
}

test("transactions of several writers on all nodes are on all nodes, each once", async () => {
  await withCluster({ kinds: ["ts", "ts", "ts"], tunables: TUNABLES }, async (cluster) => {
    await attach(cluster, P);
    await attach(cluster, R, true);
    await Promise.all(
      cluster.nodes.map(async (node) => {
        for (let i = 0; i < 5; i++) {
          await node.ctdbOk(["-t", "60", "pstore", P, `key of ${node.pnn} ${i}`, `value ${i}`], LIMIT_MS);
          await node.ctdbOk(["-t", "60", "pstore", R, "shared", `${node.pnn} ${i}`], LIMIT_MS);
        }
      }),
    );
    await cluster.node(1).ctdbOk(["pdelete", P, "key of 0 0"]);
    const records = checkEqualCopies(cluster, fileOf(P));
    assert.equal(sequenceNumberIn(records), 16);
    assert.equal(records.size, 15);
    const replicated = checkEqualCopies(cluster, (node) => node.volatileFile(R));
    assert.equal(sequenceNumberIn(replicated), 15);
    assert.equal(replicated.get("shared")?.rsn, 15);
    for (const node of cluster.nodes) {
      assert.equal(await node.ctdbOk(["pfetch", P, "key of 2 4"]), "value 4\n");
      assert.equal(await node.ctdbOk(["getdbseqnum", P]), "0x10\n");
      assert.match(await node.ctdbOk(["getdbmap"]), /r\.tdb .*volatile\/r\.tdb\.\d REPLICATED/);
    }

    // A replicated database lives as long as one node does.
    await cluster.node(2).kill();
    await cluster.healthy([0, 1]);
    cluster.node(2).start();
    await cluster.healthy();
    assert.equal(sequenceNumberIn(checkEqualCopies(cluster, (node) => node.volatileFile(R))), 15);
  });
});

test("a transaction that is held up holds up no other database, and goes on when it can", async () => {
  await withCluster({ kinds: ["ts", "ts", "ts"], tunables: TUNABLES }, async (cluster) => {
    const writer = new PairWriter(cluster, await attach(cluster, P));
    const other = new PairWriter(cluster, await attach(cluster, Q));
    const held = await heldCommit(cluster, writer, 1);
    for (let i = 0; i < 20; i++) await other.commit(1 + (i % 2));
    assert.equal(held.outcome(), "pending");
    await held.letGo();
    await held.over;
    assert.equal(held.outcome(), "acknowledged");
    assert.equal(sequenceNumberIn(checkEqualCopies(cluster, fileOf(P))), 1);
    assert.equal(sequenceNumberIn(checkEqualCopies(cluster, fileOf(Q))), 20);
  });
});

test("a commit whose helper dies, whose client leaves, or that a recovery cuts short leaves all nodes equal", async () => {
  await withCluster({ kinds: ["ts", "ts", "ts"], tunables: TUNABLES }, async (cluster) => {
    const dbId = await attach(cluster, P);
    const writer = new PairWriter(cluster, dbId);
    await writer.commit(0);

    let held = await heldCommit(cluster, writer, 1);
    for (const pid of commitHelpers(cluster.node(1))) process.kill(pid, "SIGKILL");
    await held.letGo();
    await held.over;
    assert.ok(held.outcome() instanceof ProbeControlError);
    assert.equal(writer.endedByRecovery, 1);
    await cluster.healthy();
    // The other two nodes had stored it: so it is everywhere.
    await writer.look(1);
    assert.equal(writer.certain, 2);
    await writer.commit(1);
    assert.equal(sequenceNumberIn(checkEqualCopies(cluster, fileOf(P))), 3);

    held = await heldCommit(cluster, writer, 2);
    const before = (await cluster.view(0)).generation;
    (await cluster.node(0).probe()).close();
    await held.over;
    assert.ok(held.outcome() instanceof ProbeLostError);
    await held.letGo();
    await awaitCondition("a recovery after the client left", { timeoutMs: LIMIT_MS }, async () => {
      return (await cluster.view(0)).generation !== before;
    });
    await cluster.healthy();
    await writer.look(2);
    await writer.commit(2);
    assert.equal(sequenceNumberIn(checkEqualCopies(cluster, fileOf(P))), 5);

    // A node that is locked up refuses the freeze as long as the holder stays; the recovery goes on once it is gone.
    held = await heldCommit(cluster, writer, 1);
    const { log } = cluster.node(1);
    await (await cluster.node(0).probe()).control("SET_RECMODE", RecoveryMode.ACTIVE);
    await awaitCondition("the freeze waits for the holder", { timeoutMs: LIMIT_MS }, () =>
      cluster.node(1).log.slice(log.length).includes(`Freeze of database ${P} waits for`),
    );
    assert.equal(held.outcome(), "pending");
    await held.letGo();
    await held.over;
    assert.ok(held.outcome() instanceof ProbeControlError);
    assert.equal(writer.endedByRecovery, 2);
    await cluster.healthy();
    await writer.look(0);
    await writer.commit(0);
    checkEqualCopies(cluster, fileOf(P));
  });
});

test("wipedb and restoredb amid transactions leave all nodes equal", async () => {
  await withCluster({ kinds: ["ts", "ts", "ts"], tunables: TUNABLES }, async (cluster) => {
    const writer = new PairWriter(cluster, await attach(cluster, P));
    for (let i = 0; i < 5; i++) await writer.commit(0);
    const backup = join(cluster.directory, "backup");
    await cluster.node(0).ctdbOk(["backupdb", P, backup]);
    for (const command of [
      ["wipedb", P],
      ["restoredb", backup],
      ["wipedb", P],
    ]) {
      // The content goes away under the writer: its transactions may fail, or stand alone.
      let writing = true;
      const stream = (async () => {
        while (writing) {
          await cluster.node(2).ctdb(["pstore", P, "busy", String(performance.now())]);
        }
      })();
      await cluster.node(1).ctdb(command);
      writing = false;
      await stream;
      await cluster.checkAtRest();
      checkEqualCopies(cluster, fileOf(P));
    }
  });
});

test("a second commit of a client, of a stranger's database, or during recovery is refused, without harm", async () => {
  await withCluster({ kinds: ["ts", "ts"], tunables: TUNABLES }, async (cluster) => {
    const dbId = await attach(cluster, P);
    const volatile = await cluster.attach("v.tdb");
    const probe = await NodeProbe.open(cluster.node(0).socketPath);
    const refused = (id: number) =>
      assert.rejects(probe.control("TRANS3_COMMIT", { dbId: id, records: [] }), (error) => {
        return error instanceof ProbeControlError && error.status === -1;
      });
    await refused(0x1234);
    await refused(volatile);
    const writer = new PairWriter(cluster, dbId);
    const held = await heldCommit(cluster, writer, 1);
    await refused(dbId);
    await held.letGo();
    await held.over;
    assert.equal(held.outcome(), "acknowledged");
    await probe.control("START_PERSISTENT_UPDATE", undefined);
    const before = (await cluster.view(0)).generation;
    probe.close();
    await awaitCondition("a recovery after the client left", { timeoutMs: LIMIT_MS }, async () => {
      return (await cluster.view(0)).generation !== before;
    });
    await cluster.healthy();
  });
});

test("what is not to be trusted, or is corrupt, keeps a node from starting and says why", async () => {
  await withCluster({ kinds: ["ts"] }, async (cluster) => {
    const node = cluster.node(0);
    await attach(cluster, P);
    await node.ctdbOk(["pstore", P, "a", "1"]);
    await node.kill();
    const path = join(node.base, "db/state/persistent_health.tdb.0");
    let health = libtdbOpener.open({ path, flags: TdbFlag.DISALLOW_NESTING });
    health.store(Buffer.from(P), Buffer.from("it smells"));
    health.close();
    node.start();
    assert.notEqual(await node.exited(LIMIT_MS), 0);
    assert.match(node.log, /it smells/);
    health = libtdbOpener.open({ path, flags: TdbFlag.DISALLOW_NESTING });
    health.delete(Buffer.from(P));
    health.close();
    node.start();
    await cluster.healthy();
    assert.equal(await node.ctdbOk(["pfetch", P, "a"]), "1\n");

    await node.kill();
    const file = readFileSync(fileOf(P)(node));
    const corrupt = Buffer.from(file);
    // Behind the header: hash chains that lead nowhere.
    corrupt.fill(0xee, CHAINS_OFFSET, CHAINS_OFFSET + 4096);
    writeFileSync(fileOf(P)(node), corrupt);
    const before = node.log.length;
    node.start();
    assert.notEqual(await node.exited(LIMIT_MS), 0);
    assert.match(node.log.slice(before), new RegExp(P.replace(".", "\\.")));
    assert.deepEqual(readFileSync(fileOf(P)(node)), corrupt, "nobody else has written to it");
    writeFileSync(fileOf(P)(node), file);
    node.start();
    await cluster.healthy();
    assert.equal(await node.ctdbOk(["pfetch", P, "a"]), "1\n");
  });
});

test(`of ${KILL_ROUNDS} rounds of commits and SIGKILL no acknowledged transaction is lost and none is half done`, async (context) => {
  await withCluster({ kinds: ["ts", "ts", "ts"], tunables: TUNABLES }, async (cluster) => {
    const writer = new PairWriter(cluster, await attach(cluster, P));
    let seed = 20260;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fff_ffff;
      return (seed >>> 8) % below;
    };
    for (let round = 0; round < KILL_ROUNDS; round++) {
      // The writer's node among them or not; every third time all nodes.
      const all = round % 3 === 2;
      const victims = new Set(all ? [0, 1, 2] : [random(3), random(3)]);
      const commitsBefore = 3 + random(40);
      let killing = false;
      const write = async (): Promise<void> => {
        for (let i = 0; ; i++) {
          try {
            await writer.commit(i % 3);
          } catch (error) {
            if (!isLoss(error)) throw error;
            if (killing) return;
            await afterRecovery(cluster, writer, i % 3);
          }
        }
      };
      const writing = write();
      const target = writer.acknowledged + commitsBefore;
      await awaitCondition("some commits", { timeoutMs: LIMIT_MS, intervalMs: 1 }, () => writer.acknowledged >= target);
      killing = true;
      await Promise.all([...victims].map((pnn) => cluster.node(pnn).kill()));
      await writing;
      // The others go on without them: what the dead had alone must not come back over that.
      const survivors = [0, 1, 2].filter((pnn) => !victims.has(pnn));
      const [survivor] = survivors;
      if (survivor !== undefined && round % 2 === 0) {
        await cluster.healthy(survivors);
        await writer.look(survivor);
        const target = writer.certain + 3;
        while (writer.certain < target) {
          try {
            await writer.commit(survivor);
          } catch (error) {
            if (!isLoss(error)) throw error;
            await afterRecovery(cluster, writer, survivor, survivors);
          }
        }
      }
      for (const pnn of victims) cluster.node(pnn).start();
      await cluster.healthy();
      await writer.look(round % 3);
      const records = checkEqualCopies(cluster, fileOf(P));
      const left = records.get("left")?.value.toString() ?? "";
      assert.equal(sequenceNumberIn(records), writer.certain, `round ${round}`);
      assert.equal(left, writer.acknowledgedText ?? left, `round ${round}`);
      assert.ok(left.startsWith(`${writer.certain}, `), `round ${round}: ${left} as number ${writer.certain}`);
      assert.equal(records.get("right")?.value.toString(), left, `round ${round}`);
    }
    context.diagnostic(`${writer.acknowledged} acknowledged, ${writer.endedByRecovery} ended by recovery`);
  });
});
