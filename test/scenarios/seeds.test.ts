// A fixed set of seeds of the mixed workload with all faults; more of them: npm run simulate. And that a seed says it all.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseFaultKinds } from "../../src/simulator/faults/schedule.js";
import { drawRun } from "../../src/simulator/run/draw-run.js";
import { type RunResult, SimulationRun } from "../../src/simulator/run/simulation-run.js";

const SEEDS = Array.from({ length: 8 }, (_, index) => index + 1);
const MINUTES = 1;
/** Set in a child process: it prints the hash of this seed's trace, and is no test. */
const CHILD_VARIABLE = "CTDB_TEST_PRINT_TRACE_OF_SEED";

function run(seed: number, minutes: number): Promise<RunResult> {
  const plan = { seed, nodes: [3, 7], minutes, faults: parseFaultKinds("all") } as const;
  return new SimulationRun(drawRun(plan)).run();
}

const childSeed = process.env[CHILD_VARIABLE];
if (childSeed !== undefined) {
  const { traceHash } = await run(Number(childSeed), MINUTES);
  process.stdout.write(`trace ${traceHash}\n`);
} else {
  for (const seed of SEEDS) {
    test(`seed ${seed}: a cluster under faults keeps its promises`, async (context) => {
      const { findings, traceHash, operations } = await run(seed, MINUTES);
      context.diagnostic(`trace ${traceHash}`);
      assert.deepEqual(
        findings.map(({ check, text }) => `${check}: ${text}`),
        [],
      );
      assert.ok(operations > 500, `${operations} operations`);
    });
  }

  test("a seed gives the same trace again, in another process and time zone too", async () => {
    const [seed = 1] = SEEDS;
    const { traceHash } = await run(seed, MINUTES);
    const environment = { ...process.env, [CHILD_VARIABLE]: String(seed), TZ: "Asia/Tokyo", LANG: "tr_TR.UTF-8" };
    const options = ["--max-semi-space-size=4", "--stack-size=900"];
    const child = promisify(execFile)(process.execPath, [...options, fileURLToPath(import.meta.url)], {
      env: environment,
    });
    const { stdout } = await child;
    assert.equal(stdout, `trace ${traceHash}\n`);
    assert.notEqual((await run(seed + 1, MINUTES)).traceHash, traceHash);
  });
}
