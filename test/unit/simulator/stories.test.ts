// The language of stories: what is read, what is refused, what is recorded, and what makes a story fail.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { StoryError } from "../../../src/simulator/stories/errors.js";
import { runStory, type StoryResult, storyUsage } from "../../../src/simulator/stories/run-story.js";
import { readStory, writeStory } from "../../../src/simulator/stories/story-file.js";

declare const __PROJECT_ROOT__: string;

const BEGIN = "cluster 2 VacuumInterval=600\nclient a n0\nclient b n1\na: attach x.tdb\nb: attach x.tdb\n";

function run(text: string): Promise<StoryResult> {
  return runStory("a.story", readStory(text));
}

async function failureOf(text: string): Promise<string> {
  const { failure } = await run(text);
  return failure?.message ?? "none";
}

test("a story is read and written again without a difference", () => {
  const text = "# What it is about.\ncluster 1\n    0.00 done\n\n# Why.\nrun 1s\n# The end.\n";
  const story = readStory(text);
  assert.deepEqual(
    story.entries.map(({ line, command, recorded }) => [line, command, recorded]),
    [
      [2, "cluster 1", ["0.00 done"]],
      [6, "run 1s", []],
    ],
  );
  assert.equal(writeStory(story, [["0.00 done"], []]), text);
});

test("a command that cannot be understood is an error with file and line, before anything runs", async () => {
  const wrong: ReadonlyArray<readonly [command: string, message: RegExp]> = [
    ["crsh n0", /^a\.story:2: crsh is no command$/],
    ["run 5", /^a\.story:2: a duration like 300ms, 5s or 2m expected, not 5; usage: run DURATION$/],
    ["crash m1", /^a\.story:2: a node like n0, leader or away expected, not m1; usage: crash NODE \[loud\]$/],
    ["run 5s 6s", /^a\.story:2: nothing expected after this, but there is 6s; usage: run DURATION$/],
    ["c: attach x.tdb", /^a\.story:2: there is no client c$/],
    ["until heathy", /^a\.story:2: heathy is no condition; there are healthy, recovered,/],
    ["until line /a(/", /^a\.story:2: Invalid regular expression: /],
    ['record x.tdb "a', /^a\.story:2: cannot read "a$/],
    ["cluster 3 VacumInterval=5", /^a\.story:2: VacumInterval is no tunable; usage: cluster /],
    ["show call x.tdb a", /^a\.story:2: call cannot be shown; usage: show /],
  ];
  for (const [command, message] of wrong) {
    await assert.rejects(run(`cluster 1\n${command}\n`), (error) => {
      assert.ok(error instanceof StoryError);
      assert.match(error.message, message);
      return true;
    });
  }
  await assert.rejects(
    run("cluster 1\nclient a n0\na: attatch x.tdb\n"),
    /a\.story:3: clients do not attatch; they attach, /,
  );
});

test("a story that does not go as it says fails at the line where it does not", async () => {
  assert.match(await failureOf("run 1s\n"), /^a\.story:1: there is no cluster yet$/);
  assert.match(
    await failureOf(`${BEGIN}a: put x.tdb k one\nexpect value x.tdb k two\n`),
    /^a\.story:7: it is not so: "one"$/,
  );
  assert.match(await failureOf(`${BEGIN}until leader n1 within 2s\n`), /^a\.story:6: not so within 2 s: n0 normal /);
  assert.match(
    await failureOf(`${BEGIN}until line /never/ within 1s\n`),
    /^a\.story:6: no line of the trace matches \/never\//,
  );
  assert.match(await failureOf("cluster 2\nstart n7\n"), /^a\.story:2: there is no node n7$/);
});

test("a story does not end well while a request has no answer, or while the cluster is not whole", async () => {
  const waiting = `${BEGIN}a: put x.tdb k one\na: lock x.tdb k\nb: lock x.tdb k &\nrun 1s\n`;
  assert.match(await failureOf(waiting), /^a\.story:9: at the end of the scene:\n.* b waits for 1 answers$/s);
  assert.equal(await failureOf(`${waiting}a: unlock x.tdb k\nuntil idle b\nb: unlock x.tdb k\n`), "none");
  assert.match(await failureOf("cluster 2\nstop n1\n"), /the cluster is not healthy/);
  // The end of a scene is looked at when the next one begins.
  assert.match(await failureOf("cluster 2\nstop n1\ncluster 1\n"), /^a\.story:3: at the end of the scene:/);
});

test("what is recorded is what the story shows, outcomes, and the records that a command has changed", async () => {
  const { recordings, failure } = await run(
    `${BEGIN}show calls x.tdb a\nshow record x.tdb a\nb: put x.tdb a one\na: put x.tdb a two &\nrun 1s\nhide\nb: put x.tdb a three\n`,
  );
  assert.equal(failure, undefined);
  assert.deepEqual(recordings.slice(6), [
    ["  0.00 x.tdb a (lmaster n0): nowhere"],
    [
      "  0.00 n1>n0 REQ_CALL gen g1 x.tdb a call NULL flags 0x1 hops 0",
      "  0.00 n0>n1 REPLY_DMASTER gen g1 x.tdb a rsn 1 flags 0x0 0 bytes",
      "  0.00 b: done",
      '  0.00 x.tdb a (lmaster n0): n0 1/1 empty | n1 3/1 "one"',
    ],
    [],
    [
      "  0.00 n0>n1 REQ_CALL gen g1 x.tdb a call NULL flags 0x1 hops 0",
      "  0.00 n1>n0 REQ_DMASTER gen g1 x.tdb a rsn 3 to 0 flags 0x10000 3 bytes",
      "  0.00 a: put x.tdb a two &: done",
      '  1.00 x.tdb a (lmaster n0): n0 5/0 MIGRATED "two" | n1 3/0 MIGRATED "one"',
    ],
    [],
    ["  0.00 b: done"],
  ]);
});

test("all that can be said is in the documentation", () => {
  const documentation = readFileSync(join(__PROJECT_ROOT__, "docs/simulator.md"), "utf8").split("\n");
  for (const usage of storyUsage())
    assert.ok(documentation.includes(usage), `docs/simulator.md does not have: ${usage}`);
});
