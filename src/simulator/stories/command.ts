// What a command of the language is: its words are read before the story begins, so that a mistyped one is found at once.
import type { Scene } from "./scene.js";
import type { StoryLog } from "./story-log.js";
import type { Words } from "./words.js";

/** What commands work on. */
export interface Stage {
  readonly log: StoryLog;
  /** Throws BadCommandError before the first `cluster`. */
  readonly scene: Scene;
  /** Ends the scene before, if there is one, and begins another. */
  openScene(scene: () => Scene): Promise<Scene>;
}

export type Step = (stage: Stage) => Promise<void> | void;

export interface Command {
  readonly usage: string;
  /** Throws BadCommandError. `line` is the whole command. */
  parse(words: Words, line: string): Step;
}

export type Commands = Readonly<Record<string, Command>>;
