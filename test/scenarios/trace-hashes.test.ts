// The traces of a few runs, by their hashes: the same seed has to give them on every machine and with every version of Node.js. They
// change with the code, too: RECORD_STORIES=1 (npm run record-stories) writes them anew.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseFaultKinds } from "../../src/simulator/faults/schedule.js";
import { drawRun } from "../../src/simulator/run/draw-run.js";
import { SimulationRun } from "../../src/simulator/run/simulation-run.js";

declare const __PROJECT_ROOT__: string;

const PATH = join(__PROJECT_ROOT__, "test/scenarios/trace-hashes.json");
const MINUTES = 0.5;
const { RECORD_STORIES, STORY } = process.env;
/** One story is recorded, and nothing else. */
const SKIPPED = STORY !== undefined;

interface RecordedTrace {
  readonly seed: number;
  readonly nodes: number;
  /** Where a trace differs, these say whether more than the text of a line does. */
  readonly lines: number;
  readonly steps: number;
  readonly trace: string;
}

async function traceOf({ seed, nodes }: Pick<RecordedTrace, "seed" | "nodes">): Promise<RecordedTrace> {
  const run = new SimulationRun(
    drawRun({ seed, nodes: [nodes, nodes], minutes: MINUTES, faults: parseFaultKinds("all") }),
  );
  const { steps, traceHash, traceLines } = await run.run();
  return { seed, nodes, lines: traceLines, steps, trace: traceHash };
}

const recorded: readonly RecordedTrace[] = JSON.parse(readFileSync(PATH, "utf8"));

if (RECORD_STORIES === undefined) {
  for (const expected of recorded) {
    const { seed, nodes } = expected;
    test(`seed ${seed} with ${nodes} nodes gives the trace that was recorded`, { skip: SKIPPED }, async () => {
      const replay = `npm run simulate -- --seed ${seed} --nodes ${nodes} --minutes ${MINUTES} --no-shrink --trace`;
      assert.deepEqual(
        await traceOf(expected),
        expected,
        `If the code was changed: npm run record-stories. Else look for the difference with: ${replay}`,
      );
    });
  }

  test("what was recorded is more than one trace", { skip: SKIPPED }, () => {
    assert.ok(recorded.length >= 5);
    assert.equal(new Set(recorded.map(({ trace }) => trace)).size, recorded.length);
  });
} else {
  test("the traces are recorded anew", { skip: SKIPPED }, async () => {
    const now: RecordedTrace[] = [];
    for (const one of recorded) now.push(await traceOf(one));
    writeFileSync(PATH, `${JSON.stringify(now, undefined, 2)}\n`);
  });
}
