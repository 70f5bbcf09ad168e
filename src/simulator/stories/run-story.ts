// Reads a story, carries out its commands one after the other, and hands on what is to be recorded below each. docs/simulator.md
// describes the language; the test of the stories compares, or records.
import { client, parseClientCommand, verbs } from "./client-commands.js";
import { clusterCommands } from "./cluster-commands.js";
import type { Commands, Stage, Step } from "./command.js";
import { conditions } from "./conditions.js";
import { BadCommandError, StoryError } from "./errors.js";
import { networkCommands } from "./network-commands.js";
import { nodeCommands } from "./node-commands.js";
import type { Scene } from "./scene.js";
import type { StoryEntry, StoryText } from "./story-file.js";
import { StoryLog } from "./story-log.js";
import { Words } from "./words.js";

const commands: Commands = { client, ...clusterCommands, ...nodeCommands, ...networkCommands };

/** All that can be said, a line each: commands, verbs of clients, conditions. */
export function storyUsage(): string[] {
  return [
    ...Object.values(commands).map(({ usage }) => usage),
    ...Object.values(verbs).map(({ usage }) => `CLIENT: ${usage} [&]`),
    ...Object.values(conditions).map(({ usage }) => `until|expect ${usage}`),
  ];
}

function parse(line: string, clients: Set<string>): Step {
  const words = Words.of(line);
  const name = words.plain("a command");
  let step: Step;
  if (name.endsWith(":")) {
    const clientName = name.slice(0, -1);
    if (!clients.has(clientName)) throw new BadCommandError(`there is no client ${clientName}`);
    step = parseClientCommand(clientName, words, line);
  } else {
    const command = commands[name];
    if (command === undefined) throw new BadCommandError(`${name} is no command`);
    try {
      step = command.parse(words, line);
      words.end();
    } catch (error) {
      if (!(error instanceof BadCommandError)) throw error;
      throw new BadCommandError(`${error.message}; usage: ${command.usage}`);
    }
    if (name === "client") clients.add(line.split(/\s+/)[1] ?? "");
  }
  words.end();
  return step;
}

class StoryStage implements Stage {
  readonly log = new StoryLog();
  private current: Scene | undefined;

  get scene(): Scene {
    if (this.current === undefined) throw new BadCommandError("there is no cluster yet");
    return this.current;
  }

  async openScene(scene: () => Scene): Promise<Scene> {
    await this.current?.finish();
    this.current = scene();
    return this.current;
  }
}

/** What a story came to: recordings of the commands that were carried out, and why it did not go on. */
export interface StoryResult {
  readonly recordings: readonly (readonly string[])[];
  readonly failure: StoryError | undefined;
}

/**
 * Runs a story; `file` is its name in errors. After each scene the cluster has to be whole, with all invariants, and no request may be
 * open. Throws StoryError for a command that cannot be understood, before anything runs.
 */
export async function runStory(file: string, { entries }: StoryText): Promise<StoryResult> {
  const clients = new Set<string>();
  const steps = entries.map(({ command, line }) => {
    try {
      return parse(command, clients);
    } catch (error) {
      if (!(error instanceof BadCommandError)) throw error;
      throw new StoryError(file, line, error.message);
    }
  });
  const stage = new StoryStage();
  const recordings: Array<readonly string[]> = [];
  const attempt = async (
    entry: StoryEntry | undefined,
    step: () => Promise<void> | void,
  ): Promise<StoryError | undefined> => {
    try {
      await step();
      return undefined;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      return new StoryError(file, entry?.line ?? 0, text, { cause: error });
    }
  };
  for (const [index, step] of steps.entries()) {
    stage.log.begin();
    const failure = await attempt(entries[index], () => step(stage));
    recordings.push(stage.log.end());
    if (failure !== undefined) return { recordings, failure };
  }
  const failure = await attempt(entries.at(-1), () => stage.scene.finish());
  return { recordings, failure };
}
