// A switch for an operation that others may forbid for a while: "recoveries" and "takeover runs".
import type { Logger, Timer, Timers } from "../platform/ports.js";

/** The errno that a DISABLE message is answered with while the operation runs. */
const EAGAIN = 11;

/** "leader": for the time of a takeover run of his; "rerecovery": the pause after a recovery. */
export type DisabledBy = "request" | "leader" | "rerecovery";

/**
 * States: enabled, disabled (until a timer ends), in progress. Disabling is refused while in progress; beginning is
 * refused while disabled.
 */
export class OperationSwitch {
  private timer: Timer | undefined;
  private running = false;
  private reason: DisabledBy | undefined;

  constructor(
    private readonly name: string,
    private readonly modules: { readonly timers: Timers; readonly logger: Logger },
    /** Called whenever the operation becomes possible again. */
    private readonly onEnabled: () => void = () => undefined,
  ) {}

  get disabled(): boolean {
    return this.timer !== undefined;
  }

  /** Who forbids it at present. */
  get disabledBy(): DisabledBy | undefined {
    return this.reason;
  }

  /** False: not possible now (logged). True: the caller must call `end` in every case. */
  begin(): boolean {
    if (this.timer !== undefined) {
      this.modules.logger.notice(`Unable to begin - ${this.name} are disabled`);
      return false;
    }
    if (this.running) return false;
    this.running = true;
    return true;
  }

  end(): void {
    this.running = false;
  }

  /** Returns 0, or the negative errno that the asking node is answered with. `seconds` 0 enables at once. */
  disable(seconds: number, by: DisabledBy): number {
    const { timers, logger } = this.modules;
    if (seconds === 0) {
      if (this.timer !== undefined) {
        logger.notice(`Reenabling ${this.name}`);
        this.enable();
      }
      return 0;
    }
    if (this.running) {
      logger.error(`Unable to disable ${this.name} - in progress`);
      return -EAGAIN;
    }
    this.timer?.cancel();
    if (by !== "rerecovery") logger.notice(`Disabling ${this.name} for ${seconds} seconds`);
    this.reason = by;
    this.timer = timers.after(seconds * 1000, () => {
      logger.notice(`Reenabling ${this.name} after timeout`);
      this.enable();
    });
    return 0;
  }

  /** Ends the prohibition, if there is one. */
  enable(): void {
    if (this.timer === undefined) return;
    this.timer.cancel();
    this.timer = undefined;
    this.reason = undefined;
    this.onEnabled();
  }
}
