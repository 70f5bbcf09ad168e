// What can be wrong with a story.

/** A command that cannot be understood; `StoryError` adds where it stands. */
export class BadCommandError extends Error {
  override readonly name = "BadCommandError";
}

/** A story that cannot be read, or that did not go as it says: file and line of the command, and why. */
export class StoryError extends Error {
  override readonly name = "StoryError";
  constructor(
    readonly file: string,
    /** From 1. */
    readonly line: number,
    text: string,
    options?: ErrorOptions,
  ) {
    super(`${file}:${line}: ${text}`, options);
  }
}
