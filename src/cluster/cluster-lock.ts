// The cluster lock as the leader uses it: taken once at an election, held for as long as the node is leader.
import type { Clock, Logger } from "../platform/ports.js";
import { LOCK_TAKE_TIMEOUT_MS } from "./limits.js";

export type MutexAnswer = "held" | "contention" | "timeout" | "error";

/** A started cluster mutex helper. */
export interface MutexHolder {
  /** What the helper said first; never rejects. */
  readonly answer: Promise<MutexAnswer>;
  /** Ends the helper, held or not; resolves when it is gone. Idempotent. */
  release(): Promise<void>;
}

/** Starts cluster mutex helpers: a command after "!", else the fcntl helper with the setting as its file. */
export interface ClusterMutex {
  /** `onLost` is called once when the helper ends by itself after it answered "held". */
  start(lock: string, timeoutMs: number, onLost: () => void): MutexHolder;
}

type LockState = "free" | "taking" | "held";

/**
 *   free --take--> taking --held--> held --release or helper gone--> free
 *                  taking --contention, timeout, error, release--> free
 */
export class ClusterLock {
  private state: LockState = "free";
  private holder: MutexHolder | undefined;

  constructor(
    readonly setting: string,
    private readonly modules: { readonly mutex: ClusterMutex; readonly clock: Clock; readonly logger: Logger },
    private readonly events: {
      /** The helper ended by itself while the lock was held. */
      onLost(): void;
      /** How long a successful take lasted, for the daemon's statistics. */
      onLatency(seconds: number): void;
    },
  ) {}

  get held(): boolean {
    return this.state === "held";
  }

  get taking(): boolean {
    return this.state === "taking";
  }

  /** True when the lock is held afterwards. A release meanwhile makes it false. */
  async take(): Promise<boolean> {
    const { mutex, clock, logger } = this.modules;
    if (this.state === "held") {
      logger.notice("Already holding cluster lock");
      return true;
    }
    if (this.state === "taking") return false;
    logger.notice(`Attempting to take cluster lock (${this.setting})`);
    const startedAt = clock.now();
    this.state = "taking";
    const holder = mutex.start(this.setting, LOCK_TAKE_TIMEOUT_MS, () => {
      if (this.holder !== holder) return;
      this.holder = undefined;
      this.state = "free";
      logger.error("Cluster lock helper terminated");
      this.events.onLost();
    });
    this.holder = holder;
    const answer = await holder.answer;
    if (this.holder !== holder) return false;
    if (answer === "held") {
      this.state = "held";
      logger.notice("Cluster lock taken successfully");
      this.events.onLatency((clock.now() - startedAt) / 1000);
      return true;
    }
    logger.error(`Unable to take cluster lock - ${answer === "error" ? "unknown error" : answer}`);
    this.holder = undefined;
    this.state = "free";
    await holder.release();
    return false;
  }

  /** Gives the lock up, or stops taking it; resolves when the helper is gone. */
  async release(): Promise<void> {
    const { holder } = this;
    if (holder === undefined) return;
    this.modules.logger.notice(this.state === "held" ? "Releasing cluster lock" : "Cancelling cluster lock");
    this.holder = undefined;
    this.state = "free";
    await holder.release();
  }
}
