// Runs the stories below stories/: each must go as it says, with exactly the log that was recorded. RECORD_STORIES=1 (npm run
// record-stories) writes the logs anew instead; read the difference before you commit it. STORY=NAME chooses one.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runStory } from "../../src/simulator/stories/run-story.js";
import { readStory, writeStory } from "../../src/simulator/stories/story-file.js";

declare const __PROJECT_ROOT__: string;

const FOLDER = join(__PROJECT_ROOT__, "test/scenarios/stories");
const EXTENSION = ".story";
const { RECORD_STORIES, STORY } = process.env;

const names = readdirSync(FOLDER)
  .filter((name) => name.endsWith(EXTENSION))
  .map((name) => name.slice(0, -EXTENSION.length))
  .filter((name) => STORY === undefined || name === STORY)
  .sort();

for (const name of names) {
  test(`the story "${name.replaceAll("-", " ")}" goes as recorded`, async () => {
    const path = join(FOLDER, name + EXTENSION);
    const text = readFileSync(path, "utf8");
    const story = readStory(text);
    const { recordings, failure } = await runStory(name + EXTENSION, story);
    const now = writeStory(story, recordings);
    if (RECORD_STORIES !== undefined) writeFileSync(path, now);
    if (failure !== undefined) throw failure;
    if (RECORD_STORIES === undefined) assert.deepEqual(now.split("\n"), text.split("\n"));
  });
}
