// `ctdb --json`: every example of docs/json-output.md runs on a live cluster, and every schema there fits the real output.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { LocalCluster } from "../cluster/local-cluster.js";

const PAGE = readFileSync(join(__PROJECT_ROOT__, "docs/json-output.md"), "utf8");
const EXAMPLES = [...PAGE.matchAll(/^([^\n]+):\n\n```sh\n([\s\S]*?)```/gm)].map(([, what = "", script = ""]) => ({
  what,
  script,
}));
const SCHEMAS = [...PAGE.matchAll(/^### (.+)\n\n```json\n([\s\S]*?)```/gm)].map(([, command = "", text = ""]) => ({
  command,
  schema: JSON.parse(text) as unknown,
}));

/** Commands that only our daemons know: these ask the last node. */
const OF_OUR_DAEMON: ReadonlySet<string> = new Set(["loop", "lockholders"]);

let cluster: LocalCluster;

before(async () => {
  cluster = await LocalCluster.create({ kinds: ["c", "c", "ts"], tunables: { RerecoveryTimeout: 1 } });
  for (const node of cluster.nodes) {
    writeFileSync(join(node.base, "public_addresses"), "10.47.0.1/24 lo\n");
    writeFileSync(join(node.base, "events/legacy/00.test.script"), '#!/bin/sh\necho "$1"\n', { mode: 0o755 });
  }
  cluster.startAll();
  await cluster.healthy();
  const node = cluster.node(0);
  for (const list of ["lvs_nodes", "natgw_nodes"]) {
    writeFileSync(join(node.base, list), cluster.nodes.map(({ address }) => `${address}\n`).join(""));
  }
  for (const args of [
    ["setifacelink", "lo", "up"],
    ["attach", "v.tdb"],
    ["attach", "p.tdb", "persistent"],
    ["pstore", "p.tdb", "k1", "v1"],
    ["writekey", "v.tdb", "k1", "v1"],
    ["backupdb", "p.tdb", join(workingDirectory(), "p.backup")],
    ["addtickle", "10.9.9.9:45678", "10.47.0.1:445"],
  ]) {
    await node.ctdbOk(args);
  }
});

after(() => cluster.stop());

/** Where the examples run: beside the files of persistent databases. */
const workingDirectory = (): string => join(cluster.node(0).base, "db/persistent");

function shell(script: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync("/bin/sh", ["-c", script], {
    encoding: "utf8",
    cwd: workingDirectory(),
    env: {
      ...cluster.node(0).env,
      PATH: `${join(__PROJECT_ROOT__, "bin")}:${process.env["PATH"]}`,
      CTDB_LVS_HELPER: join(__PROJECT_ROOT__, "libexec/ctdb_lvs"),
      CTDB_NATGW_HELPER: join(__PROJECT_ROOT__, "libexec/ctdb_natgw"),
    },
  });
}

/** Where `value` does not fit `schema`; undefined if it fits. */
function misfit(value: unknown, schema: unknown, at: string): string | undefined {
  if (typeof schema === "string") {
    const type = value === null ? "null" : typeof value;
    return schema.split("|").includes(type) ? undefined : `${at} is ${type} instead of ${schema}`;
  }
  if (Array.isArray(schema)) {
    if (!Array.isArray(value)) return `${at} is no array`;
    return value.map((one, index) => misfit(one, schema[0], `${at}[${index}]`)).find((text) => text !== undefined);
  }
  if (typeof value !== "object" || value === null || typeof schema !== "object" || schema === null)
    return `${at} is no object`;
  const members = new Map<string, unknown>(Object.entries(value));
  const shapes = new Map<string, unknown>(Object.entries(schema));
  for (const [name, shape] of shapes) {
    if (name === "*") continue;
    if (!members.has(name)) return `${at}.${name} is missing`;
    const text = misfit(members.get(name), shape, `${at}.${name}`);
    if (text !== undefined) return text;
  }
  for (const [name, member] of members) {
    if (shapes.has(name)) continue;
    if (!shapes.has("*")) return `${at}.${name} is not documented`;
    const text = misfit(member, shapes.get("*"), `${at}.${name}`);
    if (text !== undefined) return text;
  }
  return undefined;
}

for (const { what, script } of EXAMPLES) {
  test(`the example "${what}" runs`, () => {
    const result = shell(`set -e\n${script}`);
    assert.equal(result.stderr, "");
    assert.equal(result.status, 0);
  });
}

for (const { command, schema } of SCHEMAS) {
  test(`\`ctdb --json ${command}\` has its documented schema`, () => {
    const node = OF_OUR_DAEMON.has(command) ? "-n 2 " : "";
    const { stdout, stderr } = shell(`ctdb --json ${node}${command}`);
    assert.equal(stderr, "");
    assert.equal(misfit(JSON.parse(stdout), schema, command), undefined);
  });
}

test("a document says what the plain form says", () => {
  const [first = ""] = cluster.nodes.map(({ address }) => address);
  assert.deepEqual(JSON.parse(shell("ctdb --json lvs leader").stdout), { leader: 0, address: null });
  assert.deepEqual(JSON.parse(shell("ctdb --json natgw leader").stdout), { leader: 0, address: first });
  assert.equal(shell("ctdb --json natgw list | jq -c '[.nodes[].leader]'").stdout, "[true,false,false]\n");
  for (const group of ["lvs", "natgw"]) {
    assert.equal(
      shell(`ctdb --json ${group} status | jq -c '[.nodes[] | [.pnn, .healthy, .thisNode]]'`).stdout,
      "[[0,true,true],[1,true,false],[2,true,false]]\n",
    );
  }
  const { scripts } = JSON.parse(shell("ctdb --json scriptstatus startup").stdout);
  assert.deepEqual(
    scripts.map(({ name, state, exitStatus }: Record<string, unknown>) => [name, state, exitStatus]),
    [["00.test", "OK", 0]],
  );
  const never = shell("ctdb --json event status legacy never");
  assert.deepEqual([never.status, never.stdout, never.stderr], [22, "", "Event never has never run in legacy\n"]);
});

test("every command that reports has its schema", () => {
  const documented = new Set(SCHEMAS.map(({ command }) => command.split(" ")[0]));
  const directory = join(__PROJECT_ROOT__, "src/tool/commands");
  const reporting = readdirSync(directory).filter((file) =>
    /\breport(Json|Group|EventStatus)?\(/.test(readFileSync(join(directory, file), "utf8")),
  );
  assert.ok(reporting.length > 40, String(reporting.length));
  assert.deepEqual(
    reporting.map((file) => file.replace(/\.ts$/, "")).filter((name) => !documented.has(name)),
    [],
  );
});

test("a filter over the nodes finds the ones that are not healthy", async () => {
  await cluster.node(0).ctdbOk(["-n", "1", "disable"]);
  const { stdout } = shell("ctdb --json status | jq -r '.nodes[] | select(.healthy | not) | .flags[]'");
  assert.equal(stdout, "DISABLED\n");
  await cluster.node(0).ctdbOk(["-n", "1", "enable"]);
});
