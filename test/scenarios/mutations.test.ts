// The simulator is worth what it notices: mutations take one rule out of the code each. All of them are tried by hand now and then
// (docs/simulator.md has the table); here those that are noticed soonest.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { mutations } from "../../src/simulator/mutations/all.js";
import { runMutant } from "../../src/simulator/mutations/mutant.js";
import { mutate } from "../../src/simulator/mutations/mutation.js";

const SIMULATE = [join(__PROJECT_ROOT__, "scripts/run-bundled.mjs"), "src/simulator/tool/main.ts"];
/** A small run, in which the cluster without a mutation is in order. */
const RUN = ["--seed", "1", "--nodes", "3", "--minutes", "0.5", "--no-shrink"];
const NOTICED_SOON = [
  { name: "owner-keeps-its-rsn", broken: "I3" },
  { name: "vacuum-asks-nobody", broken: "I2" },
  { name: "revoke-of-nobody", broken: "I5" },
];

function simulate(args: readonly string[]) {
  return spawnSync(process.execPath, [...SIMULATE, ...args], { cwd: __PROJECT_ROOT__, encoding: "utf8" });
}

test("each mutation finds the code that it changes, once, and changes it", () => {
  assert.equal(new Set(mutations.map(({ name }) => name)).size, mutations.length);
  for (const mutation of mutations) {
    const source = readFileSync(join(__PROJECT_ROOT__, mutation.file), "utf8");
    assert.notEqual(mutate(mutation, source), source);
  }
});

test("the tool names all mutations, and refuses others", () => {
  const { status, stdout } = simulate(["--list-mutations"]);
  assert.equal(status, 0);
  assert.deepEqual(
    stdout.trimEnd().split("\n"),
    mutations.map(({ name }) => name),
  );
  assert.equal(simulate(["--mutation", "no-such-rule"]).status, 2);
});

test("a run without a mutation is in order", () => {
  const { status, stdout } = simulate(RUN);
  assert.equal(status, 0, stdout);
});

for (const { name, broken } of NOTICED_SOON) {
  test(`the same run notices the mutation ${name}`, async () => {
    const mutation = mutations.find((known) => known.name === name);
    assert.ok(mutation !== undefined);
    let output = "";
    const status = await runMutant(mutation, RUN, (text) => {
      output += text;
    });
    assert.equal(status, 1, output);
    assert.match(output, new RegExp(`broken: ${broken},`));
  });
}
