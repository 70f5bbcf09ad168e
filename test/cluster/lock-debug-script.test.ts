// The administrator's debug_locks.sh is started for a lock that is waited for for long, by both daemons with the same words.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { killLeftovers, TdbPeer } from "../interop/tdb-peer.js";
import { awaitCondition } from "./await-condition.js";
import { LocalCluster } from "./local-cluster.js";

/** The script is due after 10 s. */
const LIMIT_MS = 120_000;
const SCRIPT = `#!/bin/sh
kill -0 "$1" && echo "$2 $3 $4" >> "$(dirname "$0")/debugged"
`;
after(killLeftovers);

function wordsOf(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

test("a record that is not given up for 10 s has debug_locks.sh started", async () => {
  const cluster = await LocalCluster.create({ kinds: ["c", "ts"], tunables: { RerecoveryTimeout: 1 } });
  try {
    for (const { base } of cluster.nodes) writeFileSync(join(base, "debug_locks.sh"), SCRIPT, { mode: 0o755 });
    cluster.startAll();
    await cluster.healthy();
    const dbId = await cluster.attach("held.tdb");
    await Promise.all(
      cluster.nodes.map(async (node) => {
        const probe = await node.probe();
        const file = node.volatileFile("held.tdb");
        const peer = await TdbPeer.open(file, await probe.control("DB_OPEN_FLAGS", dbId));
        assert.equal(await peer.ask("chainlock held"), "0");
        const called = probe.call(dbId, Buffer.from("held"), { migrate: true, timeoutMs: LIMIT_MS });
        const said = join(node.base, "debugged");
        await awaitCondition(`the script of node ${node.pnn}`, { timeoutMs: LIMIT_MS }, () => wordsOf(said) !== "");
        assert.equal(await peer.ask("chainunlock held"), "0");
        await called;
        assert.equal(wordsOf(said), `RECORD ${file} MUTEX\n`);
        await peer.kill();
      }),
    );
  } catch (error) {
    throw cluster.failed(error);
  } finally {
    await cluster.stop();
  }
});
