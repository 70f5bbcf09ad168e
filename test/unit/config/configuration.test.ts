import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import {
  type Configuration,
  checkDatabaseDirectories,
  loadConfiguration,
  parseConfiguration,
} from "../../../src/config/configuration.js";
import { ConfigurationError } from "../../../src/config/errors.js";
import { type Paths, resolvePaths } from "../../../src/config/paths.js";
import { testDirectory } from "./test-directory.js";

const DEBIAN = resolvePaths({});

function parse(text: string, paths: Paths = DEBIAN): Configuration {
  return parseConfiguration(text, "ctdb.conf", paths);
}

function problemsOf(text: string, paths: Paths = DEBIAN): string[] {
  try {
    parse(text, paths);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    return error.problems.map(({ line, section, key, reason }) => `${line} [${section}] ${key}: ${reason}`);
  }
  return [];
}

test("a missing file means the defaults, with Debian's paths", () => {
  assert.deepEqual(loadConfiguration("/nonexistent/ctdb.conf", DEBIAN), {
    logging: { location: "file:/var/log/ctdb/log.ctdb", level: 3 },
    cluster: {
      transport: "tcp",
      nodeAddress: undefined,
      clusterLock: undefined,
      nodesList: "/etc/ctdb/nodes",
      leaderTimeoutSeconds: 5,
      leaderCapability: true,
    },
    database: {
      volatileDirectory: "/var/lib/ctdb/volatile",
      persistentDirectory: "/var/lib/ctdb/persistent",
      stateDirectory: "/var/lib/ctdb/state",
      lockDebugScript: undefined,
      tdbMutexes: true,
    },
    event: { debugScript: undefined },
    failover: { disabled: false, shutdownExtraTimeoutSeconds: 0, shutdownFailoverTimeoutSeconds: 10 },
    legacy: {
      realtimeScheduling: true,
      lmasterCapability: true,
      startAsStopped: false,
      startAsDisabled: false,
      scriptLogLevel: 0,
    },
    own: { loopTurnLimitMs: 100 },
    warnings: [],
    skipped: [],
  });
});

test("a file for a test cluster of the C daemon is read whole", (t) => {
  const paths = testDirectory(t);
  const base = paths.etcdir;
  mkdirSync(`${base}/db`);
  for (const name of ["volatile", "persistent", "state"]) mkdirSync(`${base}/db/${name}`);
  writeFileSync(`${base}/debug-hung-script.sh`, "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(
    paths.config,
    `[logging]
	location = file:${base}/log.ctdb
	log level = INFO

[cluster]
	cluster lock = !/usr/libexec/ctdb/ctdb_mutex_fcntl_helper ${base}/shared/.ctdb/cluster.lock 5
	node address = 127.48.0.3

[database]
	volatile database directory = ${base}/db/volatile
	persistent database directory = ${base}/db/persistent
	state database directory = ${base}/db/state

[failover]
	disabled = false

[event]
	debug script = debug-hung-script.sh
`,
  );
  const config = loadConfiguration(paths.config, paths);
  assert.equal(config.logging.location, `file:${base}/log.ctdb`);
  assert.equal(config.logging.level, 5);
  assert.equal(
    config.cluster.clusterLock,
    `!/usr/libexec/ctdb/ctdb_mutex_fcntl_helper ${base}/shared/.ctdb/cluster.lock 5`,
  );
  assert.equal(config.cluster.nodeAddress, "127.48.0.3");
  assert.equal(config.database.stateDirectory, `${base}/db/state`);
  assert.equal(config.event.debugScript, "debug-hung-script.sh");
  assert.deepEqual(config.skipped, []);
  assert.deepEqual(config.warnings, []);
});

test("section names count without case, option names with case", () => {
  const config = parse("[CLUSTER]\nLeader Timeout = 9\n[Legacy]\nstart as stopped = YES\n");
  assert.equal(config.cluster.leaderTimeoutSeconds, 5);
  assert.equal(config.legacy.startAsStopped, true);
  assert.deepEqual(config.skipped, ['line 2: unknown option [cluster] -> "Leader Timeout"']);
});

test("unknown sections, unknown options and lines without an equals sign are passed over", () => {
  const config = parse(
    "x = 1\n[nowhere]\nleader timeout = 9\n[cluster]\nfoo = 2\nleader timeout\nleader timeout = 8\n",
  );
  assert.equal(config.cluster.leaderTimeoutSeconds, 8);
  assert.deepEqual(config.skipped, [
    'line 1: unknown section for option "x"',
    "line 2: unknown section [nowhere]",
    'line 3: unknown section for option "leader timeout"',
    'line 5: unknown option [cluster] -> "foo"',
  ]);
});

test("every wrong value is named with its line, and none of the others counts", () => {
  assert.deepEqual(
    problemsOf(`[cluster]
leader timeout = 0
node address = 10.0.0.1:4379
transport = ib
leader capability = on
cluster lock =
[legacy]
script log level = loud
`),
    [
      "2 [cluster] leader timeout: must be greater than 0 seconds",
      '3 [cluster] node address: "10.0.0.1:4379" is no IP address (a port is not possible)',
      '4 [cluster] transport: "ib" is no transport: only tcp is possible',
      '5 [cluster] leader capability: "on" is none of true, yes, false, no',
      "6 [cluster] cluster lock: the value is empty",
      '8 [legacy] script log level: "loud" is no log level: ERROR, WARNING, NOTICE, INFO or DEBUG',
    ],
  );
});

test("the message of a refused file names file, line and option and says what to do", () => {
  assert.throws(() => parseConfiguration("[cluster]\ntransport = ib\n", "/etc/ctdb/ctdb.conf", DEBIAN), {
    name: "ConfigurationError",
    message:
      '/etc/ctdb/ctdb.conf:2: [cluster] -> "transport": "ib" is no transport: only tcp is possible\n' +
      "Failed to load configuration file /etc/ctdb/ctdb.conf: correct it, or move it away to start with the defaults",
  });
});

test("numbers are read as C reads them: hexadecimal, octal, and text behind the digits does not matter", () => {
  const read = (text: string) => parse(`[failover]\nshutdown extra timeout = ${text}\n`).failover;
  assert.equal(read("0x10").shutdownExtraTimeoutSeconds, 16);
  assert.equal(read("010").shutdownExtraTimeoutSeconds, 8);
  assert.equal(read("12x").shutdownExtraTimeoutSeconds, 12);
  assert.equal(read("abc").shutdownExtraTimeoutSeconds, 0);
  assert.equal(read("2147483647").shutdownExtraTimeoutSeconds, 2147483647);
  assert.equal(problemsOf("[failover]\nshutdown extra timeout = 2147483648\n").length, 1);
  assert.equal(problemsOf("[failover]\nshutdown extra timeout = -1\n").length, 1);
});

test("a value that equals the default does not undo an earlier one", () => {
  assert.equal(parse("[cluster]\nleader timeout = 7\nleader timeout = 5\n").cluster.leaderTimeoutSeconds, 7);
  assert.equal(parse("[cluster]\nleader timeout = 7\nleader timeout = 6\n").cluster.leaderTimeoutSeconds, 6);
});

test("a file that cannot be parsed to its end counts as empty, with a warning", () => {
  for (const broken of ["[cluster\n", "= 4\n"]) {
    const config = parse(`[cluster]\nleader timeout = 7\n${broken}`);
    assert.equal(config.cluster.leaderTimeoutSeconds, 5);
    assert.match(config.warnings.join("\n"), /^ctdb\.conf:3: .*; the whole file is ignored$/);
  }
});

test("recovery lock is taken as cluster lock where that is missing, with a warning", () => {
  const old = parse("[cluster]\nrecovery lock = /shared/lock\n");
  assert.equal(old.cluster.clusterLock, "/shared/lock");
  assert.deepEqual(old.warnings, ["[cluster] -> recovery lock is deprecated, use cluster lock"]);
  assert.equal(parse("[cluster]\nrecovery lock = /a\ncluster lock = /b\n").cluster.clusterLock, "/b");
});

test("directories must exist when they are named", (t) => {
  const paths = testDirectory(t);
  assert.deepEqual(problemsOf("[database]\nvolatile database directory = /nonexistent\n", paths), [
    '2 [database] volatile database directory: "/nonexistent" does not exist',
  ]);
  assert.deepEqual(problemsOf("[logging]\nlocation = file:/nonexistent/log\n", paths), [
    '2 [logging] location: the directory of the log file "/nonexistent/log" does not exist',
  ]);
});

test("a script is looked up beside the configuration and must be an executable file", (t) => {
  const paths = testDirectory(t);
  const text = "[database]\nlock debug script = /elsewhere/debug_locks.sh\n";
  const script = `${paths.etcdir}/debug_locks.sh`;
  assert.match(problemsOf(text, paths).join(), /debug_locks\.sh does not exist$/);
  writeFileSync(script, "#!/bin/sh\n", { mode: 0o644 });
  assert.match(problemsOf(text, paths).join(), /debug_locks\.sh is not executable$/);
  mkdirSync(`${paths.etcdir}/d.sh`);
  assert.match(problemsOf("[event]\ndebug script = d.sh\n", paths).join(), /d\.sh is not a file$/);
});

test("an unreadable file is an error, not a start with defaults", (t) => {
  const paths = testDirectory(t);
  mkdirSync(paths.config);
  assert.throws(() => loadConfiguration(paths.config, paths), ConfigurationError);
});

test("log locations other than file and the kinds of syslog are refused", () => {
  for (const good of ["syslog", "syslog:udp", "syslog:nonblocking", "syslog:udp-rfc5424", "file:", "file:-", "file"]) {
    assert.equal(parse(`[logging]\nlocation = ${good}\n`).logging.location, good);
  }
  for (const bad of ["SYSLOG", "syslog:foo", "journal", "/var/log/ctdb"]) {
    assert.equal(problemsOf(`[logging]\nlocation = ${bad}\n`).length, 1, bad);
  }
});

test("a default database directory that does not exist is found before the start", (t) => {
  const paths = testDirectory(t);
  const config = parse("", paths);
  checkDatabaseDirectories(config, paths.config);
  rmSync(`${paths.vardir}/state`, { recursive: true });
  assert.throws(() => checkDatabaseDirectories(config, paths.config), {
    name: "ConfigurationError",
    message: /\[database\] -> "state database directory": ".*\/var\/state" does not exist\n/,
  });
});

test("a path through a file is a missing directory, not a crash", (t) => {
  const paths = testDirectory(t);
  writeFileSync(paths.nodes, "");
  assert.equal(problemsOf(`[database]\nstate database directory = ${paths.nodes}/x\n`, paths).length, 1);
});

test("the section of ctdb-ts is read like the others", () => {
  assert.equal(parse("[ctdb-ts]\n\tloop turn limit = 0\n").own.loopTurnLimitMs, 0);
  assert.equal(parse("[ctdb-ts]\n\tloop turn limit = 0x10\n").own.loopTurnLimitMs, 16);
});
