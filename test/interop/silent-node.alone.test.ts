// Nodes that fall silent without closing a connection, and come back; and how long a cluster needs to start.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NodeFlag } from "../../src/protocol/index.js";
import { awaitCondition, pauseMs } from "../cluster/await-condition.js";
import type { ClusterNode } from "../cluster/cluster-node.js";
import { LocalCluster, withCluster } from "../cluster/local-cluster.js";
import { chosenMixes, kindsOf, LONG, mixTitle } from "./cluster-mixes.js";
import { cutNetwork } from "./network-cut.js";

/** CTDB's own values need half a minute to notice, so the everyday run shortens them. */
const keepalive = LONG ? { intervalS: 5, limit: 5 } : { intervalS: 1, limit: 3 };
const NOTICE_MAX_MS = (keepalive.limit + 1) * keepalive.intervalS * 1000;
const SILENCE_MS = LONG ? 60_000 : 8_000;
const START_TIMEOUT_MS = 30_000;

/** How a node falls silent: what is done to it, and how that ends. */
const silences = {
  "a stopped process": async (node: ClusterNode) => {
    node.pause();
    return async () => node.resume();
  },
  "a node whose network is cut": async (node: ClusterNode) => {
    const cut = await cutNetwork(node.address);
    return () => cut.heal();
  },
};

function silentNode(mix: string, silence: string, begin: (node: ClusterNode) => Promise<() => Promise<void>>): void {
  test(`${silence} of ${mixTitle(mix)} is noticed, and comes back without taking others down`, async (context) => {
    const tunables = {
      KeepaliveInterval: keepalive.intervalS,
      KeepaliveLimit: keepalive.limit,
      RerecoveryTimeout: 1,
      // A node that is cut off does not get the cluster lock.
      RecoveryBanPeriod: 3,
    };
    await withCluster({ kinds: kindsOf(mix), tunables }, async (cluster) => {
      const leader = (await cluster.leader()) ?? 0;
      const victim = (leader + 1) % cluster.nodes.length;
      const others = cluster.nodes.filter((node) => node.pnn !== victim);
      const daemons = others.map((node) => node.daemonPid);

      const end = await begin(cluster.node(victim));
      const stoppedAt = performance.now();
      await awaitCondition("the others see it as disconnected", { timeoutMs: 2 * NOTICE_MAX_MS }, async () => {
        const views = await Promise.all(others.map((node) => cluster.view(node.pnn)));
        return views.every((view) => ((view.flags[victim] ?? 0) & NodeFlag.DISCONNECTED) !== 0);
      });
      const noticedMs = performance.now() - stoppedAt;
      context.diagnostic(`noticed after ${noticedMs.toFixed(0)} ms of at most ${NOTICE_MAX_MS} ms`);
      await cluster.healthy(others.map((node) => node.pnn));

      await pauseMs(Math.max(0, SILENCE_MS - (performance.now() - stoppedAt)));
      await end();
      await cluster.healthy();
      assert.deepEqual(
        others.map((node) => node.daemonPid),
        daemons,
        "the other daemons are the same processes as before",
      );
    });
  });
}

for (const mix of chosenMixes(["ttt"], ["ctt", "cct", "ccc"])) {
  for (const [silence, begin] of Object.entries(silences)) silentNode(mix, silence, begin);
}

for (const mix of chosenMixes(["ttt"], ["ccc"])) {
  test(`${mixTitle(mix)} that start together with a cluster lock become healthy`, async (context) => {
    const cluster = await LocalCluster.create({ kinds: kindsOf(mix) });
    try {
      const start = performance.now();
      cluster.startAll();
      await cluster.healthy(undefined, START_TIMEOUT_MS);
      context.diagnostic(`healthy after ${(performance.now() - start).toFixed(0)} ms`);
    } catch (error) {
      throw cluster.failed(error);
    } finally {
      await cluster.stop();
    }
  });
}
