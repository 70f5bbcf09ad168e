// From the first recovery to RUNNING, and the monitoring that follows: the timer chain of ctdbd that runs the events
// `startup` and `monitor` and keeps the own UNHEALTHY flag.
//
//   waiting-for-recovery -> starting-up -> monitoring      (any of them -> stopped at shutdown)
import type { Logger, Timer, Timers } from "../platform/ports.js";
import { Generation, NodeFlag, RecoveryMode, RunState } from "../protocol/index.js";
import type { RunEvent } from "./cluster-controls.js";
import type { NodeState } from "./node-state.js";
import type { NodeTable } from "./node-table.js";

const CHECK_INTERVAL_MS = 1000;
const STARTUP_RETRY_MS = 5000;
/** Looks in which a recovered node has not heard that its recovery is over: longer than the scripts of its end may take. */
const UNENDED_ROUNDS_MAX = 40;
const FAST_INTERVAL_SECONDS = 5;
const FIRST_INTERVAL_SECONDS = 2;
const LOGGED_ROUNDS = 59;
const LOG_EVERY_ROUNDS = 600;

/** Event status of scripts that were cut off by a time-out, and of an event that another one cancelled. */
export const EVENT_TIMED_OUT = -110;
export const EVENT_CANCELLED = -125;

export interface StartupModules {
  readonly timers: Timers;
  readonly logger: Logger;
  readonly nodes: NodeTable;
  readonly state: NodeState;
  readonly databases: { readonly allFrozen: boolean; recheckHealth(): number };
  runEvent: RunEvent;
  tunables(): { readonly monitorIntervalSeconds: number; readonly monitorTimeoutCount: number };
  notify(event: "startup" | "healthy" | "unhealthy"): void;
  /** STARTUP control to all connected nodes. */
  announceStartup(): void;
  /** Tells the cluster that the own flags changed and asks the leader for a takeover run. */
  healthChanged(oldFlags: number, newFlags: number): void;
  shutdown(reason: string, exitCode: number): void;
}

const EXIT_UNHEALTHY_DATABASES = 11;

export class Startup {
  private timer: Timer | undefined;
  private stopped = false;
  private begun = false;
  private eventRunning = false;
  private rounds = 0;
  private unendedRounds = 0;
  private nextIntervalSeconds = FIRST_INTERVAL_SECONDS;
  private timeouts = 0;
  private monitorSkipped = false;

  constructor(private readonly modules: StartupModules) {}

  /** Run state FIRST_RECOVERY was entered. */
  begin(): void {
    this.begun = true;
    this.check();
  }

  /** Recovery mode, vnnmap or run state changed: no need to wait for the next round. */
  stateChanged(): void {
    if (!this.begun || this.stopped || this.eventRunning) return;
    if (this.modules.state.runState < RunState.RUNNING) this.schedule(0, () => this.check());
    else if (this.monitorSkipped && !this.modules.state.isRecovering) this.schedule(0, () => this.monitor());
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
  }

  private schedule(delayMs: number, next: () => void): void {
    this.timer?.cancel();
    this.timer = this.stopped ? undefined : this.modules.timers.after(delayMs, next);
  }

  private check(): void {
    const { state, logger, nodes } = this.modules;
    if (state.runState === RunState.SHUTDOWN) return;
    if (state.generation === Generation.INVALID || state.isRecovering || state.runState < RunState.STARTUP) {
      this.rounds++;
      if (this.rounds <= LOGGED_ROUNDS || this.rounds % LOG_EVERY_ROUNDS === 0) {
        logger.notice("CTDB_WAIT_UNTIL_RECOVERED");
        if ((nodes.own.flags & NodeFlag.STOPPED) !== 0) logger.notice("Node is STOPPED. Node will NOT recover.");
      }
      this.missEndOfRecovery();
      this.schedule(CHECK_INTERVAL_MS, () => this.check());
      return;
    }
    const unhealthy = this.modules.databases.recheckHealth();
    if (unhealthy > 0) {
      this.modules.shutdown(`${unhealthy} persistent databases are unhealthy`, EXIT_UNHEALTHY_DATABASES);
      return;
    }
    this.runStartup();
  }

  /**
   * A leader that is lost, or gives up, right before the end of a recovery leaves nodes that look healthy to the next one, and wait for
   * END_RECOVERY for ever. So they ask for another recovery.
   */
  private missEndOfRecovery(): void {
    const { state, logger } = this.modules;
    if (state.generation === Generation.INVALID || state.isRecovering || state.runState !== RunState.FIRST_RECOVERY) {
      this.unendedRounds = 0;
      return;
    }
    this.unendedRounds++;
    if (this.unendedRounds <= UNENDED_ROUNDS_MAX) return;
    this.unendedRounds = 0;
    logger.warning("Recovered, but nobody has said that the recovery is over: asking for another one");
    state.setRecoveryMode(RecoveryMode.ACTIVE);
  }

  private runStartup(): void {
    const { state, logger } = this.modules;
    logger.notice('Running the "startup" event.');
    this.eventRunning = true;
    this.modules.runEvent("startup", [], (status) => {
      this.eventRunning = false;
      if (this.stopped || state.runState === RunState.SHUTDOWN) return;
      if (status !== 0) {
        logger.error("startup event failed");
        this.schedule(STARTUP_RETRY_MS, () => this.check());
        return;
      }
      logger.notice("startup event OK - enabling monitoring");
      state.setRunState(RunState.RUNNING);
      this.modules.notify("startup");
      this.modules.announceStartup();
      // The first look follows at once; C daemons wait two seconds here.
      this.schedule(0, () => this.monitor());
    });
  }

  private monitor(): void {
    const { state, databases } = this.modules;
    if (state.isRecovering || state.isInactive || state.runState !== RunState.RUNNING || databases.allFrozen) {
      this.monitorSkipped = true;
      this.rearm();
      return;
    }
    this.monitorSkipped = false;
    this.eventRunning = true;
    this.modules.runEvent("monitor", [], (status) => {
      this.eventRunning = false;
      if (this.stopped) return;
      this.monitored(status);
      this.rearm();
    });
  }

  private monitored(status: number): void {
    const { nodes, logger } = this.modules;
    if (status === EVENT_CANCELLED) return;
    if (status === EVENT_TIMED_OUT) {
      this.timeouts++;
      if (this.timeouts < this.modules.tunables().monitorTimeoutCount) return;
    } else {
      this.timeouts = 0;
    }
    const oldFlags = nodes.own.flags;
    if (status !== 0 && nodes.addFlags(nodes.ownPnn, NodeFlag.UNHEALTHY)) {
      logger.notice("monitor event failed - disabling node");
      this.nextIntervalSeconds = FAST_INTERVAL_SECONDS;
      this.modules.notify("unhealthy");
    } else if (status === 0 && nodes.clearFlags(nodes.ownPnn, NodeFlag.UNHEALTHY)) {
      logger.notice("monitor event OK - node re-enabled");
      this.nextIntervalSeconds = FAST_INTERVAL_SECONDS;
      this.modules.notify("healthy");
    }
    const newFlags = nodes.own.flags;
    if (oldFlags === newFlags) return;
    logger.error(
      `Node became ${(newFlags & NodeFlag.UNHEALTHY) !== 0 ? "UNHEALTHY" : "HEALTHY"}. Ask recovery master to reallocate IPs`,
    );
    this.modules.healthChanged(oldFlags, newFlags);
  }

  private rearm(): void {
    const seconds = this.nextIntervalSeconds;
    this.nextIntervalSeconds = Math.min(seconds * 2, this.modules.tunables().monitorIntervalSeconds);
    this.schedule(seconds * 1000, () => this.monitor());
  }
}
