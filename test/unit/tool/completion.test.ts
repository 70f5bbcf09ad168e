// The completion scripts of the shells.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { COMMANDS } from "../../../src/tool/command-table.js";
import { completionScript } from "../../../src/tool/print/completion.js";

function complete(...words: string[]): string[] {
  const script = completionScript("bash", COMMANDS) ?? "";
  const line = words.map((word) => `'${word}'`).join(" ");
  const { stdout } = spawnSync(
    "bash",
    ["-c", `${script}\nCOMP_WORDS=(ctdb ${line}); COMP_CWORD=${words.length}; _ctdb; echo "\${COMPREPLY[@]}"`],
    { encoding: "utf8" },
  );
  return stdout.trim().split(" ");
}

test("bash completes commands, behind options with values too", () => {
  assert.deepEqual(complete("setdb"), ["setdbreadonly", "setdbsticky"]);
  assert.deepEqual(complete("-n", "1", "nodest"), ["nodestatus"]);
});

test("bash completes the words that a command knows", () => {
  assert.deepEqual(complete("setlmasterrole", ""), ["on", "off"]);
  assert.deepEqual(complete("natgw", "l"), ["leader", "list"]);
});

test("bash completes options", () => {
  assert.deepEqual(complete("--js"), ["--json"]);
});

test("every shell has a script, others are refused", () => {
  for (const shell of ["bash", "zsh", "fish"]) assert.match(completionScript(shell, COMMANDS) ?? "", /ctdb/);
  assert.equal(completionScript("tcsh", COMMANDS), undefined);
});
