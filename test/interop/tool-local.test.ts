// ctdb-local: what it writes, and how it starts, drives and stops clusters of both kinds of daemons.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { leaseAddresses } from "../cluster/address-lease.js";
import { awaitCondition } from "../cluster/await-condition.js";
import { processesWithEnvironment } from "../cluster/process-guard.js";

const BIN = join(__PROJECT_ROOT__, "bin");
/** However slow the machine is. */
const LIMIT_SECONDS = 60;
const LIMIT_MS = 1000 * LIMIT_SECONDS;
/** Any library does: what counts is that daemons are told to load it. */
const SOME_LIBRARY = process.execPath;

describe("ctdb-local", { concurrency: 1 }, () => {
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "ctdb-local-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const localIn = (env: Readonly<Record<string, string>>, ...args: readonly string[]) =>
    spawnSync(join(BIN, "ctdb-local"), [directory, ...args], { encoding: "utf8", env: { ...process.env, ...env } });
  const local = (...args: readonly string[]) => localIn({}, ...args);
  const setUp = (...args: readonly string[]): string => {
    const { status, stdout, stderr } = local("setup", ...args);
    assert.deepEqual([status, stderr], [0, ""], args.join(" "));
    return stdout;
  };
  const read = (path: string): string => readFileSync(join(directory, path), "utf8");

  /** A daemon that is none: it writes down how it was called, and what it was given. */
  function fakeDaemon(): string {
    const program = join(directory, "fake daemon");
    writeFileSync(
      program,
      '#!/bin/sh\necho "$CTDB_TEST_MODE $SOCKET_WRAPPER_DIR $LD_PRELOAD $*" >$CTDB_BASE/run/called\n',
      {
        mode: 0o755,
      },
    );
    return program;
  }

  /** Until tail-log shows a line of node 0. It would go on for ever; `timeout` ends it with all that it has started. */
  async function followsLog(): Promise<void> {
    const program = join(BIN, "ctdb-local");
    const tail = spawn("timeout", [String(LIMIT_SECONDS), program, directory, "tail-log", "0"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const closed = once(tail, "close");
    let text = "";
    tail.stdout.on("data", (bytes: Buffer) => {
      text += bytes.toString();
      if (/ node\.0 ctdbd\[\d+\]: /.test(text)) tail.kill();
    });
    await closed;
    assert.match(text, / node\.0 ctdbd\[\d+\]: /);
  }

  test("sets up, starts, drives and stops a cluster of both kinds of daemons", async () => {
    const lease = await leaseAddresses();
    const nodesFile = join(directory, "nodes-file");
    writeFileSync(nodesFile, [0, 1].map((pnn) => `${lease.address(pnn)}\n`).join(""));
    const pidsOf = () => local("onnode", "-q", "all", "cat $CTDB_BASE/run/ctdbd.pid").stdout.trim();
    try {
      setUp("-N", nodesFile, "-d", "ts,c", "-F");
      assert.equal(local("start", "all").status, 0);
      await awaitCondition("both nodes are healthy", { timeoutMs: LIMIT_MS, intervalMs: 200 }, () => {
        return local("onnode", "0", "ctdb nodestatus all").status === 0;
      });
      for (const nodes of ["all", "0-1", "ok", "con"]) {
        assert.equal(local("onnode", nodes, "ctdb pnn").stdout, "0\n1\n", nodes);
      }
      assert.match(local("onnode", "any", "ctdb pnn").stdout, /^[01]\n$/);
      assert.equal(
        local("print-socket", "all").stdout,
        [0, 1].map((pnn) => `${directory}/node.${pnn}/run/ctdbd.socket\n`).join(""),
      );
      assert.match(local("print-log", "1").stdout, / node\.1 ctdbd\[\d+\]: /);
      const lines = local("print-log", "all").stdout.trimEnd().split("\n");
      assert.deepEqual(lines, [...lines].sort());
      await followsLog();
      assert.equal(local("start", "5").status, 1);
      assert.equal(local("stop", "all").status, 0);
      // Not only the files that name them: who is still at his end writes below the directory, which is removed next.
      await awaitCondition("all processes of both nodes are gone", { timeoutMs: LIMIT_MS, intervalMs: 100 }, () =>
        [0, 1].every((pnn) => processesWithEnvironment("CTDB_BASE", join(directory, `node.${pnn}`)).length === 0),
      );
      assert.equal(pidsOf(), "");
      assert.deepEqual([local("stop", "all").status, local("stop", "all").stderr], [0, ""]);
    } finally {
      local("stop", "all");
      lease.release();
    }
  });

  test("setup writes the tree that Samba's script writes", () => {
    const without = /^Node ([0-2]) will have no public IPs\.\n$/.exec(setUp())?.[1];
    const files = readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
    const ofNode = [
      "ctdb.conf",
      "daemon",
      "debug-hung-script.sh",
      "events/legacy/00.test.script",
      "functions",
      "nodes",
      "notify.sh",
      "public_addresses",
    ];
    const expected = [
      "nodes",
      "public_addresses",
      ...[0, 1, 2].flatMap((pnn) => ofNode.map((file) => `node.${pnn}/${file}`)),
    ];
    assert.deepEqual(files.sort(), expected.sort());
    for (const folder of [
      "shared/.ctdb",
      "node.0/run",
      "node.0/var",
      "node.0/share/events/legacy",
      "node.0/db/state",
    ]) {
      assert.ok(existsSync(join(directory, folder)), folder);
    }
    assert.equal(read("nodes"), "127.0.0.1\n127.0.0.2\n127.0.0.3\n");
    const addresses = [0, 1, 2]
      .filter((pnn) => String(pnn) !== without)
      .map((pnn) => `192.168.100.${1 + pnn}/24 lo\n192.168.200.${1 + pnn}/24 lo\n`);
    assert.equal(read("public_addresses"), addresses.join(""));
    assert.equal(read(`node.${without}/public_addresses`), "");
    assert.equal(
      read("node.1/ctdb.conf"),
      `[logging]
	location = file:${directory}/node.1/log.ctdb
	log level = INFO
[cluster]
	cluster lock = ${directory}/shared/.ctdb/cluster.lock
	node address = 127.0.0.2
[database]
	volatile database directory = ${directory}/node.1/db/volatile
	persistent database directory = ${directory}/node.1/db/persistent
	state database directory = ${directory}/node.1/db/state
[failover]
	disabled = false
[event]
	debug script = debug-hung-script.sh
`,
    );
  });

  test("setup's options change what they are for", () => {
    const addresses = join(directory, "mine");
    writeFileSync(addresses, "10.9.0.1/24 eth0\n");
    assert.equal(
      setUp("-n", "101", "-P", addresses, "-F", "-C", "cluster lock", "-C", "debug script", "-d", "c,ts,/a/b"),
      "",
    );
    assert.match(read("nodes"), /^127\.0\.0\.1\n.*\n127\.0\.0\.100\n127\.0\.1\.1\n$/s);
    assert.equal(read("node.100/public_addresses"), "10.9.0.1/24 eth0\n");
    const config = read("node.0/ctdb.conf");
    assert.match(config, /^\tdisabled = true$/m);
    assert.match(config, /^\t# cluster lock = /m);
    assert.match(config, /^\t# debug script = /m);
    const daemons = [0, 1, 2, 100].map((pnn) => read(`node.${pnn}/daemon`));
    assert.deepEqual(daemons, ["/usr/sbin/ctdbd\n", `${join(BIN, "ctdbd")}\n`, "/a/b\n", "/a/b\n"]);

    const lock = (): string | undefined => /cluster lock = (.*)/.exec(read("node.0/ctdb.conf"))?.[1];
    const helper = `!${join(BIN, "../libexec/ctdb_mutex_fcntl_helper")} ${directory}/shared/.ctdb/cluster.lock`;
    setUp("-n", "1", "-R");
    assert.equal(lock(), helper);
    setUp("-n", "1", "-r", "7");
    assert.equal(lock(), `${helper} 7`);
  });

  test("setup -6 names the address that is on no interface, and fails", () => {
    const { status, stderr } = local("setup", "-6", "-n", "200");
    assert.equal(status, 1);
    assert.match(stderr, /^fd00::5357:5f[0-9a-f]{2} is on no interface; add it: /);
  });

  test("setup -S gives daemons the socket wrapper library and a directory for their traffic", () => {
    const missing = local("setup", "-S", "/nonexistent.so");
    assert.deepEqual([missing.status, missing.stderr], [1, "ctdb-local setup: Unable to find /nonexistent.so\n"]);
    const daemon = fakeDaemon();
    const called = () => {
      assert.equal(local("start", "0").status, 0);
      return read("node.0/run/called");
    };
    setUp("-n", "1", "-d", daemon);
    assert.equal(called(), "yes   \n");
    setUp("-n", "1", "-d", daemon, "-S", SOME_LIBRARY);
    const library = join(directory, "libsocket-wrapper.so");
    assert.equal(readlinkSync(library), SOME_LIBRARY);
    assert.equal(called(), `yes ${directory}/sw ${library} \n`);
  });

  test("start puts $VALGRIND in front of the daemon, stop takes $CTDB for the tool", () => {
    setUp("-n", "1", "-d", fakeDaemon());
    assert.equal(localIn({ VALGRIND: "env CTDB_TEST_MODE=checked" }, "start", "all").status, 0);
    assert.equal(read("node.0/run/called"), "checked   \n");
    writeFileSync(join(directory, "node.0/run/ctdbd.pid"), "1\n");
    const { stdout } = localIn({ CTDB: "echo tool -n 0" }, "stop", "all");
    assert.equal(stdout, "tool -n 0 shutdown\n");
  });

  test("wrong words get the usage: of all commands on standard output, of one on standard error", () => {
    for (const args of [[], ["nosuch"]]) {
      const { status, stdout, stderr } = local(...args);
      assert.deepEqual([status, stderr], [1, ""]);
      assert.match(stdout, /^usage: ctdb-local DIRECTORY COMMAND/);
    }
    setUp("-n", "1");
    for (const command of ["setup", "start", "stop", "onnode", "print-socket", "print-log", "tail-log"]) {
      const wrong = [
        [command, "-h"],
        ...(command === "setup"
          ? [
              ["setup", "-n"],
              ["setup", "-n", "x"],
              ["setup", "-Z"],
            ]
          : [[command]]),
      ];
      for (const args of wrong) {
        const { status, stdout, stderr } = local(...args);
        assert.deepEqual([status, stdout], [1, ""], args.join(" "));
        assert.match(stderr, new RegExp(`^usage: ctdb-local DIRECTORY ${command} `));
      }
    }
    const { status, stderr } = local("ssh", "192.0.2.9", "true");
    assert.deepEqual([status, stderr], [1, "ctdb-local ssh: Unable to find base for node 192.0.2.9\n"]);
  });
});
