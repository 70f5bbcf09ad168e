// Node directories that Samba's own script for local test clusters has written for the C daemon: ours starts in them, in test mode, in
// place of the C daemon, is driven by our tool and by ctdb-local, and leaves everything so that the C daemon goes on from there.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type AddressLease, leaseAddresses } from "../cluster/address-lease.js";
import { awaitCondition } from "../cluster/await-condition.js";
import { C_TOOL, daemonPrograms, type NodeKind } from "../cluster/cluster-node.js";
import { NODE_MARK, type ProcessGuard, startGuard } from "../cluster/process-guard.js";

const BIN = join(__PROJECT_ROOT__, "bin");
const OUR_TOOL = join(BIN, "ctdb");
const DEBIAN_CONFIGURATION = "/etc/ctdb";
const DEBIAN_HELPERS = "/usr/libexec/ctdb";
const NODES = 3;
const LIMIT_MS = 120_000;
/** The script is usually given a path relative to where it is run, and writes that into the files. */
const TREE = "relative/tree";

/** What the script's tests have as their only event script. */
const EVENT_SCRIPT = `#!/bin/sh
. "\${CTDB_BASE}/functions"
load_script_options
if [ "$1" = startup ]; then
	ctdb ifaces -X | tail -n +2 | cut -d'|' -f2 | while read -r iface; do ctdb setifacelink "$iface" up; done
fi
echo "$*"
`;

interface Writing {
  readonly addresses: readonly string[];
  readonly cluster: string;
  readonly failoverDisabled: boolean;
}

/** The tree as the script writes it below the directory `parent`, which will be the working directory of all. */
function writeTree(parent: string, { addresses, cluster, failoverDisabled }: Writing): void {
  const write = (path: string, text: string, mode = 0o644): void =>
    writeFileSync(join(parent, TREE, path), text, { mode });
  const folder = (path: string): void => void mkdirSync(join(parent, TREE, path), { recursive: true });
  folder("shared/.ctdb");
  write("nodes", addresses.map((address) => `${address}\n`).join(""));
  const publicAddresses = [0, 1].map((i) => `192.168.100.${1 + i}/24 lo\n192.168.200.${1 + i}/24 lo\n`).join("");
  write("public_addresses", publicAddresses);
  for (const [pnn, address] of addresses.entries()) {
    const node = `node.${pnn}`;
    for (const name of [
      "run",
      "var",
      "events/legacy",
      "share/events/legacy",
      "db/volatile",
      "db/persistent",
      "db/state",
    ]) {
      folder(`${node}/${name}`);
    }
    for (const file of ["functions", "notify.sh", "debug-hung-script.sh"]) {
      copyFileSync(join(DEBIAN_CONFIGURATION, file), join(parent, TREE, node, file));
    }
    write(`${node}/events/legacy/00.test.script`, EVENT_SCRIPT, 0o755);
    write(`${node}/nodes`, addresses.map((one) => `${one}\n`).join(""));
    write(`${node}/public_addresses`, pnn === NODES - 1 ? "" : publicAddresses);
    write(
      `${node}/ctdb.conf`,
      `[logging]
	location = file:${TREE}/${node}/log.ctdb
	log level = INFO

[cluster]
	${cluster}
	node address = ${address}

[database]
	volatile database directory = ${TREE}/${node}/db/volatile
	persistent database directory = ${TREE}/${node}/db/persistent
	state database directory = ${TREE}/${node}/db/state

[failover]
	disabled = ${failoverDisabled}

[event]
	debug script = debug-hung-script.sh
`,
    );
  }
}

const LOCK_FILE = `${TREE}/shared/.ctdb/cluster.lock`;

describe("directories written by Samba's script for local clusters", { concurrency: 1 }, () => {
  let parent = "";
  let guard: ProcessGuard;
  let lease: AddressLease;

  const environment = (pnn: number): Record<string, string> => ({
    // Programs are found through PATH: in place of C's stand ours.
    PATH: `${BIN}:/usr/sbin:/usr/bin:/sbin:/bin`,
    CTDB_TEST_MODE: "yes",
    CTDB_BASE: `${TREE}/node.${pnn}`,
    [NODE_MARK]: join(parent, TREE, `node.${pnn}`),
    // The script names the helpers of C's daemon when it is run from a source tree.
    CTDB_EVENTD: join(DEBIAN_HELPERS, "ctdb-eventd"),
    CTDB_EVENT_HELPER: join(DEBIAN_HELPERS, "ctdb-event"),
    CTDB_LOCK_HELPER: join(DEBIAN_HELPERS, "ctdb_lock_helper"),
    CTDB_RECOVERY_HELPER: join(DEBIAN_HELPERS, "ctdb_recovery_helper"),
    CTDB_TAKEOVER_HELPER: join(DEBIAN_HELPERS, "ctdb_takeover_helper"),
    CTDB_CLUSTER_MUTEX_HELPER: join(DEBIAN_HELPERS, "ctdb_mutex_fcntl_helper"),
  });
  const run = (pnn: number, program: string, args: readonly string[]) =>
    spawnSync(program, args, { cwd: parent, env: environment(pnn), encoding: "utf8" });
  /** As the script does it: the standard input is closed, not empty. */
  const start = (pnn: number, kind: NodeKind): void => {
    const { status, stderr } = run(pnn, "/bin/sh", ["-c", 'exec "$1" <&-', "start", daemonPrograms[kind]]);
    assert.deepEqual([status, stderr], [0, ""], `start of node ${pnn}`);
  };
  const ctdb = (pnn: number, ...args: readonly string[]): string => {
    const { status, stdout, stderr } = run(pnn, OUR_TOOL, args);
    assert.equal(status, 0, `ctdb ${args.join(" ")} on node ${pnn}: ${stderr}${stdout}`);
    return stdout;
  };
  const healthy = (): Promise<boolean> =>
    awaitCondition("all nodes are healthy", { timeoutMs: LIMIT_MS, intervalMs: 200 }, () => {
      return Array.from({ length: NODES }, (_, pnn) => pnn).every((pnn) => {
        return run(pnn, OUR_TOOL, ["nodestatus", "all"]).status === 0;
      });
    });
  /** One node tells the others, and does not wait for them. */
  const attach = async (pnn: number, database: string, ...words: readonly string[]): Promise<void> => {
    ctdb(pnn, "attach", database, ...words);
    await awaitCondition(`${database} on all nodes`, { timeoutMs: LIMIT_MS }, () => {
      return addresses().every((_, other) => ctdb(other, "getdbmap").includes(database));
    });
  };
  const local = (...args: readonly string[]) => run(0, join(BIN, "ctdb-local"), [TREE, ...args]);
  const addresses = (): string[] => Array.from({ length: NODES }, (_, pnn) => lease.address(pnn));
  const stopAll = async (): Promise<void> => {
    const { status, stderr } = local("stop", "all");
    assert.equal(status, 0, stderr);
    await awaitCondition("all daemons are gone", { timeoutMs: LIMIT_MS, intervalMs: 100 }, () => {
      return addresses().every((_, pnn) => !existsSync(join(parent, TREE, `node.${pnn}/run/ctdbd.pid`)));
    });
  };

  before(async () => {
    lease = await leaseAddresses();
  });
  after(() => lease.release());

  async function inTree(writing: Omit<Writing, "addresses">, body: () => Promise<void>): Promise<void> {
    parent = mkdtempSync(join(tmpdir(), "ctdb-samba-tree-"));
    guard = startGuard(parent);
    try {
      writeTree(parent, { addresses: addresses(), ...writing });
      await body();
    } catch (error) {
      const log = join(parent, TREE, "node.0/log.ctdb");
      if (error instanceof Error && existsSync(log)) error.message += `\n${readFileSync(log, "utf8").slice(-4000)}`;
      throw error;
    } finally {
      await guard.finish();
      rmSync(parent, { recursive: true, force: true });
    }
  }

  test("our daemon runs on all nodes, the tools drive it, and the C daemon takes over its files", async () => {
    await inTree({ cluster: `cluster lock = ${LOCK_FILE}`, failoverDisabled: false }, async () => {
      for (let pnn = 0; pnn < NODES; pnn += 1) start(pnn, "ts");
      await healthy();
      assert.deepEqual(
        addresses().map((_, pnn) => ctdb(pnn, "pnn")),
        ["0\n", "1\n", "2\n"],
      );
      assert.equal(
        ctdb(0, "listnodes"),
        addresses()
          .map((address) => `${address}\n`)
          .join(""),
      );
      assert.equal(ctdb(1, "getreclock"), `${LOCK_FILE}\n`);
      assert.equal(run(2, C_TOOL, ["status"]).stdout, ctdb(2, "status"));
      await attach(0, "kept.tdb", "persistent");
      ctdb(1, "pstore", "kept.tdb", "key", "value");
      assert.equal(
        local("print-socket", "all").stdout,
        addresses()
          .map((_, pnn) => `${join(parent, TREE)}/node.${pnn}/run/ctdbd.socket\n`)
          .join(""),
      );
      assert.match(local("print-log", "2").stdout, /^\S+ node\.2 ctdbd\[\d+\]: CTDB starting on node$/m);
      await stopAll();

      for (let pnn = 0; pnn < NODES; pnn += 1) start(pnn, "c");
      await healthy();
      assert.equal(ctdb(2, "pfetch", "kept.tdb", "key"), "value\n");
      await stopAll();
    });
  });

  test("our daemon and the C daemon share a cluster whose lock is a command and whose failover is disabled", async () => {
    const lock = `cluster lock = ! ${join(DEBIAN_HELPERS, "ctdb_mutex_fcntl_helper")} ${LOCK_FILE}`;
    await inTree({ cluster: lock, failoverDisabled: true }, async () => {
      for (const [pnn, kind] of (["ts", "c", "ts"] as const).entries()) start(pnn, kind);
      await healthy();
      await attach(2, "shared.tdb");
      ctdb(1, "writekey", "shared.tdb", "key", "value");
      assert.equal(ctdb(2, "readkey", "shared.tdb", "key"), "Data: size:5 ptr:[value]\n");
      await stopAll();
    });
  });

  test("a tree of an older script, whose lock is called `recovery lock`, works too, started by ctdb-local", async () => {
    await inTree({ cluster: `recovery lock = ${TREE}/rec.lock`, failoverDisabled: false }, async () => {
      const { status, stderr } = local("start", "all");
      assert.equal(status, 0, stderr);
      await healthy();
      assert.equal(ctdb(0, "getreclock"), `${TREE}/rec.lock\n`);
      assert.equal(local("onnode", "-q", "ok", "ctdb pnn").stdout, "0\n1\n2\n");
      await stopAll();
    });
  });
});
