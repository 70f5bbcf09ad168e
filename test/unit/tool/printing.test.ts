// The shapes of the output, plain and machine readable: scripts parse them byte for byte.
import assert from "node:assert/strict";
import { test } from "node:test";
import { interfacesPrinter, publicIpInfoPrinter, publicIpsPrinter } from "../../../src/tool/print/addresses.js";
import { ctimeText, dateText, spanText } from "../../../src/tool/print/clock-text.js";
import {
  databaseHeader,
  databaseLine,
  databaseMachineLine,
  databaseStatusPrinter,
  sequenceNumberPrinter,
} from "../../../src/tool/print/databases.js";
import { lockWaitsPrinter } from "../../../src/tool/print/lock-waits.js";
import { loopPrinter } from "../../../src/tool/print/loop.js";
import { nodeFlagsText } from "../../../src/tool/print/node-flags.js";
import { nodeCountLine, nodeHeader, nodeMachineLine, nodePlainLine } from "../../../src/tool/print/nodes.js";
import { recordText } from "../../../src/tool/print/records.js";
import { clusterText, statusJson } from "../../../src/tool/print/status.js";
import { ticklesPrinter } from "../../../src/tool/print/tickles.js";
import { uptimePrinter } from "../../../src/tool/print/uptime.js";
import { capabilitiesPrinter, nodesListPrinter, pingPrinter, processPrinter } from "../../../src/tool/print/values.js";

process.env["TZ"] = "UTC";

const healthy = { pnn: 0, address: "10.1.1.10", flags: 0, partiallyOnline: false, thisNode: true };
const dead = { pnn: 1, address: "10.1.1.11", flags: 0x03, partiallyOnline: false, thisNode: false };
const partial = { pnn: 2, address: "10.1.1.12", flags: 0, partiallyOnline: true, thisNode: false };

test("status prints a line for each node that is not deleted", () => {
  assert.equal(nodeCountLine(4, 1), "Number of nodes:4 (including 1 deleted nodes)\n");
  assert.equal(nodeCountLine(3, 0), "Number of nodes:3\n");
  assert.equal(nodePlainLine(healthy), "pnn:0 10.1.1.10        OK (THIS NODE)\n");
  assert.equal(nodePlainLine(dead), "pnn:1 10.1.1.11        DISCONNECTED|UNHEALTHY|INACTIVE\n");
  assert.equal(nodePlainLine(partial), "pnn:2 10.1.1.12        PARTIALLYONLINE\n");
});

test("machine readable nodes have a column for each flag", () => {
  assert.equal(
    nodeHeader("|"),
    "|Node|IP|Disconnected|Unknown|Banned|Disabled|Unhealthy|Stopped|Inactive|PartiallyOnline|ThisNode|\n",
  );
  assert.equal(nodeMachineLine(healthy, "|"), "|0|10.1.1.10|0|0|0|0|0|0|0|0|Y|\n");
  assert.equal(nodeMachineLine(dead, "|"), "|1|10.1.1.11|1|0|0|0|1|0|1|0|N|\n");
  assert.equal(nodeMachineLine(partial, ":"), ":2:10.1.1.12:0:0:0:0:0:0:0:1:N:\n");
});

test("flags are named in CTDB's order, INACTIVE last", () => {
  assert.equal(nodeFlagsText(0), "OK");
  assert.equal(nodeFlagsText(0x7f), "DISCONNECTED|UNKNOWN|DISABLED|BANNED|UNHEALTHY|DELETED|STOPPED|INACTIVE");
  assert.equal(nodeFlagsText(0x24), "DISABLED|STOPPED|INACTIVE");
});

const cluster = { generation: 654321, lmasters: [0, 2], recoveryActive: false, leader: 2 };

test("status ends with generation, map, mode and leader", () => {
  assert.equal(
    clusterText(cluster),
    "Generation:654321\nSize:2\nhash:0 lmaster:0\nhash:1 lmaster:2\nRecovery mode:NORMAL (0)\nLeader:2\n",
  );
  assert.equal(
    clusterText({ generation: 1, lmasters: [], recoveryActive: true, leader: undefined }),
    "Generation:INVALID\nSize:0\nRecovery mode:RECOVERY (1)\nLeader:UNKNOWN\n",
  );
});

test("status as JSON names the flags", () => {
  assert.deepEqual(statusJson([dead], 0, cluster), {
    nodes: [
      {
        pnn: 1,
        address: "10.1.1.11",
        flags: ["DISCONNECTED", "UNHEALTHY", "INACTIVE"],
        healthy: false,
        partiallyOnline: false,
        thisNode: false,
      },
    ],
    deletedNodes: 0,
    generation: 654321,
    vnnMap: [0, 2],
    recoveryMode: "NORMAL",
    leader: 2,
  });
});

test("times are printed as ctime does, the day padded with a blank", () => {
  assert.equal(ctimeText(Date.UTC(2026, 10, 21, 1, 51, 47) / 1000), "Sat Nov 21 01:51:47 2026");
  assert.equal(ctimeText(Date.UTC(2026, 0, 2, 0, 0, 9) / 1000), "Fri Jan  2 00:00:09 2026");
  assert.equal(dateText(Date.UTC(2026, 10, 21, 1, 52, 35) / 1000), "2026/11/21 01:52:35");
  assert.equal(spanText(47), "(000 00:00:47)");
  assert.equal(spanText(86_400 * 12 + 3_600 * 5 + 61), "(012 05:01:01)");
});

test("uptime shows when the daemon and the last recovery were", () => {
  const at = Date.UTC(2026, 10, 21, 1, 51, 47) / 1000;
  const report = {
    pnn: 0,
    currentTime: at + 0.9,
    startTime: at - 47,
    lastRecoveryStarted: at - 42,
    lastRecoveryFinished: at - 42 + 0.5,
    lastRecoveryMicroseconds: 18_496,
  };
  assert.equal(
    uptimePrinter.plain(report),
    "Current time of node 0        :                Sat Nov 21 01:51:47 2026\n" +
      "Ctdbd start time              : (000 00:00:47) Sat Nov 21 01:51:00 2026\n" +
      "Time of last recovery/failover: (000 00:00:42) Sat Nov 21 01:51:05 2026\n" +
      "Duration of last recovery/failover: 0.018496 seconds\n",
  );
});

const address = {
  address: "10.0.0.31",
  pnn: 0,
  interfaces: [
    { name: "eth1", linkState: 1, references: 2 },
    { name: "eth2", linkState: 0, references: 0 },
  ],
  activeInterface: 0,
};
const unassigned = { address: "10.0.0.32", pnn: -1, interfaces: [], activeInterface: undefined };

test("ip lists addresses with their nodes, -1 for none", () => {
  const report = { pnn: 0, addresses: [address, unassigned], verbose: false };
  assert.equal(publicIpsPrinter.plain(report), "Public IPs on node 0\n10.0.0.31 0\n10.0.0.32 -1\n");
  assert.equal(publicIpsPrinter.machine?.(report, "|"), "|Public IP|Node|\n|10.0.0.31|0|\n|10.0.0.32|-1|\n");
  assert.equal(
    publicIpsPrinter.plain({ ...report, pnn: undefined, verbose: true }),
    "Public IPs on ALL nodes\n10.0.0.31 node[0] active[eth1] available[eth1] configured[eth1,eth2]\n" +
      "10.0.0.32 node[-1] active[] available[] configured[]\n",
  );
  assert.equal(
    publicIpsPrinter.machine?.({ ...report, verbose: true }, "|"),
    "|Public IP|Node|ActiveInterfaces|AvailableInterfaces|ConfiguredInterfaces|\n" +
      "|10.0.0.31|0|eth1|eth1|eth1,eth2|\n|10.0.0.32|-1||||\n",
  );
});

test("ipinfo numbers the interfaces from 1 and prints an unassigned node unsigned", () => {
  assert.equal(
    publicIpInfoPrinter.plain({ askedPnn: 0, ip: { ...address, pnn: 1 } }),
    "Public IP[10.0.0.31] info on node 0\nIP:10.0.0.31\nCurrentNode:1\nNumInterfaces:2\n" +
      "Interface[1]: Name:eth1 Link:up References:2 (active)\nInterface[2]: Name:eth2 Link:down References:0\n",
  );
  assert.match(publicIpInfoPrinter.plain({ askedPnn: 0, ip: unassigned }), /^CurrentNode:4294967295$/m);
});

test("ifaces says so when there are none, in machine readable form too", () => {
  const report = { pnn: 0, interfaces: address.interfaces };
  assert.equal(
    interfacesPrinter.plain(report),
    "Interfaces on node 0\nname:eth1 link:up references:2\nname:eth2 link:down references:0\n",
  );
  assert.equal(interfacesPrinter.machine?.(report, "|"), "|Name|LinkStatus|References|\n|eth1|1|2|\n|eth2|0|0|\n");
  assert.equal(interfacesPrinter.machine?.({ pnn: 3, interfaces: [] }, "|"), "No interfaces configured on node 3\n");
});

const database = {
  id: 0x47023bf1,
  name: "p.tdb",
  path: "/db/p.tdb.0",
  persistent: true,
  readonlyRecords: false,
  sticky: false,
  replicated: false,
  unhealthyReason: undefined,
};

test("database ids are lower case in plain lines and upper case in machine readable ones", () => {
  assert.equal(databaseLine(database), "dbid:0x47023bf1 name:p.tdb path:/db/p.tdb.0 PERSISTENT\n");
  assert.equal(
    databaseLine({
      ...database,
      id: 10,
      persistent: false,
      readonlyRecords: true,
      sticky: true,
      unhealthyReason: "broken",
    }),
    "dbid:0x0000000a name:p.tdb path:/db/p.tdb.0 STICKY READONLY UNHEALTHY\n",
  );
  assert.equal(databaseHeader("|"), "|ID|Name|Path|Persistent|Sticky|Unhealthy|Readonly|Replicated|\n");
  assert.equal(databaseMachineLine(database, "|"), "|0x47023BF1|p.tdb|/db/p.tdb.0|1|0|0|0|0|\n");
});

test("getdbstatus prints the reason of an unhealthy database", () => {
  assert.equal(
    databaseStatusPrinter.plain({ ...database, unhealthyReason: "ERROR" }),
    "dbid: 0x47023bf1\nname: p.tdb\npath: /db/p.tdb.0\nPERSISTENT: yes\nREPLICATED: no\nSTICKY: no\n" +
      "READONLY: no\nHEALTH: ERROR\n",
  );
  assert.equal(sequenceNumberPrinter.plain({ name: "p.tdb", sequenceNumber: 42n }), "0x2a\n");
});

test("records escape what is not printable, and quotes and backslashes", () => {
  assert.equal(
    recordText({
      key: Buffer.from("abcd"),
      dmaster: 0,
      rsn: 7,
      flags: 0x0001_0000,
      data: Buffer.from([0, 0xff, 0x41, 0x22, 0x5c]),
    }),
    'key(4) = "abcd"\ndmaster: 0\nrsn: 7\nflags: 0x00010000 MIGRATED_WITH_DATA\ndata(5) = "\\00\\FFA\\22\\5C"\n\n',
  );
});

test("tickles print IPv6 in brackets, machine readable without", () => {
  const report = {
    address: "10.0.0.31",
    connections: [
      {
        source: { family: 6 as const, address: "fd00::1", port: 45678 },
        destination: { family: 4 as const, address: "10.0.0.31", port: 445 },
      },
    ],
  };
  assert.equal(
    ticklesPrinter.plain(report),
    "Connections for IP: 10.0.0.31\nNum connections: 1\nSRC: [fd00::1]:45678   DST: 10.0.0.31:445\n",
  );
  assert.equal(
    ticklesPrinter.machine?.(report, "|"),
    "|Source IP|Port|Destination IP|Port|\n|fd00::1|45678|10.0.0.31|445|\n",
  );
});

test("single values keep their forms", () => {
  assert.equal(
    pingPrinter.plain({ pnn: 1, seconds: 0.000086, clients: 3 }),
    "response from 1 time=0.000086 sec  (3 clients)\n",
  );
  assert.equal(capabilitiesPrinter.plain({ leader: true, lmaster: false }), "LEADER: YES\nLMASTER: NO\n");
  assert.equal(capabilitiesPrinter.machine?.({ leader: true, lmaster: false }, "|"), "|LEADER|LMASTER|\n|1|0|\n");
  assert.equal(processPrinter.plain({ pid: 4711, srvid: 0n, exists: true }), "PID 4711 exists\n");
  assert.equal(
    processPrinter.plain({ pid: 4711, srvid: 0x1234n, exists: false }),
    "PID 4711 with SRVID 0x1234 does not exist\n",
  );
  assert.equal(nodesListPrinter.machine?.([{ pnn: 2, address: "10.0.0.3" }], "|"), "|2|10.0.0.3|\n");
});

const LOOP_TIMES = {
  elapsed: 20,
  busy: 0.5,
  limitMs: 100,
  longTurns: 2,
  kinds: [
    { name: "control PING", count: 4, total: 0.002, max: 0.001 },
    { name: "node REQ_CALL", count: 2, total: 0.498, max: 0.4 },
  ],
  turns: [
    { end: { sec: 0, usec: 0 }, total: 1.5, cpu: 0.001, inHandlers: 0, parts: [] },
    {
      end: { sec: 0, usec: 0 },
      total: 0.4,
      cpu: 0.4,
      inHandlers: 1,
      parts: [{ name: "node REQ_CALL", count: 1, total: 0.4 }],
    },
  ],
};

test("loop shows the kinds of handlers, most time first, and the long turns", () => {
  assert.equal(
    loopPrinter.plain({ pnn: 1, times: LOOP_TIMES }),
    "Loop of node 1: busy for 2.50 % of 20.0 s\nTurns longer than 100 ms: 2\n" +
      "       COUNT    TOTAL MS  AVERAGE MS      MAX MS  HANDLER\n" +
      "           2     498.000     249.000     400.000  node REQ_CALL\n" +
      "           4       2.000       0.500       1.000  control PING\n" +
      "Last long turns:\n" +
      "1970-01-01T00:00:00.000Z  1500.000 ms, CPU 1.000 ms: outside of all handlers; the process was stopped, or its runtime busy\n" +
      "1970-01-01T00:00:00.000Z  400.000 ms, CPU 400.000 ms: node REQ_CALL 400.000 ms (1)\n",
  );
  assert.equal(
    loopPrinter.machine?.({ pnn: 1, times: LOOP_TIMES }, ":"),
    ":Handler:Count:Total:Average:Max:\n" +
      ":node REQ_CALL:2:0.498000:0.249000000:0.400000:\n" +
      ":control PING:4:0.002000:0.000500000:0.001000:\n",
  );
});

const LOCK_WAITS = {
  total: 3,
  waits: [
    {
      dbId: 0x42fe72c5,
      database: "locking.tdb",
      chain: 17,
      key: "6b31",
      waited: 3.2104,
      requests: 2,
      holders: [{ pid: 4711, commandLine: "python3 hold.py", lock: "mutex of chain 17", keys: ["6b31"] }],
    },
    { dbId: 1, database: "b.tdb", chain: -1, key: "", waited: 1, requests: 1, holders: [] },
  ],
};

test("lockholders names what is waited for, how long, and who holds it", () => {
  assert.equal(
    lockWaitsPrinter.plain(LOCK_WAITS),
    "Database locking.tdb, chain 17, key 6b31: 2 requests wait, 3.210 s\n" +
      "  held by pid 4711 (python3 hold.py): mutex of chain 17, keys there: 6b31\n" +
      "Database b.tdb, all records (freeze): 1 request waits, 1.000 s\n" +
      "  held by nobody that can be seen\n" +
      "1 shorter waits are not shown\n",
  );
  assert.equal(lockWaitsPrinter.plain({ total: 0, waits: [] }), "No lock is waited for\n");
  assert.equal(
    lockWaitsPrinter.machine?.(LOCK_WAITS, "|"),
    "|Database ID|Database|Chain|Key|Waited|Requests|PID|Lock|Command|\n" +
      "|0x42fe72c5|locking.tdb|17|6b31|3.210400|2|4711|mutex of chain 17|python3 hold.py|\n" +
      "|0x00000001|b.tdb|-1||1.000000|1||||\n",
  );
});
