// A cluster whose nodes have IPv6 addresses, of both kinds of daemons. There is no IPv6 network of loopback addresses as there is for IPv4:
// the cluster lives in a network namespace of its own.
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { C_TOOL, daemonPrograms, runProgram } from "../cluster/cluster-node.js";
import { NODE_MARK, startGuard } from "../cluster/process-guard.js";

const LIMIT_MS = 300_000;
const BIN = join(__PROJECT_ROOT__, "bin");
const ADDRESSES = [1, 2, 3].map((i) => `fd00::5357:5f0${i}`);

// $1: directory, $2: daemons, $3: the C tool. Prints what the nodes say, and ends the cluster.
const SCRIPT = `
set -e
ip link set lo up
for address in ${ADDRESSES.join(" ")}; do ip -6 addr add "$address/128" dev lo nodad; done
ctdb-local "$1" setup -6 -d "$2" >&2
ctdb-local "$1" start all
trap 'ctdb-local "$1" stop all' EXIT
tries=0
until CTDB_TEST_MODE=yes CTDB_BASE="$1/node.0" "$3" nodestatus all >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ $tries -lt 900 ] || { ctdb-local "$1" print-log all >&2; exit 1; }
  sleep 0.1
done
ctdb-local "$1" onnode -q 0 "$3 listnodes"
ctdb-local "$1" onnode -q 0 "ctdb -X status" | cut -d'|' -f2,3,11
ctdb-local "$1" onnode -q all "ctdb attach v.tdb"
ctdb-local "$1" onnode -q 0 "ctdb writekey v.tdb key value"
ctdb-local "$1" onnode -q 1,2 "ctdb readkey v.tdb key"
ctdb-local "$1" onnode -q 2 "$3 -n 0 ping" | cut -d' ' -f1-3
`;

test("nodes with IPv6 addresses of both kinds form a cluster and hand records over", {
  skip: process.geteuid?.() !== 0 && "only root may make a network namespace",
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), "ctdb-ipv6-"));
  const guard = startGuard(directory);
  try {
    const daemons = [daemonPrograms.ts, daemonPrograms.ts, daemonPrograms.c].join(",");
    const args = ["-n", "/bin/sh", "-c", SCRIPT, "sh", directory, daemons, C_TOOL];
    const env = { PATH: `${BIN}:${process.env["PATH"]}`, [NODE_MARK]: join(directory, "nodes") };
    const { status, stdout, stderr } = await runProgram("unshare", args, env, LIMIT_MS);
    assert.equal(status, 0, stderr);
    assert.deepEqual(stdout.trimEnd().split("\n"), [
      ...ADDRESSES,
      "Node|IP|PartiallyOnline",
      ...ADDRESSES.map((address, pnn) => `${pnn}|${address}|0`),
      "Data: size:5 ptr:[value]",
      "Data: size:5 ptr:[value]",
      "response from 0",
    ]);
  } finally {
    await guard.finish();
  }
});
