// Our ctdb_diagnostics and ping_pong against Debian's.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { awaitCondition } from "../cluster/await-condition.js";

const OURS = join(__PROJECT_ROOT__, "bin");
const DEBIANS = "/usr/bin";
/** However slow the machine is. */
const LIMIT_MS = 60_000;

/** Three nodes, of which 3 is not there, 2 has another hosts file and a wrong clock, and none has all files. */
const FAKE_ONNODE = `#!/bin/sh
node=$1
shift
[ "$node" = 3 ] && exit 255
case "$*" in
true) exit 0 ;;
"[ -r /etc/vsftpd"* | "[ -r /etc/ctdb/static"*) exit 1 ;;
"[ -r "*) exit 0 ;;
"cat /etc/hosts") printf '127.0.0.1   localhost\\n\\n# node %s\\n' "$node" ;;
"cat /etc/fstab") [ "$node" = 0 ] && echo "a b" || echo "a   b" ;;
"cat "*) echo "content of $*"; echo complaint >&2 ;;
"date +%s") [ "$node" = 2 ] && echo 5 || date +%s ;;
*) echo "node $node: $*" ;;
esac
`;
const FAKE_CTDB = `#!/bin/sh
printf '|0|10.0.0.1|\\n|1|10.0.0.2|\\n|2|10.0.0.3|\\n|3|10.0.0.4|\\n'
`;

let directory = "";

before(() => {
  directory = mkdtempSync(join(tmpdir(), "ctdb-diagnostics-test-"));
  mkdirSync(join(directory, "bin"));
  writeFileSync(join(directory, "bin/onnode"), FAKE_ONNODE, { mode: 0o755 });
  writeFileSync(join(directory, "bin/ctdb"), FAKE_CTDB, { mode: 0o755 });
});

after(() => rmSync(directory, { recursive: true }));

function diagnose(program: string, args: readonly string[]) {
  const { stdout, stderr, status } = spawnSync(join(program, "ctdb_diagnostics"), args, {
    encoding: "utf8",
    env: { PATH: `${join(directory, "bin")}:${process.env["PATH"]}`, TZ: "UTC", LC_ALL: "C" },
  });
  return {
    status,
    stdout: stdout
      .replace(/[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d UTC \d{4}/g, "DATE")
      .replace(/differs by -\d+ seconds/g, "differs by -N seconds")
      // Headers of diff: temporary file and its time.
      .replace(/^(---|\+\+\+) \S+\/(\S+)\t.*$/gm, "$1 $2"),
    stderr: stderr
      .replace(/^ {4}-l .*\n/m, "")
      // The complaint about an unknown option is that of the option parser.
      .replace(/^ctdb_diagnostics: .*\n/m, "COMPLAINT\n"),
  };
}

describe("ctdb_diagnostics", { concurrency: 2 }, () => {
  for (const args of [[], ["-n", "0,1"], ["-c", "--no-ads"], ["-w"], ["-cw", "-n2,0"], ["-h"], ["x"], ["--bogus"]]) {
    test(`\`ctdb_diagnostics ${args.join(" ")}\` reports and returns the same as Debian's`, () => {
      assert.deepEqual(diagnose(OURS, args), diagnose(DEBIANS, args));
    });
  }
});

/** Runs ping_pong to its end, or until it has told what `until` says: with a number of locks it goes on for ever. */
async function pingPong(program: string, line: string, until?: RegExp) {
  const child = spawn(join(program, "ping_pong"), line.split(" "), { cwd: directory, timeout: LIMIT_MS });
  const closed = once(child, "close");
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (bytes: Buffer) => {
    stdout += bytes.toString();
    if (until?.test(stdout)) child.kill();
  });
  child.stderr.on("data", (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  child.stdin.on("error", () => {}); // It has ended without reading.
  child.stdin.end("\n");
  const [status]: unknown[] = await closed;
  return {
    status,
    stdout: stdout.replace(/ *\d+ locks\/sec\r/g, "RATE").replace(/(RATE)+/, "RATES"),
    stderr: stderr.replace(/^\/usr\/bin\//, ""),
  };
}

describe("ping_pong", { concurrency: 4 }, () => {
  const RATE = /locks\/sec\r/;
  for (const [line, until] of [
    ["file"],
    ["-x file 3"],
    ["file 3 -q"],
    ["file 0"],
    ["-rw file x"],
    ["/nonexistent/file 3"],
    ["-l /nonexistent/file"],
    ["-l"],
    ["-l whole"],
    ["plain 3", RATE],
    ["-r read 2", RATE],
    ["-rw written 3", RATE],
    ["-rwmc mapped 4", RATE],
  ] as const) {
    test(`\`ping_pong ${line}\` prints and returns the same as Debian's`, async () => {
      const ours = await pingPong(OURS, line, until);
      if (until !== undefined) assert.match(ours.stdout, /RATES/);
      assert.deepEqual(ours, await pingPong(DEBIANS, line, until));
    });
  }

  test("`ping_pong -l` names the process that holds the lock, as Debian's does", async () => {
    const holder = spawn(join(DEBIANS, "ping_pong"), ["-l", "held"], {
      cwd: directory,
      stdio: ["pipe", "pipe", "inherit"],
    });
    try {
      // Looked for from outside: who tries the lock himself may be the one that holds it when the holder tries it, which ends then.
      await awaitCondition("the lock is held", { timeoutMs: LIMIT_MS }, () =>
        readFileSync("/proc/locks", "utf8").includes(` WRITE ${holder.pid} `),
      );
      const ours = await pingPong(OURS, "-l held");
      assert.match(ours.stdout, /already locked/);
      assert.deepEqual(ours, await pingPong(DEBIANS, "-l held"));
      assert.match(ours.stdout, new RegExp(`pid='${holder.pid}'`));
    } finally {
      holder.stdin.end("\n");
    }
  });

  test("ours and Debian's on one file see each other's increments", async () => {
    const other = spawn(join(DEBIANS, "ping_pong"), ["-rw", "shared", "3"], { cwd: directory, stdio: "ignore" });
    try {
      const { stdout } = await pingPong(OURS, "-rw shared 3", /data increment = 2\n/);
      assert.match(stdout, /data increment = 2\n/);
    } finally {
      other.kill();
    }
  });
});
