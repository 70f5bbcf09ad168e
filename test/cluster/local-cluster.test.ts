// The cluster class itself, proven with Debian's daemon.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { withCluster } from "./local-cluster.js";

test("a local cluster becomes healthy, loses a killed node, gets it back, and leaves nothing behind", async () => {
  let directory = "";
  await withCluster({ kinds: ["c", "c"], clusterLock: false, tunables: { RerecoveryTimeout: 1 } }, async (cluster) => {
    directory = cluster.directory;
    assert.match(await cluster.node(1).ctdbOk(["status"]), /Number of nodes:2/);
    const dbId = await cluster.attach("first.tdb");
    assert.ok(dbId > 0);
    await cluster.node(1).kill();
    assert.deepEqual(cluster.node(1).pids(), []);
    const view = await cluster.healthy([0]);
    assert.deepEqual(view.map, [0]);
    cluster.node(1).start();
    await cluster.healthy();
  });
  assert.equal(existsSync(directory), false);
});
