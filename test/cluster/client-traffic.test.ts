// The debug log names each packet of a client and its answer, and a script makes a table of that.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { C_TOOL } from "./cluster-node.js";
import { withCluster } from "./local-cluster.js";

test("what a program sent to the daemon, and how it was answered, can be counted from the debug log", async () => {
  await withCluster({ kinds: ["ts"], logLevel: "DEBUG" }, async (cluster) => {
    const node = cluster.node(0);
    await node.ctdbOk(["attach", "traffic.tdb"]);
    await node.ctdbOk(["attach", "traffic.tdb"]);
    assert.notEqual((await node.ctdb(["getdbseqnum", "0x12345678"])).status, 0);
    const program = C_TOOL.split("/").at(-1) ?? "";
    const script = join(__PROJECT_ROOT__, "scripts/client-traffic.mjs");
    const { stdout, stderr } = spawnSync(process.execPath, [script, program, node.logPath], { encoding: "utf8" });
    assert.equal(stderr, "");
    assert.match(stdout, /^\| what ctdb sent \| count \| answered \|$/m);
    assert.match(stdout, /^\| control DB_ATTACH \| 2 \| status 0: 2 \|$/m);
    assert.doesNotMatch(stdout, /DB_PULL/, "that is what the cluster manager sends");
  });
});
