// Reading a nodes list, and comparing it with the cluster before it is loaded.
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseNodesList } from "../../../src/config/nodes-list.js";
import { compareNodes, sameNodesLists } from "../../../src/tool/commands/reloadnodes.js";
import { CommandFailure } from "../../../src/tool/errors.js";
import { readNodesList } from "../../../src/tool/fetch/nodes-list.js";
import type { Terminal } from "../../../src/tool/terminal.js";

function recorder(): Terminal & { readonly lines: string[] } {
  const lines: string[] = [];
  return { lines, out: (text) => lines.push(String(text)), complain: (line) => lines.push(line) };
}

const parse = (text: string) => parseNodesList(text, "nodes").map((node, pnn) => ({ pnn, ...node }));
const entry = (pnn: number, address: string, flags = 0) => ({
  pnn,
  flags,
  addr: { family: 4 as const, address, port: 0 },
});

test("a line that is no address is named, then the list is refused", () => {
  const file = join(mkdtempSync(join(tmpdir(), "ctdb-nodes-")), "nodes");
  writeFileSync(file, "10.0.0.1\nfoo bar\n");
  const terminal = recorder();
  assert.throws(() => readNodesList(file, terminal), CommandFailure);
  assert.deepEqual(terminal.lines, ["Invalid node address foo bar", `Failed to read nodes from "${file}"`]);
});

test("a command that does not exist is named", () => {
  const terminal = recorder();
  assert.throws(() => readNodesList("!/nonexistent/list a", terminal), CommandFailure);
  assert.deepEqual(terminal.lines, [
    "sys_popenv: ERROR executing command '/nonexistent/list': No such file or directory",
    'Failed to read nodes from "!/nonexistent/list a"',
  ]);
});

test("lists are the same when count, places and addresses are", () => {
  const list = parse("10.0.0.1\n#10.0.0.2\n");
  assert.equal(sameNodesLists(list, [entry(0, "10.0.0.1"), entry(1, "0.0.0.0", 0x10)]), true);
  assert.equal(sameNodesLists(list, [entry(0, "10.0.0.1")]), false);
  assert.equal(sameNodesLists(list, [entry(0, "10.0.0.1"), entry(1, "10.0.0.2")]), false);
});

test("new nodes make a reload", () => {
  const comparison = compareNodes([entry(0, "10.0.0.1")], parse("10.0.0.1\n10.0.0.2\n# 10.0.0.3\n"));
  assert.deepEqual(
    comparison.lines.map((line) => line.text),
    ["Node 1 is NEW", "Node 2 is NEW"],
  );
  assert.equal(comparison.changed && !comparison.error, true);
});

test("a node may be deleted only while it is disconnected", () => {
  const list = parse("10.0.0.1\n#10.0.0.2\n");
  const gone = compareNodes([entry(0, "10.0.0.1"), entry(1, "10.0.0.2", 0x03)], list);
  assert.deepEqual([gone.error, gone.lines.map((line) => line.text)], [false, ["Node 1 is DELETED"]]);
  const there = compareNodes([entry(0, "10.0.0.1"), entry(1, "10.0.0.2")], list);
  assert.deepEqual(
    [there.error, there.lines],
    [
      true,
      [
        { stream: "out", text: "Node 1 is DELETED" },
        { stream: "complain", text: "ERROR: Node 1 is still connected" },
      ],
    ],
  );
});

test("a changed address and a missing node are errors, a disconnected node is a warning", () => {
  const changed = compareNodes([entry(0, "10.0.0.1")], parse("10.0.0.9\n"));
  assert.deepEqual(
    [changed.error, changed.lines[0]?.text],
    [true, "Node 0 has changed IP address (was 10.0.0.1, now 10.0.0.9)"],
  );
  const missing = compareNodes([entry(0, "10.0.0.1")], []);
  assert.deepEqual([missing.error, missing.lines[0]?.text], [true, "Node 0 (10.0.0.1) missing from nodes file"]);
  const away = compareNodes([entry(0, "10.0.0.1", 0x03)], parse("10.0.0.1\n"));
  assert.deepEqual(
    [away.error, away.changed, away.lines[0]?.text],
    [false, false, "WARNING: Node 0 is disconnected. You MUST fix this node manually!"],
  );
});

test("a deleted node comes back, or stays away without a word", () => {
  const back = compareNodes([entry(0, "0.0.0.0", 0x11)], parse("10.0.0.1\n"));
  assert.deepEqual([back.changed, back.lines[0]?.text], [true, "Node 0 is UNDELETED"]);
  assert.deepEqual(compareNodes([entry(0, "0.0.0.0", 0x11)], parse("#10.0.0.1\n")).lines, []);
});
