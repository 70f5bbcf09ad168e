// Our onnode against Debian's, with a program that stands in for ssh.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

const BIN = join(__PROJECT_ROOT__, "bin");
const FAKE_SSH = `#!/bin/sh
echo "ssh $*"
echo complaint >&2
case "$*" in *cat*) cat ;; esac
case "$*" in *10.0.0.2*) exit 7 ;; esac
exit 0
`;
const FAKE_CTDB = `#!/bin/sh
cat <<END
|Node|IP|Disconnected|Unknown|Banned|Disabled|Unhealthy|Stopped|Inactive|PartiallyOnline|ThisNode|
|0|10.0.0.1|0|0|0|0|0|0|0|0|Y|
|2|10.0.0.2|1|0|0|0|1|0|1|0|N|
|4|10.0.0.4|0|0|0|1|0|0|0|0|N|
END
`;

let base = "";

before(() => {
  base = mkdtempSync(join(tmpdir(), "ctdb-onnode-"));
  mkdirSync(join(base, "bin"));
  writeFileSync(join(base, "ssh"), FAKE_SSH, { mode: 0o755 });
  writeFileSync(join(base, "bin/ctdb"), FAKE_CTDB, { mode: 0o755 });
  writeFileSync(join(base, "nodes"), "10.0.0.1\n#10.0.0.9\n10.0.0.2 # two\n\n 10.0.0.4\n");
  writeFileSync(join(base, "others"), "10.0.0.8\n");
});

after(() => rmSync(base, { recursive: true }));

function onnode(program: string, line: string) {
  const args = line.split(" ").map((word) => (word === "''" ? "" : word));
  const { stdout, stderr, status } = spawnSync(program, args, {
    cwd: base,
    encoding: "utf8",
    input: "input\n",
    env: { PATH: `${join(base, "bin")}:${process.env["PATH"]}`, CTDB_BASE: base, ONNODE_SSH: join(base, "ssh") },
  });
  // Nodes that run in parallel end in any order.
  const parallel = line.startsWith("-p");
  return {
    status,
    stdout: parallel ? stdout.split("\n").sort() : stdout,
    stderr: stderr.replace("/usr/bin/onnode: ", "onnode: "),
  };
}

describe("onnode", { concurrency: 4 }, () => {
  for (const line of [
    "0 ls",
    "all ls -l /a",
    "-q all ls",
    "-v 0 ls",
    "-vq 0 ls",
    "-p all ls",
    "-pq all ls",
    "-p 0 ls",
    "-pv 0 ls",
    "0,2 ls",
    "0-2 ls",
    "1 ls",
    "5 ls",
    "foo ls",
    "-n foo ls",
    "-n foo,0 ls",
    "3-1 ls",
    "0,0 ls",
    "-c 0 ls",
    "0 cat",
    "-i 0 cat",
    "-pi 0 cat",
    "-Z 0 ls",
    "0",
    "-h",
    "-f",
    "-f nonexistent 0 ls",
    "-f others 0 ls",
    "0,foo ls",
    "1234 ls",
    "'' ls",
    ", ls",
    "0, ls",
    "ALL ls",
    "0- ls",
    "2-9 ls",
    "ok ls",
    "healthy ls",
    "con ls",
    "connected,0 ls",
  ]) {
    test(`\`onnode ${line}\` does the same as Debian's`, () => {
      assert.deepEqual(onnode(join(BIN, "onnode"), line), onnode("/usr/bin/onnode", line));
    });
  }
});
