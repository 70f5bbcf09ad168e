// ctdb.conf as our loader reads it against Debian's ctdb-config: the same files are refused, the others give the same values.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Configuration, parseConfiguration } from "../../src/config/configuration.js";
import { ConfigurationError } from "../../src/config/errors.js";
import { type Paths, resolvePaths } from "../../src/config/paths.js";
import { parseLogLevel } from "../../src/platform/logging/log-levels.js";

const CTDB_CONFIG = "/usr/libexec/ctdb/ctdb-config";
const skip = existsSync(CTDB_CONFIG) ? false : `${CTDB_CONFIG} is not installed`;
const FILES = 250;
const SEED = 20260117;

/** What `ctdb-config dump` says: values by "[section] key", or undefined where it refuses the file. */
function dumpOfC(base: string): Map<string, string> | undefined {
  const { status, stdout } = spawnSync(CTDB_CONFIG, ["dump"], {
    env: { CTDB_TEST_MODE: "yes", CTDB_BASE: base },
    encoding: "utf8",
  });
  if (status !== 0) return undefined;
  const values = new Map<string, string>();
  let section = "";
  for (const line of stdout.split("\n")) {
    if (line.startsWith("[")) section = line;
    const parameter = /^\t(# )?([^=]*?) = (.*)$/.exec(line);
    if (parameter === null) continue;
    const key = `${section} ${parameter[2]}`;
    // 4.17's tool has another default than 4.17's ctdbd, which starts with NOTICE like later releases.
    const isDefaultLevel = parameter[1] !== undefined && key === "[logging] log level";
    values.set(key, isDefaultLevel ? "NOTICE" : (parameter[3] ?? ""));
  }
  return values;
}

/** The same keys and texts for what both know. Log levels are compared as numbers, the two lock options as one. */
function dumpOfOurs(config: Configuration): Record<string, string> {
  const { logging, cluster, database, event, failover, legacy } = config;
  return {
    "[logging] location": logging.location,
    "[logging] log level": String(logging.level),
    "[cluster] transport": cluster.transport,
    "[cluster] node address": cluster.nodeAddress ?? "",
    "[cluster] cluster lock": cluster.clusterLock ?? "",
    "[cluster] leader timeout": String(cluster.leaderTimeoutSeconds),
    "[cluster] leader capability": String(cluster.leaderCapability),
    "[database] lock debug script": database.lockDebugScript ?? "",
    "[database] tdb mutexes": String(database.tdbMutexes),
    "[event] debug script": event.debugScript ?? "",
    "[failover] disabled": String(failover.disabled),
    "[legacy] realtime scheduling": String(legacy.realtimeScheduling),
    "[legacy] lmaster capability": String(legacy.lmasterCapability),
    "[legacy] start as stopped": String(legacy.startAsStopped),
    "[legacy] start as disabled": String(legacy.startAsDisabled),
    "[legacy] script log level": String(legacy.scriptLogLevel),
  };
}

function comparable(dump: Map<string, string>, ours: Record<string, string>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const key of Object.keys(ours)) {
    const value = dump.get(key) ?? "";
    result[key] = key.endsWith("log level") ? String(parseLogLevel(value)) : value;
  }
  if (result["[cluster] cluster lock"] === "") {
    result["[cluster] cluster lock"] = dump.get("[cluster] recovery lock") ?? "";
  }
  return result;
}

/** A small generator (xorshift32), so that a failing file can be made again. */
class Dice {
  constructor(private state: number) {}

  next(below: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % below;
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.next(list.length)];
    if (item === undefined) throw new RangeError("an empty list");
    return item;
  }
}

const SECTIONS = [
  "logging",
  "cluster",
  "database",
  "event",
  "failover",
  "legacy",
  "Cluster",
  "LEGACY",
  "other",
  " cluster",
];
const KEYS = [
  ["leader timeout", ["7", "5", "0x1f", "010", "9 9", "3x", "+4", " 6", "2147483647", "2147483648", "0", "-1", "x"]],
  ["leader capability", ["true", "FALSE", "yes", "No", "on", "1", "true x"]],
  ["tdb mutexes", ["true", "false", "maybe"]],
  ["start as stopped", ["yes", "no"]],
  ["realtime scheduling", ["false", "true"]],
  ["node address", ["10.0.0.1", "fd00::1", "10.0.0.1:4379", "[::1]", "host", "::ffff:10.0.0.1", "010.0.0.1", "1.2.3"]],
  ["cluster lock", ["/a/b", "!cmd  arg\targ", "a=b", "# c", "\\x", "é"]],
  ["recovery lock", ["/old"]],
  ["log level", ["INFO", "deb", "3", "11", "notice", "e", "2x", "x"]],
  ["script log level", ["WARN", "10", "-1"]],
  [
    "location",
    ["syslog", "file:", "file:/tmp/x", "file:/nonexistent/x", "syslog:udp", "syslog:x:y", "file:-:z", "file:rel"],
  ],
  ["transport", ["tcp", "ib", "TCP"]],
  ["lock debug script", ["good.sh", "dir/good.sh", "bad.sh", "none.sh"]],
  ["debug script", ["good.sh", "/x/good.sh", "good.sh/", "sub"]],
  ["disabled", ["true", "false"]],
  ["Leader Timeout", ["8"]],
  ["unknown", ["8"]],
] as const;
const SECTION_OF: Readonly<Record<string, string>> = {
  "leader timeout": "cluster",
  "leader capability": "cluster",
  "node address": "cluster",
  "cluster lock": "cluster",
  "recovery lock": "cluster",
  transport: "cluster",
  "tdb mutexes": "database",
  "lock debug script": "database",
  "start as stopped": "legacy",
  "realtime scheduling": "legacy",
  "script log level": "legacy",
  "log level": "logging",
  location: "logging",
  "debug script": "event",
  disabled: "failover",
};

function randomFile(dice: Dice): string {
  let text = "";
  for (let lines = 1 + dice.next(6); lines > 0; lines -= 1) {
    const [key, values] = dice.pick(KEYS);
    const section = dice.next(8) === 0 ? dice.pick(SECTIONS) : (SECTION_OF[key] ?? "cluster");
    const value = dice.next(3) === 0 ? dice.pick(values) : values[0];
    const end =
      dice.next(12) === 0 ? dice.pick(["\r\n", " \t\n", "\\\n", " \\\n", "\\ \n", "\\\\\n", "\v\n", ""]) : "\n";
    text += `${dice.pick(["", "", "\t", " "])}[${section}]${dice.next(10) === 0 ? " x = 1" : ""}\n`;
    text += dice.pick(["", "", "\t", "  "]);
    text += dice.next(10) === 0 ? key.replace(" ", dice.pick(["  ", "\t", "\\\n", " \\\n ", "\\ \n"])) : key;
    text += dice.pick([" = ", " = ", "=", "  =\t", "\t= "]);
    text += value + end;
    if (dice.next(12) === 0) {
      text += dice.pick([
        "# c\n",
        "; c \\\n",
        "word\n",
        "\n\n",
        "[x\n",
        "= 1\n",
        " =\n",
        "[]\n",
        "]\n",
        "cluster lock =\n",
        "\\\n",
      ]);
    }
  }
  return text;
}

function oursOrRefused(text: string, paths: Paths): Record<string, string> | undefined {
  try {
    return dumpOfOurs(parseConfiguration(text, paths.config, paths));
  } catch (error) {
    if (error instanceof ConfigurationError) return undefined;
    throw error;
  }
}

test("random configuration files mean the same to both implementations", { skip }, (t) => {
  const base = mkdtempSync(join(tmpdir(), "ctdb-interop-config-"));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  mkdirSync(join(base, "sub"));
  writeFileSync(join(base, "good.sh"), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(join(base, "bad.sh"), "#!/bin/sh\n", { mode: 0o644 });
  const paths = resolvePaths({ CTDB_TEST_MODE: "yes", CTDB_BASE: base });
  const dice = new Dice(SEED);
  let refused = 0;
  for (let file = 0; file < FILES; file += 1) {
    const text = randomFile(dice);
    writeFileSync(paths.config, text);
    const dump = dumpOfC(base);
    const ours = oursOrRefused(text, paths);
    if (dump === undefined) refused += 1;
    const what = `file ${file}: ${JSON.stringify(text)}`;
    assert.equal(ours === undefined, dump === undefined, `${what}: one refuses it`);
    if (ours !== undefined && dump !== undefined) assert.deepEqual(ours, comparable(dump, ours), what);
  }
  assert.ok(refused > FILES / 10 && refused < (FILES * 9) / 10, `${refused} of ${FILES} files were refused`);
});
