// The look over a cluster at rest finds what is wrong in it, and little else: otherwise no test would be worth its end.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { writeRecordHeader } from "../../src/protocol/index.js";
import type { ClusterNode } from "./cluster-node.js";
import { type LocalCluster, withCluster } from "./local-cluster.js";

const STORE = `
import os, sys, tdb
path, flags, key, value = sys.argv[1:]
tdb.open(path, 0, int(flags), os.O_RDWR)[bytes.fromhex(key)] = bytes.fromhex(value)
`;

/** Stores a record behind the daemon's back. */
async function store(node: ClusterNode, dbId: number, key: string, rsn: number, dmaster: number): Promise<void> {
  const probe = await node.probe();
  const [path, flags] = await Promise.all([probe.control("GETDBPATH", dbId), probe.control("DB_OPEN_FLAGS", dbId)]);
  const value = Buffer.alloc(24 + 4, "data");
  writeRecordHeader(value, 0, rsn, dmaster, 0);
  const args = ["-c", STORE, path, String(flags), Buffer.from(key).toString("hex"), value.toString("hex")];
  const { status, stderr } = spawnSync("/usr/bin/python3", args, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
}

async function complaints(cluster: LocalCluster): Promise<string> {
  try {
    await cluster.checkAtRest();
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test("a cluster at rest is found in order, and what is out of order in it is found", async () => {
  await withCluster({ kinds: ["ts", "ts"] }, async (cluster) => {
    const dbId = await cluster.attach("order.tdb");
    for (let i = 0; i < 100; i++) {
      const probe = await cluster.node(i % 2).probe();
      await probe.call(dbId, Buffer.from(`key${i % 50}`), { migrate: true });
    }
    assert.equal(await complaints(cluster), "");

    for (const node of cluster.nodes) await store(node, dbId, "twice", 5, node.pnn);
    const found = await complaints(cluster);
    for (const part of [
      "I1: order.tdb, twice: more than one owner",
      "I8: order.tdb, twice: a traverse shows it twice",
    ]) {
      assert.ok(found.includes(part), found);
    }

    const probe = await cluster.node(0).probe();
    await probe.control("DB_FREEZE", dbId);
    cluster.restLimitMs = 500;
    assert.match(await complaints(cluster), /I11: order\.tdb on node 0: 1 locks are held/);
    await probe.control("DB_THAW", dbId);
    cluster.checkedAtEnd = false;
  });
});
