// Garbage on the unix socket and on the port between nodes: the daemon does not grow, and everybody else is served.
import assert from "node:assert/strict";
import { createConnection, type Socket } from "node:net";
import { test } from "node:test";
import { pauseMs } from "../cluster/await-condition.js";
import { LocalCluster } from "../cluster/local-cluster.js";
import type { NodeProbe } from "../cluster/node-probe.js";
import { LONG } from "./cluster-mixes.js";
import { garbagePacket, randomFrom } from "./garbage-packets.js";

const PACKETS = LONG ? 500_000 : 60_000;
const CTDB_PORT = 4379;
const PEERS = 3;
/** Packets of one connection: most links are given up at the first bad packet, so a node link gets few. */
const PACKETS_A_CLIENT_LINK = 200;
const PACKETS_A_NODE_LINK = 6;
const LINKS_AT_A_TIME = 8;
const GROWTH_MAX_BYTES = 50 * 1024 * 1024;
const PING_EVERY_MS = 20;
const ANSWER_MAX_MS = 2000;
const LINK_END_MAX_MS = 5000;

/** Sends the packets over one connection and reads whatever comes back; ends when all is sent or the daemon hangs up. */
function sendOver(socket: Socket, packets: readonly Buffer[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error("the daemon neither reads nor closes a connection with garbage"));
    }, LINK_END_MAX_MS);
    const done = () => {
      clearTimeout(timer);
      // A reset leaves no socket waiting in the kernel.
      socket.destroy();
      resolve();
    };
    socket.on("error", done);
    socket.on("close", done);
    socket.on("data", () => {});
    socket.once("connect", () => {
      socket.write(Buffer.concat(packets), () => {
        // All is with the kernel; closing at once would make it drop what the daemon has not read.
        if ("resetAndDestroy" in socket && socket.remoteAddress !== undefined) setTimeout(done, 2);
        else socket.end();
      });
    });
  });
}

async function keepPinging(probe: NodeProbe, isOver: () => boolean): Promise<number> {
  let longestMs = 0;
  while (!isOver()) {
    const start = performance.now();
    await probe.statusOf("PING", { timeoutMs: ANSWER_MAX_MS });
    longestMs = Math.max(longestMs, performance.now() - start);
    await pauseMs(PING_EVERY_MS);
  }
  return longestMs;
}

test(`${PACKETS} packets of garbage on socket and port neither make the daemon grow nor keep it from serving others`, async (context) => {
  const seed = Number(process.env["CTDB_TEST_SEED"] ?? Date.now() % 2 ** 32);
  context.diagnostic(`CTDB_TEST_SEED=${seed}`);
  const random = randomFrom(seed);
  // Peers that never start: their addresses may connect. A keepalive with a strange version would end the node, rightly.
  const cluster = await LocalCluster.create({
    kinds: Array.from({ length: 1 + PEERS }, () => "ts"),
    clusterLock: false,
    tunables: { AllowMixedVersions: 1 },
    logLevel: "ERROR",
  });
  try {
    const node = cluster.node(0);
    node.start();
    await cluster.healthy([0]);
    const pid = node.daemonPid;
    const probe = await node.probe();
    const residentBefore = node.residentBytes();

    let over = false;
    const pinging = keepPinging(probe, () => over);
    let sent = 0;
    const lane = async (): Promise<void> => {
      while (sent < PACKETS) {
        const client = random(2) === 0;
        const count = client ? PACKETS_A_CLIENT_LINK : PACKETS_A_NODE_LINK;
        const packets = Array.from({ length: count }, () => garbagePacket(random, client ? "client" : "node"));
        sent += count;
        const peer = cluster.node(1 + random(PEERS)).address;
        const socket = client
          ? createConnection(node.socketPath)
          : createConnection({ host: node.address, port: CTDB_PORT, localAddress: peer });
        await sendOver(socket, packets);
      }
    };
    try {
      await Promise.all(Array.from({ length: LINKS_AT_A_TIME }, lane));
    } finally {
      over = true;
    }
    const longestMs = await pinging;
    const grown = node.residentBytes() - residentBefore;
    context.diagnostic(
      `${sent} packets; memory ${(residentBefore / 2 ** 20).toFixed(0)} MiB grew by ${(grown / 2 ** 20).toFixed(1)} MiB; longest ping ${longestMs.toFixed(0)} ms`,
    );
    assert.equal(node.daemonPid, pid, "it is still the same process");
    assert.ok(grown <= GROWTH_MAX_BYTES, `the daemon grew by ${grown} bytes`);
    await cluster.healthy([0]);
  } catch (error) {
    throw cluster.failed(error);
  } finally {
    await cluster.stop();
  }
});
