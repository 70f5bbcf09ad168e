// The text of a story: commands at the beginning of a line, what was recorded for each of them indented below it. Comments (#) and
// empty lines belong to the command that follows. Read and written by run-story.ts and by the test that records.

export interface StoryEntry {
  /** Of the command, from 1. */
  readonly line: number;
  /** Comments and empty lines above it. */
  readonly above: readonly string[];
  readonly command: string;
  readonly recorded: readonly string[];
}

export interface StoryText {
  readonly entries: readonly StoryEntry[];
  /** Comments and empty lines after the last command. */
  readonly below: readonly string[];
}

const INDENT = "    ";

/** What is indented without a command above it is taken for a comment. */
export function readStory(text: string): StoryText {
  const entries: Array<StoryEntry & { recorded: string[] }> = [];
  let above: string[] = [];
  const lines = text.replace(/\n$/, "").split("\n");
  for (const [index, line] of lines.entries()) {
    const entry = above.length === 0 ? entries.at(-1) : undefined;
    if (/^\s+\S/.test(line) && entry !== undefined) entry.recorded.push(line.slice(INDENT.length));
    else if (line.trim() === "" || line.startsWith("#") || /^\s/.test(line)) above.push(line.trimEnd());
    else {
      entries.push({ line: index + 1, above, command: line.trimEnd(), recorded: [] });
      above = [];
    }
  }
  return { entries, below: above };
}

/** The same story with other recordings, one for each command. */
export function writeStory({ entries, below }: StoryText, recordings: readonly (readonly string[])[]): string {
  const lines = entries.flatMap(({ above, command }, index) => [
    ...above,
    command,
    ...(recordings[index] ?? []).map((line) => INDENT + line),
  ]);
  return `${[...lines, ...below].join("\n")}\n`;
}
