// The cluster on which both tools run the table of command lines, with the files that the command lines name. Used by the tests
// that compare our `ctdb` with Debian's on C daemons and on ours.
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { C_TOOL, type NodeKind } from "../cluster/cluster-node.js";
import { LocalCluster } from "../cluster/local-cluster.js";
import { LONG } from "./cluster-mixes.js";
import type { ToolCase } from "./tool-cases.js";
import { comparable, OUR_TOOL, type Outcome, runTool, title } from "./tool-comparison.js";

const EVENT_SCRIPT = `#!/bin/sh
case "$1" in
slow) sleep 20 ;;
bad) printf broken; exit 3 ;;
esac
exit 0
`;
const ADDRESSES = ["10.47.0.1/24 lo", "10.47.0.2/24 lo", "10.47.1.1/24 lo", "10.47.1.2/24 lo", ""].join("\n");

/** Writes the files that the command lines name; gives their paths by placeholder. */
function writeNamedFiles(cluster: LocalCluster): Readonly<Record<string, string>> {
  const directory = join(cluster.directory, "files");
  mkdirSync(directory);
  const path = (name: string): string => join(directory, name);
  writeFileSync(path("bad"), Buffer.concat([Buffer.from([9, 0, 0, 0, 0, 0, 0, 0]), Buffer.alloc(96)]));
  const oneBuffer = Buffer.concat([
    Buffer.from([3, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.alloc(16),
    Buffer.from([1]),
    Buffer.alloc(79),
  ]);
  const hundredBytes = Buffer.from([0, 0, 0, 0, 1, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0]);
  writeFileSync(path("garbage"), Buffer.concat([oneBuffer, hundredBytes, Buffer.alloc(100, 1)]));
  writeFileSync(path("empty"), "");
  writeFileSync(path("short"), oneBuffer);
  writeFileSync(path("trans"), '"k1" "v1"\n"k2" "0x0001"\n');
  for (const [name, body] of [
    ["exit70", "exit 70"],
    ["exit255", "exit 255"],
    ["killed", "kill -9 $$"],
  ] as const) {
    writeFileSync(path(name), `#!/bin/sh\n${body}\n`);
    chmodSync(path(name), 0o755);
  }
  return {
    "@DB0@": join(cluster.node(0).base, "db"),
    "@FILE@": path("file"),
    "@BACKUP@": path("backup"),
    "@BAD@": path("bad"),
    "@SHORT@": path("short"),
    "@GARBAGE@": path("garbage"),
    "@EMPTY@": path("empty"),
    "@TRANS@": path("trans"),
    "@EXIT70@": path("exit70"),
    "@EXIT255@": path("exit255"),
    "@KILLED@": path("killed"),
  };
}

export class ToolCluster {
  private constructor(
    readonly nodes: LocalCluster,
    private readonly files: Readonly<Record<string, string>>,
  ) {}

  /** Whether a case is left out of this run. */
  omits(one: ToolCase): boolean {
    if (LONG) return false;
    return one.verySlow === true || (one.slow === true && this.nodes.nodes.some((node) => node.kind === "c"));
  }

  /** Three healthy nodes: public addresses on the first two, an event script, a database of each kind with records. */
  static async start(kinds: readonly NodeKind[]): Promise<ToolCluster> {
    // A node that is paused for some tests is not to be taken for dead, however long they take.
    const tunables = { RerecoveryTimeout: 1, KeepaliveLimit: 60 };
    const nodes = await LocalCluster.create({ kinds, tunables });
    const files = writeNamedFiles(nodes);
    for (const node of nodes.nodes) {
      writeFileSync(join(node.base, "public_addresses"), node.pnn < 2 ? ADDRESSES : "");
      writeFileSync(join(node.base, "events/legacy/00.test.script"), EVENT_SCRIPT, { mode: 0o755 });
    }
    const cluster = new ToolCluster(nodes, files);
    try {
      nodes.startAll();
      await nodes.healthy();
      await cluster.fill();
      return cluster;
    } catch (error) {
      await nodes.stop();
      throw error;
    }
  }

  private async fill(): Promise<void> {
    const node = this.nodes.node(0);
    await node.ctdbOk(["attach", "v.tdb"]);
    await node.ctdbOk(["attach", "r.tdb", "replicated"]);
    await node.ctdbOk(["attach", "p.tdb", "persistent"]);
    await node.ctdbOk(["pstore", "p.tdb", "k1", "v1"]);
    await node.ctdbOk(["pstore", "p.tdb", "bin", "0x610062ff225c"]);
    await node.ctdbOk(["pstore", "r.tdb", "k1", "r1"]);
    await node.ctdbOk(["writekey", "v.tdb", "k1", "v1"]);
    await node.ctdbOk(["writekey", "v.tdb", "bin", "0x610062ff225c"]);
    await node.ctdbOk(["backupdb", "p.tdb", this.substitute("@BACKUP@")]);
  }

  private readonly substitute = (text: string): string =>
    text.replace(/@[A-Z0-9]+@/g, (name) => this.files[name] ?? name);

  /** What one tool makes of a case, with the cases' surroundings done by Debian's tool. */
  async outcomes(tool: string, one: ToolCase, base: string): Promise<readonly Outcome[]> {
    for (const args of one.before ?? []) {
      const outcome = await runTool(C_TOOL, args, {}, base, this.substitute);
      assert.equal(outcome.status, 0, `preparing: ctdb ${args.join(" ")}: ${outcome.stderr}`);
    }
    const outcomes: Outcome[] = [];
    for (const { args, after = [] } of one.next === undefined ? [one] : [one, one.next]) {
      outcomes.push(await runTool(tool, args, one, base, this.substitute));
      for (const look of after) outcomes.push(await runTool(C_TOOL, look, {}, base, this.substitute));
    }
    return outcomes.map((outcome) => comparable(outcome, one.mask));
  }
}

/** One test a case: both tools run it from node directory `base` of `cluster`, and must say the same. */
export function compareAll(
  name: string,
  cases: readonly ToolCase[],
  concurrency: number,
  cluster: () => ToolCluster,
  base: () => string = () => cluster().nodes.node(0).base,
): void {
  describe(name, { concurrency }, () => {
    for (const one of cases) {
      test(`\`${title(one)}\` prints and returns the same as Debian's`, async (context) => {
        if (cluster().omits(one)) return context.skip("takes long: set CTDB_TEST_LONG");
        const theirs = await cluster().outcomes(C_TOOL, one, base());
        const ours = await cluster().outcomes(OUR_TOOL, one, base());
        assert.deepEqual(ours, theirs);
      });
    }
  });
}
