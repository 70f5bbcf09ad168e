// `npm run bench`: drives Debian's C daemon and ours in one run with the same client program, in alternating rounds, and prints
// medians and ratios. Started with --load it is that client program, in a process of its own on the second CPU.
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { daemonPrograms, type NodeKind } from "../test/cluster/cluster-node.js";
import { LocalCluster } from "../test/cluster/local-cluster.js";
import type { Benchmark, Figure, LoadContext } from "./benchmark.js";
import { benchmarks } from "./benchmarks/all.js";
import { costsText, watchCosts } from "./costs.js";
import { formatTable, Results } from "./statistics.js";

const USAGE = `usage: npm run bench -- [options]
  --quick         one short round instead of five
  --full          full size where a benchmark is scaled down otherwise (vacuum: 1,000,000 records, two minutes)
  --rounds N      number of rounds (default 5)
  --duration MS   time for one throughput figure (default 4000)
  --only TEXT     only benchmarks whose name contains TEXT (may be given more than once)
  --daemon KIND   only this daemon: c or ts
  --costs         also show what one operation costs the daemons, where the benchmark has a throughput
  --json FILE     also write all results as JSON
  --no-pin        do not pin daemons and load generator to one CPU each
  --list          names of the benchmarks`;

const LOAD_TIMEOUT_MS = 300_000;
/** Part of the measured time in which costs are watched: behind the generator's start and warm-up, before its end. */
const COSTS_FROM = 0.5;
const COSTS_UNTIL = 1;
const execute = promisify(execFile);

/** The generator's side: runs one benchmark, result as JSON on stdout. */
async function runLoad(name: string, contextJson: string): Promise<void> {
  const benchmark = benchmarks.find((candidate) => candidate.name === name);
  if (benchmark === undefined) throw new Error(`no benchmark ${name}`);
  const context: LoadContext = JSON.parse(contextJson);
  process.stdout.write(JSON.stringify(await benchmark.run(context)));
}

interface Plan {
  readonly rounds: number;
  readonly durationMs: number;
  readonly quick: boolean;
  readonly full: boolean;
  readonly kinds: readonly NodeKind[];
  readonly pin: boolean;
  readonly costs: boolean;
  readonly chosen: readonly Benchmark[];
}

function pinned(plan: Plan, cpu: number): string[] {
  return plan.pin ? ["taskset", "-c", String(cpu)] : [];
}

async function generate(plan: Plan, benchmark: Benchmark, context: LoadContext): Promise<Figure[]> {
  const script = process.argv[1];
  if (script === undefined) throw new Error("this program does not know its own path");
  const [program, ...args] = [
    ...pinned(plan, 1),
    process.execPath,
    "--enable-source-maps",
    script,
    "--load",
    benchmark.name,
    JSON.stringify(context),
  ];
  if (program === undefined) throw new Error("no program");
  const load = execute(program, args, { encoding: "utf8", timeout: LOAD_TIMEOUT_MS });
  const pids = context.nodes.map((node) => node.daemonPid);
  const watch = plan.costs ? watchCosts(pids, plan.durationMs * COSTS_FROM, plan.durationMs * COSTS_UNTIL) : undefined;
  const [{ stdout }, costs] = await Promise.all([load, watch]);
  const figures: Figure[] = JSON.parse(stdout);
  const throughput = figures.find((figure) => figure.unit === "/s");
  if (costs !== undefined && throughput !== undefined) {
    console.error(`  ${context.kind.padEnd(2)}  ${throughput.name}: ${costsText(costs, throughput.value)}`);
  }
  return figures;
}

interface ClusterSort {
  readonly nodes: number;
  readonly mutexes: boolean;
}

const CLUSTER_SORTS: readonly ClusterSort[] = [true, false].flatMap((mutexes) =>
  [1, 2, 3].map((nodes) => ({ nodes, mutexes })),
);

/** The benchmarks that run one after the other in one cluster. */
function sharingOneCluster(chosen: readonly Benchmark[], { nodes, mutexes }: ClusterSort): Benchmark[][] {
  const fitting = chosen.filter((benchmark) => benchmark.nodes === nodes && (benchmark.mutexes ?? true) === mutexes);
  const shared = fitting.filter((benchmark) => !benchmark.ownCluster);
  const alone = fitting.filter((benchmark) => benchmark.ownCluster).map((benchmark) => [benchmark]);
  return shared.length > 0 ? [shared, ...alone] : alone;
}

async function measure(
  plan: Plan,
  kind: NodeKind,
  { nodes, mutexes }: ClusterSort,
  chosen: readonly Benchmark[],
  results: Results,
): Promise<void> {
  const cluster = await LocalCluster.start({
    kinds: Array.from({ length: nodes }, () => kind),
    clusterLock: false,
    logLevel: "ERROR",
    tunables: { RerecoveryTimeout: 1, VacuumInterval: 100_000 },
    configLines: { cluster: ["leader timeout = 2"], database: [`tdb mutexes = ${mutexes}`] },
    launchPrefix: pinned(plan, 0),
    ...(existsSync("/dev/shm") ? { parentDirectory: "/dev/shm" } : {}),
  });
  try {
    const scratchDirectory = join(cluster.directory, "scratch");
    mkdirSync(scratchDirectory);
    for (const benchmark of chosen) {
      const context: LoadContext = {
        kind,
        nodes: cluster.nodes.map((node) => ({
          pnn: node.pnn,
          socketPath: node.socketPath,
          volatileDirectory: join(node.base, "db/volatile"),
          daemonPid: node.daemonPid ?? 0,
          environment: node.env,
        })),
        durationMs: plan.durationMs,
        quick: plan.quick,
        full: plan.full,
        leader: (await cluster.leader()) ?? 0,
        scratchDirectory,
      };
      const figures = await generate(plan, benchmark, context);
      for (const figure of figures) {
        results.add(kind, figure);
        console.error(`  ${kind.padEnd(2)}  ${figure.name.padEnd(32)} ${figure.value.toFixed(1)} ${figure.unit}`);
      }
    }
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${cluster.report()}`);
  } finally {
    await cluster.stop();
  }
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${option} ${text}: a number above 0 is wanted`);
  return value;
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      full: { type: "boolean", default: false },
      rounds: { type: "string" },
      duration: { type: "string" },
      only: { type: "string", multiple: true, default: [] },
      daemon: { type: "string" },
      json: { type: "string" },
      "no-pin": { type: "boolean", default: false },
      costs: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  if (values.list) return console.log(benchmarks.map((benchmark) => benchmark.name).join("\n"));
  if (values.daemon !== undefined && values.daemon !== "c" && values.daemon !== "ts") throw new Error(USAGE);
  const kinds: readonly NodeKind[] = values.daemon === undefined ? ["c", "ts"] : [values.daemon];
  for (const kind of kinds) {
    if (!existsSync(daemonPrograms[kind])) throw new Error(`${daemonPrograms[kind]} is missing`);
  }
  const chosen = benchmarks.filter(
    (benchmark) => values.only.length === 0 || values.only.some((text) => benchmark.name.includes(text)),
  );
  if (chosen.length === 0) throw new Error(`no benchmark has ${values.only.join(" or ")} in its name: see --list`);
  const plan: Plan = {
    rounds: positive("rounds", values.rounds ?? (values.quick ? "1" : "5")),
    durationMs: positive("duration", values.duration ?? (values.quick ? "500" : "4000")),
    quick: values.quick,
    full: values.full,
    costs: values.costs,
    kinds,
    pin: !values["no-pin"] && availableParallelism() >= 2 && spawnSync("taskset", ["-c", "1", "true"]).status === 0,
    chosen,
  };
  const results = new Results();
  for (let round = 0; round < plan.rounds; round++) {
    console.error(`round ${round + 1} of ${plan.rounds}`);
    for (const sort of CLUSTER_SORTS) {
      // Who begins alternates, so that a slow drift of the machine does not favour one of them.
      const order = round % 2 === 0 ? plan.kinds : [...plan.kinds].reverse();
      for (const group of sharingOneCluster(plan.chosen, sort)) {
        for (const kind of order) await measure(plan, kind, sort, group, results);
      }
    }
  }
  const rows = results.rows();
  console.log(formatTable(rows));
  console.log("ratio: above 1 ctdb-ts is ahead, whichever direction is the better one; medians of all rounds");
  if (values.json !== undefined) {
    const machine = { cpu: cpus()[0]?.model ?? "", cpus: cpus().length, node: process.version };
    const kernel = execFileSync("uname", ["-r"], { encoding: "utf8" }).trim();
    writeFileSync(
      values.json,
      `${JSON.stringify({ machine: { ...machine, kernel }, plan: { ...plan, chosen: undefined }, rows }, undefined, 2)}\n`,
    );
  }
}

if (process.argv[2] === "--load") await runLoad(process.argv[3] ?? "", process.argv[4] ?? "{}");
else {
  run().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
