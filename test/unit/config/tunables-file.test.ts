import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { loadTunables } from "../../../src/config/tunables-file.js";
import { defaultTunables } from "../../../src/protocol/index.js";
import { RecordingLogger } from "../fake-time.js";
import { testDirectory } from "./test-directory.js";

test("without a file every tunable has its default and nothing is logged", (t) => {
  const logger = new RecordingLogger();
  assert.deepEqual(loadTunables(testDirectory(t), logger), defaultTunables());
  assert.equal(defaultTunables().MonitorInterval, 15);
  assert.deepEqual(logger.lines, []);
});

test("names count without case and numbers may be hexadecimal or octal", (t) => {
  const paths = testDirectory(t);
  writeFileSync(paths.tunables, "# mine\nmonitorINTERVAL = 7\nKeepaliveLimit=0x10 \nElectionTimeout=010\n");
  const list = loadTunables(paths, new RecordingLogger());
  assert.equal(list.MonitorInterval, 7);
  assert.equal(list.KeepaliveLimit, 16);
  assert.equal(list.ElectionTimeout, 8);
});

test("wrong lines are logged with file and line, the lines around them count", (t) => {
  const paths = testDirectory(t);
  const text = `MonitorInterval = 7
Foo=1
recoverInterval = 2 x
TraverseTimeout=
[bar]
TraverseTimeout=-1
EventScriptUnhealthyOnTimeout=1
noequal
KeepaliveInterval=9
`;
  writeFileSync(paths.tunables, text);
  const logger = new RecordingLogger();
  const list = loadTunables(paths, logger);
  assert.deepEqual(list, { ...defaultTunables(), MonitorInterval: 7, KeepaliveInterval: 9 });
  const file = paths.tunables;
  assert.deepEqual(logger.lines, [
    `Loading tunables from ${file}`,
    `${file}:2: unknown tunable "Foo"`,
    `${file}:3: invalid value "2 x" for tunable "recoverInterval"`,
    `${file}:4: invalid line containing "TraverseTimeout": it must be Name=Value`,
    `${file}:5: section [bar]: sections are not supported here`,
    `${file}:6: invalid value "-1" for tunable "TraverseTimeout"`,
    `${file}:7: obsolete tunable "EventScriptUnhealthyOnTimeout"`,
    `${file}:8: invalid line containing "noequal": it must be Name=Value`,
  ]);
});

test("the directory's files are read after the main file in the order of their names", (t) => {
  const paths = testDirectory(t);
  mkdirSync(paths.tunablesDirectory);
  writeFileSync(paths.tunables, "MonitorInterval=1\nElectionTimeout=1\nRecoverTimeout=1\n");
  writeFileSync(`${paths.tunablesDirectory}/20-b.tunables`, "MonitorInterval=3\n");
  writeFileSync(`${paths.tunablesDirectory}/10-a.tunables`, "MonitorInterval=2\nElectionTimeout=2\n");
  writeFileSync(`${paths.tunablesDirectory}/99.conf`, "MonitorInterval=99\n");
  const { MonitorInterval, ElectionTimeout, RecoverTimeout } = loadTunables(paths, new RecordingLogger());
  assert.deepEqual([MonitorInterval, ElectionTimeout, RecoverTimeout], [3, 2, 1]);
});
