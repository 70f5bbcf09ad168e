// A reporter for node's test runner that keeps only what failed: file, line, names from the outermost down, and the error.
// scripts/test-files.mjs prints it once more at the end, below the thousands of lines of what went well.
import { inspect } from "node:util";

export default async function* failures(source) {
  const names = [];
  for await (const { type, data } of source) {
    if (type === "test:start") {
      names.length = data.nesting;
      names[data.nesting] = data.name;
      continue;
    }
    if (type !== "test:fail" || data.todo !== undefined) continue;
    const cause = data.details.error?.cause ?? data.details.error;
    // Whatever holds a test that failed fails with it, and has nothing to add.
    if (data.details.error?.failureType === "subtestsFailed") continue;
    const path = [...names.slice(0, data.nesting), data.name].join(" > ");
    yield `${data.file ?? "?"}:${data.line ?? "?"}\n  ${path}\n  after ${Math.round(data.details.duration_ms)} ms: ${inspect(cause, { depth: 4 }).replaceAll("\n", "\n    ")}\n\n`;
  }
}
