// Our ctdb_lvs and ctdb_natgw against Debian's, behind `ctdb lvs` and `ctdb natgw`, for groups of nodes in all kinds of states.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { C_TOOL } from "../cluster/cluster-node.js";
import { LONG } from "./cluster-mixes.js";
import { FakeDaemon } from "./fake-daemon.js";
import { OUR_TOOL, runTool } from "./tool-comparison.js";

const ADDRESSES = ["127.47.201.1", "127.47.201.2", "127.47.201.3"] as const;
const [first, second, third] = ADDRESSES;
const DISCONNECTED = 0x03;
const [UNHEALTHY, DISABLED, BANNED, STOPPED] = [0x02, 0x04, 0x08, 0x20];

const states: readonly (readonly [what: string, flags: readonly number[]])[] = [
  ["all healthy", [0, 0, 0]],
  ["the first disconnected", [DISCONNECTED, 0, 0]],
  ["the first unhealthy", [UNHEALTHY, 0, 0]],
  ["all unhealthy", [UNHEALTHY, UNHEALTHY, UNHEALTHY]],
  ["the first two disabled", [DISABLED, DISABLED, 0]],
  ["stopped, banned and disconnected", [STOPPED, BANNED, DISCONNECTED]],
  ["all stopped", [STOPPED, STOPPED, STOPPED]],
  ["all disabled", [DISABLED, DISABLED, DISABLED]],
  ["only the last unhealthy but there", [DISCONNECTED, STOPPED, UNHEALTHY]],
  ["all disconnected but the last, which is disabled", [DISCONNECTED, DISCONNECTED, DISABLED]],
];
const groups: readonly (readonly [what: string, text: string | undefined])[] = [
  ["no list", undefined],
  ["all nodes", `${ADDRESSES.join("\n")}\n`],
  ["two nodes and a comment", `# group\n${second}\n${third}\n`],
  ["the first a follower", `${first}\tfollower-only\n${second}\n${third}\n`],
  ["all followers", `${ADDRESSES.map((address) => `${address} follower-only`).join("\n")}\n`],
  ["a stranger", "10.0.0.9\n"],
];

async function outputs(flags: readonly number[], group: string | undefined, helpers: string, tool: string) {
  const base = mkdtempSync(join(tmpdir(), "ctdb-groups-"));
  mkdirSync(join(base, "run"));
  writeFileSync(
    join(base, "functions"),
    'load_script_options() { :; }\ndie() { echo "$1" >&2; [ $# -lt 2 ] || exit "$2"; exit 1; }\n',
  );
  writeFileSync(join(base, "nodes"), `${ADDRESSES.join("\n")}\n`);
  for (const name of ["lvs_nodes", "natgw_nodes"]) if (group !== undefined) writeFileSync(join(base, name), group);
  const nodes = flags.map((one, pnn) => ({ address: ADDRESSES[pnn] ?? "", flags: one }));
  const daemon = await FakeDaemon.start({ nodes, leader: 0 }, base);
  try {
    const env = {
      CTDB_LVS_HELPER: join(helpers, "ctdb_lvs"),
      CTDB_NATGW_HELPER: join(helpers, "ctdb_natgw"),
      CTDB: tool,
    };
    const results = [];
    for (const feature of ["lvs", "natgw"]) {
      for (const question of ["leader", "list", "status"]) {
        // Debian's natgw list prints the words of comments as if they were nodes.
        if (feature === "natgw" && question === "list" && group?.includes("#")) continue;
        const { status, stdout, stderr } = await runTool(tool, [feature, question], { env }, base);
        results.push({ asked: `${feature} ${question}`, status, stdout, stderr: stderr.replaceAll(base, "BASE") });
      }
    }
    return results;
  } finally {
    await daemon.stop();
    rmSync(base, { recursive: true });
  }
}

describe("groups of nodes", { concurrency: 3 }, () => {
  const pairs = states.flatMap((state) => groups.map((group) => [state, group] as const));
  // Each state with every group, but where the state does not matter; a third of them unless CTDB_TEST_LONG is set.
  const shortened = !LONG;
  const wanted = pairs.filter(
    ([[what], [, text]], index) => what === "all healthy" || (text !== undefined && (!shortened || index % 3 === 0)),
  );
  for (const [[state, flags], [group, text]] of wanted) {
    test(`${state}, ${group}: leader, list and status are those of Debian's helpers`, async () => {
      const theirs = await outputs(flags, text, "/usr/libexec/ctdb", C_TOOL);
      const ours = await outputs(flags, text, join(__PROJECT_ROOT__, "libexec"), OUR_TOOL);
      assert.deepEqual(ours, theirs);
    });
  }
});
