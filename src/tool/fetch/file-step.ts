// A step on a file that the user named. Called for the backup files.
import { CommandFailure } from "../errors.js";
import type { Terminal } from "../terminal.js";

/** Runs `step`; where the system refuses it, prints `complaint` and throws CommandFailure. */
export function fileStep<T>(step: () => T, complaint: string, terminal: Terminal): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof Error) || !("errno" in error)) throw error;
    terminal.complain(complaint);
    throw new CommandFailure(Math.abs(Number(error.errno)));
  }
}
