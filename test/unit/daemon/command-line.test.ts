import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { readDaemonCommandLine } from "../../../src/daemon/command-line.js";

const C_DAEMON = "/usr/sbin/ctdbd";

test("-i and --interactive keep the daemon in the foreground", () => {
  assert.deepEqual(readDaemonCommandLine([]), { interactive: false });
  assert.deepEqual(readDaemonCommandLine(["-i"]), { interactive: true });
  assert.deepEqual(readDaemonCommandLine(["--interactive"]), { interactive: true });
});

const ENDING: readonly (readonly string[])[] = [
  ["-?"],
  ["--help"],
  ["--usage"],
  ["-i?"],
  ["-Z"],
  ["-iZ"],
  ["--foo"],
  ["--foo=1"],
  ["--inter"],
  ["--interactive=1"],
  ["word"],
  ["word", "--bar"],
  ["word", "-?"],
  ["-?", "word"],
  ["-?", "-Z"],
  ["-i", "word"],
];

test("help, usage and every error are the C daemon's, with its exit status", {
  skip: existsSync(C_DAEMON) ? false : `${C_DAEMON} is not installed`,
}, () => {
  for (const argv of ENDING) {
    const { status, stdout, stderr } = spawnSync(C_DAEMON, argv, { encoding: "utf8" });
    const ours = readDaemonCommandLine(argv);
    assert.ok("status" in ours, argv.join(" "));
    const text = { stdout: "", stderr: "", [ours.stream]: ours.text };
    assert.deepEqual({ status: ours.status, ...text }, { status, stdout, stderr }, argv.join(" "));
  }
});
