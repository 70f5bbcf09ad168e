import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NodeFlag, RecoveryMode } from "../../../src/protocol/index.js";
import { SeededRandom } from "../../../src/simulator/seeded-random.js";
import { FakeCluster } from "./fake-cluster.js";

/** Stories told in each mode; CTDB_TEST_SEEDS tells more of them. */
const SEEDS = Number(process.env["CTDB_TEST_SEEDS"] ?? 10);
const FAULTS = 12;
const NODES = 4;
const ALL = Array.from({ length: NODES }, (_, pnn) => pnn);

/** With a lock nobody but its holder may act as leader. */
function checkLeaders(cluster: FakeCluster, lock: boolean, context: string): void {
  if (!lock) return;
  for (const pnn of cluster.leaders()) {
    assert.equal(cluster.lockFile.holder, pnn, `${context}: node ${pnn} leads without the lock`);
  }
}

async function story(seed: number, lock: boolean): Promise<void> {
  const cluster = new FakeCluster(NODES, { lock });
  const random = new SeededRandom(seed, "faults");
  for (const pnn of ALL) {
    cluster.node(pnn).attach(1, "one.tdb").records.set(`from ${pnn}`, { rsn: 1, dmaster: pnn, flags: 0, value: "x" });
    await cluster.boot(pnn, random.below(3));
  }
  const told: string[] = [];
  const tell = (text: string): void => {
    told.push(`${Math.round(cluster.time.now())} ${text}`);
  };
  const run = async (ms: number): Promise<void> => {
    for (let spent = 0; spent < ms; spent += 50) {
      await cluster.time.advanceSettled(50);
      checkLeaders(cluster, lock, `seed ${seed}: ${told.join("; ")}`);
    }
  };
  for (let fault = 0; fault < FAULTS; fault++) {
    const node = cluster.node(random.below(NODES));
    const { pnn } = node;
    const other = random.below(NODES);
    switch (random.below(7)) {
      case 0:
        if (node.up) {
          tell(`kill ${pnn}`);
          cluster.kill(pnn);
        } else {
          tell(`boot ${pnn}`);
          await cluster.boot(pnn);
        }
        break;
      case 1:
        if (node.up) {
          tell(`stop ${pnn}`);
          node.becomeInactive(NodeFlag.STOPPED);
        }
        break;
      case 2:
        if (node.up) {
          tell(`continue ${pnn}`);
          node.becomeActive(NodeFlag.STOPPED | NodeFlag.BANNED);
        }
        break;
      case 3:
        if (node.up && cluster.node(other).up && other !== pnn) {
          tell(`cut ${pnn}-${other}`);
          cluster.disconnect(pnn, other);
        }
        break;
      case 4:
        if (node.up && cluster.node(other).up && other !== pnn) {
          tell(`join ${pnn}-${other}`);
          cluster.connect(pnn, other);
        }
        break;
      case 5:
        tell("lose the lock");
        cluster.lockFile.loseLock();
        break;
      case 6:
        if (node.up) {
          tell(`recovery mode ${pnn}`);
          node.execute("SET_RECMODE", RecoveryMode.ACTIVE, pnn);
        }
        break;
    }
    await run(random.below(4) === 0 ? 4000 : random.below(600));
  }
  tell("all well again");
  for (const node of cluster.nodes) if (!node.up) await cluster.boot(node.pnn);
  for (const a of ALL) for (const b of ALL) if (a < b) cluster.connect(a, b);
  for (const node of cluster.nodes) node.becomeActive(NodeFlag.STOPPED | NodeFlag.BANNED);
  const context = `seed ${seed}, lock ${lock}: ${told.join("; ")}`;
  const settled = (): boolean => cluster.healthy(ALL) && cluster.leaders().length === 1;
  try {
    await cluster.time.until(settled, 30_000, context);
  } catch (error) {
    for (const node of cluster.nodes) console.log(`node ${node.pnn}\n${node.logger.lines.slice(-25).join("\n")}`);
    throw error;
  }
  await run(15_000);
  assert.ok(settled(), `it stays well: ${context}`);
  for (const node of cluster.nodes) assert.deepEqual(node.bans, [], `nobody is banned: ${context}`);
}

describe("a cluster under random faults", () => {
  for (const lock of [true, false]) {
    it(`is well again within 30 s ${lock ? "with" : "without"} a cluster lock, and nobody leads without the lock`, async () => {
      for (let seed = 1; seed <= SEEDS; seed++) await story(seed * 7919, lock);
    });
  }
});
