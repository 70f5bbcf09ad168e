// The simulator is worth something only if its nodes say to each other what real ones say: stories that are played on both, whose
// packets between nodes are compared link by link.
import assert from "node:assert/strict";
import { test } from "node:test";
import { onProcesses } from "./agreement/real-stage.js";
import { onSimulator } from "./agreement/simulated-stage.js";
import { stories } from "./agreement/stories.js";

for (const [name, story] of Object.entries(stories)) {
  test(`simulator and real processes agree: ${name}`, async () => {
    const simulated = await onSimulator(story);
    const real = await onProcesses(story);
    assert.ok(Object.keys(simulated).length > 0);
    assert.deepEqual(real, simulated);
  });
}
