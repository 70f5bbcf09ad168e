// Transactions in clusters of C and our nodes, and the controls behind them, answered by both.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ControlName, type ControlRequest, type RecData, writeRecordHeader } from "../../src/protocol/index.js";
import { awaitCondition } from "../cluster/await-condition.js";
import type { ClusterNode, NodeKind } from "../cluster/cluster-node.js";
import { type LocalCluster, withCluster } from "../cluster/local-cluster.js";
import { type NodeProbe, ProbeControlError } from "../cluster/node-probe.js";
import { PairWriter, SEQUENCE_NUMBER_KEY } from "../cluster/pair-writer.js";
import { checkEqualCopies, persistentFile, sequenceNumberIn } from "../cluster/persistent-files.js";
import { chosenMixes, kindsOf, mixTitle } from "./cluster-mixes.js";
import { dumpFile } from "./record-dump.js";

const P = "p.tdb";
const R = "r.tdb";
const V = "v.tdb";
/** So that a recovery that must follow another one does so soon. */
const TUNABLES = { RerecoveryTimeout: 1 };

async function attachOnAll(cluster: LocalCluster, pnn: number, name: string, words: readonly string[]): Promise<void> {
  await cluster.node(pnn).ctdbOk(["attach", name, ...words]);
  await awaitCondition(`${name} on all nodes`, { timeoutMs: 60_000 }, async () => {
    for (const node of cluster.nodes) if (!(await node.ctdbOk(["getdbmap"])).includes(name)) return false;
    return true;
  });
}

function record(key: string, rsn: number, dmaster: number, text: string): RecData {
  const data = Buffer.alloc(24 + Buffer.byteLength(text));
  writeRecordHeader(data, 0, rsn, dmaster, 0);
  data.write(text, 24);
  return { reqid: 0, key: Buffer.from(key), data };
}

/** Status of a control. */
async function statusOf<N extends ControlName>(probe: NodeProbe, name: N, request: ControlRequest<N>): Promise<string> {
  try {
    await probe.control(name, request, { timeoutMs: 60_000 });
    return "0";
  } catch (error) {
    if (error instanceof ProbeControlError) return String(error.status);
    throw error;
  }
}

for (const mix of chosenMixes(["ctt"], ["tcc", "ccc", "ttt", "ttc"])) {
  test(`transactions of all nodes of ${mixTitle(mix)} are on all of them, also when nodes were away`, async () => {
    await withCluster({ kinds: kindsOf(mix), tunables: TUNABLES }, async (cluster) => {
      await attachOnAll(cluster, 0, P, ["persistent"]);
      await attachOnAll(cluster, 1, R, ["replicated"]);
      const fileOfP = (node: ClusterNode): string => persistentFile(node, P);
      const fileOfR = (node: ClusterNode): string => node.volatileFile(R);
      await Promise.all(
        cluster.nodes.map(async (node) => {
          for (let i = 0; i < 3; i++) {
            await node.ctdbOk(["pstore", P, `own key ${node.pnn}`, `value ${i}`]);
            await node.ctdbOk(["pstore", P, "shared key", `value ${i} of ${node.pnn}`]);
            await node.ctdbOk(["pstore", R, "shared key", `value ${i} of ${node.pnn}`]);
          }
        }),
      );
      await cluster.node(2).ctdbOk(["pdelete", P, "own key 0"]);
      let records = checkEqualCopies(cluster, fileOfP);
      assert.equal(sequenceNumberIn(records), 19);
      assert.equal(sequenceNumberIn(checkEqualCopies(cluster, fileOfR)), 9);

      const backup = `${cluster.directory}/backup`;
      await cluster.node(1).ctdbOk(["backupdb", P, backup]);
      for (const away of [0, 1, 2]) {
        const others = [0, 1, 2].filter((pnn) => pnn !== away);
        await cluster.node(away).kill();
        await cluster.healthy(others);
        for (const pnn of others) {
          await cluster.node(pnn).ctdbOk(["pstore", P, "while away", `${pnn} without ${away}`]);
          await cluster.node(pnn).ctdbOk(["pstore", R, "while away", `${pnn} without ${away}`]);
        }
        cluster.node(away).start();
        await cluster.healthy();
        checkEqualCopies(cluster, fileOfP);
        checkEqualCopies(cluster, fileOfR);
        assert.match(await cluster.node(away).ctdbOk(["pfetch", P, "while away"]), new RegExp(`without ${away}`));
      }
      records = checkEqualCopies(cluster, fileOfP);
      assert.equal(sequenceNumberIn(records), 25);

      await cluster.node(0).ctdbOk(["wipedb", P]);
      for (const node of cluster.nodes) assert.equal(await node.ctdbOk(["pfetch", P, "while away"]), "\n");
      await cluster.node(2).ctdbOk(["restoredb", backup]);
      assert.equal(sequenceNumberIn(checkEqualCopies(cluster, fileOfP)), 19);
      await cluster.node(1).ctdbOk(["pstore", P, "own key 0", "again"]);
      assert.equal(sequenceNumberIn(checkEqualCopies(cluster, fileOfP)), 20);
    });
  });
}

for (const mix of chosenMixes(["tcc"], ["ctt", "ccc", "ttt", "ttc"])) {
  test(`nodes of ${mixTitle(mix)} killed amid transactions lose none that was acknowledged`, async () => {
    await withCluster({ kinds: kindsOf(mix), tunables: TUNABLES }, async (cluster) => {
      await attachOnAll(cluster, 0, P, ["persistent"]);
      const dbId = (await (await cluster.node(0).probe()).control("GET_DBMAP", undefined)).dbs[0]?.dbId;
      assert.ok(dbId !== undefined);
      const writer = new PairWriter(cluster, dbId);
      for (const victim of [0, 1, 2]) {
        const target = writer.acknowledged + 10;
        let killed = false;
        // Until one fails. None does if the victim has answered before its end and the others have recovered before the next one.
        const writing = (async () => {
          for (let i = 0; ; i++) {
            const pnn = (victim + 1 + (i % 2)) % 3;
            await writer.commit(pnn);
            if (killed && !(await cluster.view(pnn)).map.includes(victim)) return;
          }
        })().catch((error: unknown) => {
          if (!(error instanceof ProbeControlError)) throw error;
          assert.ok([-1, 2].includes(error.status), error.message);
        });
        await awaitCondition("some commits", { timeoutMs: 60_000, intervalMs: 1 }, () => writer.acknowledged >= target);
        await cluster.node(victim).kill();
        killed = true;
        await writing;
        cluster.node(victim).start();
        await cluster.healthy();
        await writer.look(victim);
        const records = checkEqualCopies(cluster, (node) => persistentFile(node, P));
        const left = records.get("left")?.value.toString();
        assert.equal(sequenceNumberIn(records), writer.certain);
        assert.equal(left, writer.acknowledgedText ?? left);
        assert.equal(records.get("right")?.value.toString(), left);
      }
    });
  });
}

test("UPDATE_RECORD, TRANS3_COMMIT and their questions are answered by our node as by a C node", async () => {
  const answersOf = async (kind: NodeKind): Promise<string[]> => {
    const answers: string[] = [];
    // Vacuuming would take records away.
    await withCluster({ kinds: [kind], tunables: { ...TUNABLES, VacuumInterval: 600 } }, async (cluster) => {
      // The updates of this test make a copy whose owner does not exist.
      cluster.checkedAtEnd = false;
      const node = cluster.node(0);
      const probe = await node.probe();
      const p = await probe.control("DB_ATTACH_PERSISTENT", P);
      const v = await cluster.attach(V);
      const key = Buffer.from("present");
      await probe.call(v, key, { migrate: true });
      const update = async (what: string, dbId: number, ...records: RecData[]): Promise<void> => {
        answers.push(`update ${what}: ${await statusOf(probe, "UPDATE_RECORD", { dbId, records })}`);
      };
      const commit = async (what: string, dbId: number, ...records: RecData[]): Promise<void> => {
        answers.push(`commit ${what}: ${await statusOf(probe, "TRANS3_COMMIT", { dbId, records })}`);
      };
      await update("of an unknown database", 0x1234, record("a", 1, 0, "x"));
      await update("of nothing", p);
      await update("of a new record", p, record("a", 5, 0, "x"));
      await update("with lower rsn and the same data", p, record("a", 4, 0, "x"));
      await update("with equal rsn and other data", p, record("a", 4, 0, "y"), record("b", 1, 0, "z"));
      await update("with rsn 0 and data", p, record("c", 0, 0, "x"));
      await update("with rsn 0 and no data", p, record("d", 0, 0, ""));
      await update("of an absent volatile record", v, record("absent", 5, 1, "x"));
      await update("of a present volatile record", v, record("present", 5, 1, "x"));
      await update("of the same, as new and different", v, record("present", 5, 1, "y"));
      await commit("to an unknown database", 0x1234, record("a", 9, 0, "x"));
      await commit("of a record", p, record("e", 1, 0, "x"), record("e", 2, 0, "y"));
      await commit("of nothing", p);
      answers.push(
        `sequence number ${await probe.control("GET_DB_SEQNUM", p)} ${await probe.control("GET_DB_SEQNUM", v)}`,
      );
      answers.push(`sequence number of nothing ${await statusOf(probe, "GET_DB_SEQNUM", 0x1234)}`);
      answers.push(
        `health ${await probe.control("DB_GET_HEALTH", p)}, ${await statusOf(probe, "DB_GET_HEALTH", 0x1234)}`,
      );
      answers.push(
        `set healthy ${await statusOf(probe, "DB_SET_HEALTHY", p)} ${await statusOf(probe, "DB_SET_HEALTHY", v)}`,
      );
      answers.push(`path ${(await probe.control("GETDBPATH", p)).slice(node.base.length)}`);
      answers.push(`flags ${await probe.control("DB_OPEN_FLAGS", p)}`);
      answers.push(`cancel ${await statusOf(probe, "CANCEL_PERSISTENT_UPDATE", undefined)}`);
      answers.push(`start ${await statusOf(probe, "START_PERSISTENT_UPDATE", undefined)}`);
      answers.push(`cancel ${await statusOf(probe, "CANCEL_PERSISTENT_UPDATE", undefined)}`);
      for (const file of [persistentFile(node, P), node.volatileFile(V)]) {
        const dump = [...dumpFile(file)].sort(([a], [b]) => (a < b ? -1 : 1));
        for (const [name, { rsn, dmaster, flags, value }] of dump) {
          // C daemons create it when they are asked for it.
          if (name === SEQUENCE_NUMBER_KEY && value.length === 0) continue;
          answers.push(`${JSON.stringify(name)}: ${rsn} ${dmaster} ${flags} ${value}`);
        }
      }
    });
    return answers;
  };
  const [ofC, ofOurs] = await Promise.all([answersOf("c"), answersOf("ts")]);
  assert.deepEqual(ofOurs, ofC);
});
