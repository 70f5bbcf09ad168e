import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { NodesListError } from "../../../src/config/errors.js";
import { loadNodesList, parseNodesList } from "../../../src/config/nodes-list.js";
import { testDirectory } from "./test-directory.js";

const live = (address: string) => ({ address, deleted: false });
const gone = { address: "0.0.0.0", deleted: true };

test("each line is a node; commented lines keep their number, empty lines take none", () => {
  assert.deepEqual(parseNodesList("10.0.0.1\n\n #10.0.0.2\n\t10.0.0.3 \t\n# note\n\n", "nodes"), [
    live("10.0.0.1"),
    gone,
    live("10.0.0.3"),
    gone,
  ]);
});

test("IPv6 addresses are brought to one form, also from brackets, mapped ones become IPv4", () => {
  assert.deepEqual(parseNodesList("FD00:0:0::1\n[fd00::2]\n::ffff:10.0.0.1\n", "nodes"), [
    live("fd00::1"),
    live("fd00::2"),
    live("10.0.0.1"),
  ]);
});

test("names, ports and trailing text fail the whole list with the line's number", () => {
  for (const bad of ["node1", "10.0.0.1:4379", "10.0.0.1 # one", "10.0.0", "fe80::1%eth0"]) {
    assert.throws(
      () => parseNodesList(`10.0.0.9\n${bad}\n`, "/etc/ctdb/nodes"),
      (error: unknown) => {
        assert.ok(error instanceof NodesListError);
        assert.match(error.message, /^Failed to load nodes list "\/etc\/ctdb\/nodes": line 2: /);
        return true;
      },
    );
  }
});

test("an empty text is a list without nodes", () => {
  assert.deepEqual(parseNodesList("", "nodes"), []);
  assert.deepEqual(parseNodesList("\n \n", "nodes"), []);
});

test("a missing file is an error", () => {
  assert.throws(() => loadNodesList("/nonexistent/nodes"), NodesListError);
});

test("a command's output is a list, whatever its exit status", (t) => {
  const { etcdir } = testDirectory(t);
  const program = `${etcdir}/list.sh`;
  writeFileSync(program, '#!/bin/sh\nfor a in "$@"; do echo "$a"; done\nexit 3\n');
  chmodSync(program, 0o755);
  assert.deepEqual(loadNodesList(`! ${program}  10.0.0.1 \t #x`), [live("10.0.0.1"), gone]);
});

test("a command that does not exist is an error", () => {
  assert.throws(() => loadNodesList("!/nonexistent/list a"), NodesListError);
  assert.throws(() => loadNodesList("!"), NodesListError);
});
