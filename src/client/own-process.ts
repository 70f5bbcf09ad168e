// The process that a client belongs to, as others see it in lock records. A simulator has many in one.
import type { Random } from "../platform/ports.js";

export class OwnProcess {
  private sessionsMade: number | undefined;

  constructor(readonly pid: number) {}

  /** Number of a new session: no two clients of this process have the same. */
  nextSession(random: Random): number {
    this.sessionsMade = (this.sessionsMade ?? random.uint32()) + 1;
    return this.sessionsMade;
  }
}

/** The real one. */
export const thisProcess = new OwnProcess(process.pid);
