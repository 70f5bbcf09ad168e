// Both tools against a daemon that only seems to be one, for states that a real cluster passes through quickly or never has.
// Each case gets a fresh daemon for each tool; the texts, the exit statuses and what is seen afterwards must be equal.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { C_TOOL } from "../cluster/cluster-node.js";
import { type FakeCluster, FakeDaemon, type FakeNode } from "./fake-daemon.js";
import { comparable, OUR_TOOL, type Outcome, runTool } from "./tool-comparison.js";

const NODES = ["127.47.200.1", "127.47.200.2", "127.47.200.3"];
const CONCURRENCY = 8;

interface FakeCase {
  readonly what: string;
  readonly cluster: Partial<FakeCluster>;
  /** The nodes list of the tool's node; default the addresses of the nodes. undefined in the list: no file. */
  readonly nodesList?: string | null;
  /** Command lines, one after the other on the same daemon. */
  readonly run: readonly string[];
  readonly mask?: "ping" | "repeats";
}

const healthy: readonly FakeNode[] = NODES.map((address) => ({ address }));
const vnnMap = { generation: 654321, map: [0, 1, 2] };
const basic: FakeCluster = { nodes: healthy, leader: 0, vnnMap };

function withFlags(...flags: readonly number[]): FakeNode[] {
  return flags.map((one, index) => ({ address: `127.47.200.${index + 1}`, flags: one }));
}

const eth = (name: string, linkState: number, references: number) => ({ name, linkState, references });
const addresses = [
  { address: "10.0.0.33", pnn: 1 },
  { address: "10.0.0.31", pnn: 0 },
  { address: "10.0.0.32", pnn: -1 },
  { address: "10.0.0.4", pnn: 2 },
];
const everyStatus = ["status", "-X status", "nodestatus", "nodestatus all", "-X nodestatus all", "-n 1 status"];
const RECORDS = { id: 0x7a19d84d, name: "locking.tdb" };
const RECORD_COMMANDS = [
  "-T 30 readkey locking.tdb x",
  "-T 30 readkey locking.tdb x readonly",
  "-T 30 writekey locking.tdb x y",
  "-T 30 deletekey locking.tdb x",
];
const list = (...lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");

const CASES: readonly FakeCase[] = [
  { what: "all nodes are healthy", cluster: {}, run: everyStatus },
  { what: "a node is unhealthy", cluster: { nodes: withFlags(0, 2, 0) }, run: everyStatus },
  {
    what: "nodes are disconnected, deleted, stopped and banned",
    cluster: { nodes: withFlags(0, 0x23, 0x11, 0x20, 0x08, 0x04, 0x24, 0x2a) },
    run: [
      ...everyStatus.slice(0, 5),
      "-n 1 ping",
      "-n 2 ping",
      "-n 3 pnn",
      "nodestatus 2",
      "nodestatus 6",
      "nodestatus 1,4,7",
    ],
  },
  {
    what: "the first node is deleted",
    cluster: { nodes: withFlags(0x11, 0, 0), local: 1, leader: 1 },
    run: everyStatus,
  },
  {
    what: "the node is not through its first recovery",
    cluster: { runState: 3, nodes: withFlags(2, 2, 3, 0x10) },
    run: everyStatus,
  },
  {
    what: "the node starts up",
    cluster: { runState: 4, nodes: withFlags(2, 2, 3) },
    run: [...everyStatus, "runstate", "runstate startup", "runstate running setup"],
  },
  { what: "recovery is active", cluster: { recoveryMode: 1, vnnMap: { generation: 1, map: [] } }, run: ["status"] },
  {
    what: "the local node is banned, another one is asked",
    cluster: { nodes: withFlags(8, 0, 0) },
    run: ["-X status", "nodestatus", "unban"],
  },
  {
    what: "all nodes are banned",
    cluster: { nodes: withFlags(8, 8, 8) },
    run: ["-X status", "nodestatus", "-T 5 disable"],
    mask: "repeats",
  },
  { what: "nobody leads", cluster: { leader: undefined }, run: ["-t 3 leader", "-t 3 status", "-t 3 recover"] },
  {
    what: "nodes lack capabilities",
    cluster: {
      nodes: [
        { address: NODES[0] ?? "", capabilities: 1 },
        { address: NODES[1] ?? "", capabilities: 0 },
        { address: NODES[2] ?? "", capabilities: 2 },
      ],
    },
    run: ["getcapabilities", "-n1 getcapabilities", "-X -n2 getcapabilities"],
  },
  {
    what: "a node does not tell its capabilities",
    cluster: { failures: [{ control: "GET_CAPABILITIES", pnn: 1, how: "silence" }] },
    run: ["-t 3 -n1 getcapabilities", "getcapabilities"],
  },
  {
    what: "interfaces are down",
    cluster: { interfaces: [eth("eth2", 0, 2), eth("eth1", 1, 4)] },
    run: ["ifaces", "-X ifaces", ...everyStatus, "setifacelink eth2 up", "setifacelink eth3 up"],
  },
  {
    what: "all interfaces are up",
    cluster: { interfaces: [eth("eth2", 1, 2)] },
    run: ["status", "-X ifaces", "setifacelink eth2 down", "setifacelink eth2 sideways"],
  },
  {
    what: "interfaces are not told",
    cluster: { failures: [{ control: "GET_IFACES", how: -1 }] },
    run: ["-X status", "ifaces", "setifacelink eth2 up"],
  },
  { what: "there are no public addresses", cluster: {}, run: ["ip", "ip all", "-X ip", "-v ip", "-X -v ip all"] },
  {
    what: "there are public addresses",
    cluster: { publicIps: addresses, interfaces: [eth("eth2", 1, 2), eth("eth1", 0, 4)] },
    run: [
      "ip",
      "-X ip",
      "ip all",
      "-X ip all",
      "-v ip",
      "-v ip all",
      "-X -v ip",
      "-X -v ip all",
      "-n1 ip",
      "ipinfo 10.0.0.31",
      "ipinfo 10.0.0.32",
      "ipinfo 10.0.0.33",
      "ipinfo 10.0.0.99",
      "-n2 ipinfo 10.0.0.4",
    ],
  },
  {
    what: "a node does not know all addresses",
    cluster: {
      publicIps: [
        { address: "10.0.0.31", pnn: 1, knownTo: [1, 2] },
        { address: "10.0.0.32", pnn: -1, knownTo: [2] },
      ],
    },
    run: ["ip", "ip all", "-n2 ip", "-X ip all", "ipinfo 10.0.0.31"],
  },
  {
    what: "addresses are of both families",
    cluster: {
      publicIps: [
        { address: "fd00::5:1", pnn: 0 },
        { address: "10.0.0.9", pnn: 1 },
        { address: "fd00::4", pnn: 2 },
        { address: "9.0.0.9", pnn: 0 },
      ],
    },
    run: ["ip", "ip all", "-X -v ip", "ipinfo fd00::5:1"],
  },
  {
    what: "a node does not tell its addresses",
    cluster: { publicIps: addresses, failures: [{ control: "GET_PUBLIC_IPS", pnn: 1, how: -1 }] },
    run: ["ip", "ip all", "-n1 ip"],
  },
  {
    what: "an address is not told about",
    cluster: { publicIps: addresses, failures: [{ control: "GET_PUBLIC_IP_INFO", how: -1 }] },
    run: ["ip", "ip all", "ipinfo 10.0.0.31"],
  },
  {
    what: "no node is active",
    cluster: { nodes: withFlags(0x20, 0x20), publicIps: addresses },
    run: ["ip all", "reloadips"],
  },
  {
    what: "databases have all types",
    cluster: {
      databases: [
        { id: 0x7a19d84d, name: "locking.tdb" },
        { id: 0x4e66c2b2, name: "brlock.tdb", flags: 4 },
        { id: 0x4d2a432b, name: "g_lock.tdb", flags: 2 },
        { id: 0x7132c184, name: "secrets.tdb", flags: 1, sequenceNumber: 0x87 },
        { id: 0x6cf2837d, name: "registry.tdb", flags: 1, unhealthy: "ERROR - corrupt, see log" },
        { id: 0x0bec4d8f, name: "ctdb.tdb", flags: 8, sequenceNumber: 42 },
        { id: 0x000000ff, name: "odd.tdb", flags: 0x0f },
      ],
    },
    run: [
      "getdbmap",
      "-X getdbmap",
      "-n1 getdbmap",
      "getdbstatus locking.tdb",
      "getdbstatus 0x4e66c2b2",
      "getdbstatus registry.tdb",
      "getdbstatus 0x4D2A432B",
      "getdbstatus odd.tdb",
      "getdbstatus 0xff",
      "getdbstatus ctdb.tdb",
      "getdbstatus 0xdead",
      "getdbstatus dead",
      "getdbseqnum secrets.tdb",
      "getdbseqnum 0x0bec4d8f",
      "getdbseqnum locking.tdb",
      "setdbreadonly secrets.tdb",
      "setdbsticky ctdb.tdb",
      "setdbreadonly locking.tdb",
      "readkey secrets.tdb x",
      "pfetch locking.tdb x",
      "detach ctdb.tdb",
      "attach registry.tdb persistent",
    ],
  },
  {
    what: "databases are not told",
    cluster: { failures: [{ control: "GET_DBMAP", how: -1 }] },
    run: ["getdbmap", "getdbstatus x", "catdb x"],
  },
  {
    what: "a database has no path",
    cluster: {
      databases: [
        { id: 1, name: "a.tdb" },
        { id: 2, name: "b.tdb" },
      ],
      failures: [{ control: "GETDBPATH", how: -1 }],
    },
    run: ["getdbmap", "-X getdbmap", "getdbstatus a.tdb"],
  },
  {
    what: "names are not told",
    cluster: { databases: [{ id: 1, name: "a.tdb" }], failures: [{ control: "GET_DBNAME", how: 7 }] },
    run: ["getdbmap", "getdbstatus a.tdb", "getdbstatus 0x1"],
  },
  {
    what: "sequence numbers are not told",
    cluster: { databases: [{ id: 1, name: "a.tdb", flags: 1 }], failures: [{ control: "GET_DB_SEQNUM", how: -1 }] },
    run: ["getdbseqnum a.tdb"],
  },
  {
    what: "health is not told",
    cluster: { databases: [{ id: 1, name: "a.tdb" }], failures: [{ control: "DB_GET_HEALTH", how: -1 }] },
    run: ["getdbmap", "getdbstatus a.tdb", "attach a.tdb"],
  },
  {
    what: "calls for records are refused with a status",
    cluster: { databases: [{ ...RECORDS, calls: { reply: "call", status: 1 } }] },
    run: RECORD_COMMANDS,
  },
  {
    what: "records of a TDB file are written and read",
    cluster: { databases: [{ ...RECORDS, calls: { reply: "call", status: 1 } }] },
    run: [
      "readkey locking.tdb x",
      "tstore @BASE@/locking.tdb k v",
      "tfetch @BASE@/locking.tdb k",
      "tstore @BASE@/locking.tdb k 0x00ff 9007199254740991 2",
      "tfetch @BASE@/locking.tdb k",
      "tfetch @BASE@/locking.tdb k @BASE@/out",
      "tfetch @BASE@/locking.tdb k /nonexistent/out",
      "tfetch @BASE@/locking.tdb nokey",
      "cattdb locking.tdb",
      "tstore @BASE@/nodes k v",
      "tfetch @BASE@/nodes k",
    ],
  },
  {
    what: "the file of a database cannot be opened",
    cluster: { databases: [{ ...RECORDS, calls: "no file" }] },
    run: RECORD_COMMANDS,
  },
  {
    what: "there is a cluster lock",
    cluster: { clusterLock: "!/usr/libexec/lock a b" },
    run: ["getreclock", "-X getreclock", "-n1 getreclock"],
  },
  { what: "there is no cluster lock", cluster: {}, run: ["getreclock"] },
  {
    what: "nodes are disabled and enabled",
    cluster: {},
    run: ["disable", "nodestatus", "disable", "enable", "enable", "-n1 disable", "-X nodestatus all", "-n1 enable"],
  },
  {
    what: "nodes are stopped and continued",
    cluster: {},
    run: ["stop", "nodestatus", "stop", "continue", "continue", "-n2 stop", "nodestatus 2", "-n2 continue"],
  },
  {
    what: "nodes are banned and unbanned",
    cluster: {},
    run: ["-n1 ban 5", "nodestatus all", "-n1 ban 5", "-n1 unban", "-n1 unban", "ban 0", "ban x"],
  },
  {
    what: "controls that change a node fail",
    cluster: {
      failures: [
        { control: "DISABLE_NODE", how: -1 },
        { control: "STOP_NODE", how: -1 },
        { control: "SET_BAN_STATE", how: 5 },
        { control: "SET_LMASTERROLE", how: -1 },
        { control: "SET_DEBUG", how: -7 },
      ],
    },
    run: ["disable", "-n1 stop", "ban 5", "setlmasterrole on", "setdebug INFO"],
  },
  {
    what: "controls that change a node get no reply",
    cluster: {
      failures: [
        { control: "DISABLE_NODE", how: "silence" },
        { control: "SET_BAN_STATE", how: "silence" },
      ],
    },
    run: ["-t 3 disable", "-t3 ban 5"],
  },
  { what: "a recovery is asked for", cluster: {}, run: ["recover"] },
  {
    what: "a recovery cannot be asked for",
    cluster: { failures: [{ control: "SET_RECMODE", how: -1 }] },
    run: ["recover"],
  },
  {
    what: "the leader does not tell its mode",
    cluster: { failures: [{ control: "GET_RECMODE", how: -1 }] },
    run: ["recover", "status"],
  },
  {
    what: "the leader does not tell its map",
    cluster: { failures: [{ control: "GETVNNMAP", how: -1 }] },
    run: ["recover", "status"],
  },
  {
    what: "the node map is not told",
    cluster: { failures: [{ control: "GET_NODEMAP", how: -1 }] },
    run: ["status", "nodestatus", "-n1 ping", "-T 5 disable", "ip all", "reloadnodes", "reloadips"],
    mask: "repeats",
  },
  {
    what: "the run state is not told",
    cluster: { failures: [{ control: "GET_RUNSTATE", how: -1 }] },
    run: ["status", "nodestatus", "runstate"],
  },
  {
    what: "the leader cannot be listened for",
    cluster: { failures: [{ control: "REGISTER_SRVID", how: -1 }] },
    run: ["status", "leader"],
  },
  {
    what: "addresses are reallocated",
    cluster: {},
    run: ["ipreallocate", "sync", "-n1 ipreallocate", "reloadips", "reloadips all"],
  },
  {
    what: "addresses cannot be reloaded",
    cluster: { failures: [{ control: "RELOAD_PUBLIC_IPS", pnn: 1, how: -1 }] },
    run: ["reloadips all", "reloadips 0"],
  },
  {
    what: "a control gets no reply until the time is over",
    cluster: { failures: [{ control: "GET_DEBUG", how: "silence" }] },
    run: ["-T 3 getdebug", "-t 3 getdebug"],
  },
  { what: "the daemon is shut down", cluster: {}, run: ["shutdown"] },
  { what: "another daemon is shut down", cluster: {}, run: ["-n1 shutdown"] },
  {
    what: "statuses are mapped to exit statuses",
    cluster: {
      failures: [
        { control: "GET_DEBUG", how: -22 },
        { control: "GET_RECLOCK_FILE", how: 300 },
        { control: "GET_CAPABILITIES", how: 22 },
        { control: "PING", how: -5 },
      ],
    },
    run: ["getdebug", "getreclock", "getcapabilities", "ping"],
  },
  // The nodes list.
  { what: "the nodes list did not change", cluster: {}, run: ["reloadnodes"] },
  { what: "the nodes list is missing", cluster: {}, nodesList: null, run: ["reloadnodes", "listnodes"] },
  {
    what: "another node has another list",
    cluster: { nodesLists: { 1: list(...NODES, "127.47.200.9") } },
    run: ["reloadnodes"],
  },
  { what: "another node has an empty list", cluster: { nodesLists: { 2: "" } }, run: ["reloadnodes"] },
  {
    what: "another node does not tell its list",
    cluster: { failures: [{ control: "GET_NODES_FILE", pnn: 1, how: "silence" }] },
    run: ["-t 3 reloadnodes"],
  },
  {
    what: "nodes are added",
    cluster: {},
    nodesList: list(...NODES, "127.47.200.4", "127.47.200.5"),
    run: ["reloadnodes", "nodestatus all"],
  },
  {
    what: "a node is deleted that is connected",
    cluster: {},
    nodesList: list(NODES[0] ?? "", NODES[1] ?? "", "#127.47.200.3"),
    run: ["reloadnodes"],
  },
  {
    what: "a node is deleted that is disconnected",
    cluster: { nodes: withFlags(0, 0, 3) },
    nodesList: list(NODES[0] ?? "", NODES[1] ?? "", "#127.47.200.3"),
    run: ["reloadnodes", "nodestatus all"],
  },
  {
    what: "the first and the middle node are deleted",
    cluster: { nodes: withFlags(1, 1, 0), local: 2, leader: 2 },
    nodesList: list("#a", "#", NODES[2] ?? ""),
    run: ["reloadnodes", "nodestatus all"],
  },
  {
    what: "a node is cut off the end of the list",
    cluster: {},
    nodesList: list(NODES[0] ?? "", NODES[1] ?? ""),
    run: ["reloadnodes"],
  },
  {
    what: "a deleted node comes back",
    cluster: { nodes: withFlags(0, 0x11, 0) },
    run: ["reloadnodes", "nodestatus all"],
  },
  {
    what: "a deleted node stays away",
    cluster: { nodes: withFlags(0, 0x11, 0) },
    nodesList: list(NODES[0] ?? "", "#x", NODES[2] ?? ""),
    run: ["reloadnodes"],
  },
  {
    what: "an address changes",
    cluster: {},
    nodesList: list(NODES[0] ?? "", "127.47.200.7", NODES[2] ?? ""),
    run: ["reloadnodes"],
  },
  { what: "the list is turned around", cluster: {}, nodesList: list(...[...NODES].reverse()), run: ["reloadnodes"] },
  {
    what: "a comment begins the list",
    cluster: {},
    nodesList: list("# nodes", ...NODES),
    run: ["reloadnodes", "listnodes", "-X listnodes"],
  },
  {
    what: "a comment ends the list",
    cluster: {},
    nodesList: list(...NODES, "# the end"),
    run: ["reloadnodes", "listnodes"],
  },
  {
    what: "a node that is disconnected stays in the list",
    cluster: { nodes: withFlags(0, 1, 0) },
    run: ["reloadnodes"],
  },
  {
    what: "nodes fail to reload",
    cluster: { failures: [{ control: "RELOAD_NODES_FILE", pnn: 1, how: -1 }] },
    nodesList: list(...NODES, "127.47.200.4"),
    run: ["reloadnodes"],
  },
];

async function runAll(tool: string, one: Omit<FakeCase, "what">, base: string): Promise<Outcome[]> {
  const cluster: FakeCluster = { ...basic, ...one.cluster };
  const daemon = await FakeDaemon.start(cluster, base);
  try {
    const outcomes: Outcome[] = [];
    for (const line of one.run) {
      const args = line.replaceAll("@BASE@", base).split(" ");
      outcomes.push(comparable(await runTool(tool, args, {}, base), one.mask));
    }
    return outcomes;
  } finally {
    await daemon.stop();
  }
}

function makeBase(one: Pick<FakeCase, "cluster" | "nodesList">): string {
  const base = mkdtempSync(join(tmpdir(), "ctdb-fake-"));
  mkdirSync(join(base, "run"));
  const nodes = one.cluster.nodes ?? basic.nodes;
  const text = one.nodesList === undefined ? list(...nodes.map((node) => node.address)) : one.nodesList;
  if (text !== null) writeFileSync(join(base, "nodes"), text);
  return base;
}

describe("the tools on a daemon that only seems to be one", { concurrency: CONCURRENCY }, () => {
  for (const one of CASES) {
    test(`${one.what}: both tools say the same to ${one.run.join(", ")}`, async () => {
      const base = makeBase(one);
      try {
        const theirs = await runAll(C_TOOL, one, base);
        const ours = await runAll(OUR_TOOL, one, base);
        assert.deepEqual(ours, theirs);
      } finally {
        rmSync(base, { recursive: true });
      }
    });
  }

  /** What our tool says to command lines that the C tool does not know, or waits for ever in. */
  async function oursAlone(cluster: Partial<FakeCluster>, ...run: readonly string[]): Promise<Outcome[]> {
    const base = makeBase({ cluster });
    try {
      return await runAll(OUR_TOOL, { cluster, run }, base);
    } finally {
      rmSync(base, { recursive: true });
    }
  }

  test("a call that is answered by REPLY_ERROR ends the command", async () => {
    const databases: FakeCluster["databases"] = [{ ...RECORDS, calls: { reply: "error", status: -1 } }];
    const outcomes = await oursAlone({ databases }, ...RECORD_COMMANDS);
    assert.deepEqual(
      outcomes,
      [
        "Failed to read record for key x\n",
        "Failed to read record for key x\n",
        "Failed to lock record for key locking.tdb\n",
        "Failed to fetch record for key x\n",
      ].map((stderr) => ({ status: 5, stdout: "", stderr })),
    );
  });

  test("an rsn beyond the safe integers is refused, in arguments and in files, without a stack", async () => {
    const base = makeBase({ cluster: {} });
    const cluster = { databases: [{ ...RECORDS, calls: { reply: "call", status: 1 } }] } as const;
    const file = join(base, "locking.tdb");
    try {
      const [, ours] = await runAll(
        OUR_TOOL,
        { cluster, run: ["readkey locking.tdb x", `tstore ${file} k v 9007199254740992`] },
        base,
      );
      assert.deepEqual(ours, { status: 1, stdout: "", stderr: `Failed to write record k to file ${file}\n` });
      const [stored] = await runAll(C_TOOL, { cluster, run: [`tstore ${file} k v 9007199254740992`] }, base);
      assert.equal(stored?.status, 0);
      for (const seen of await runAll(OUR_TOOL, { cluster, run: [`tfetch ${file} k`, "cattdb locking.tdb"] }, base)) {
        assert.equal(seen.status, 1);
        assert.match(seen.stderr, /^[^\n]*record header rsn[^\n]*is larger than 2\^53-1[^\n]*\n$/);
      }
    } finally {
      rmSync(base, { recursive: true });
    }
  });

  test("top leaves out the addresses of a node that does not tell them, and complains about nothing", async () => {
    const cluster: Partial<FakeCluster> = {
      publicIps: addresses,
      failures: [{ control: "GET_PUBLIC_IPS", pnn: 1, how: -1 }],
    };
    const [seen] = await oursAlone(cluster, "top 0.1");
    assert.equal(seen?.stderr, "");
    assert.match(
      seen?.stdout ?? "",
      /\nADDRESSES\nnode 0: 10\.0\.0\.31\nnode 2: 10\.0\.0\.4\nnowhere: 10\.0\.0\.32 10\.0\.0\.33\n/,
    );
  });
});
