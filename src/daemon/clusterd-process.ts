// ctdbd's side of ctdb-clusterd: starts it, notices when it is gone or silent, starts it again, ends it.
//
//   stopped -> running -> (gone | silent for too long) -> restarting -> running            stop() -> stopped
import type { ChildProcessHandle, Logger, ProcessRunner, Timer, Timers } from "../platform/ports.js";

const RESTART_DELAY_MS = 1000;

export interface ClusterdProcessModules {
  readonly timers: Timers;
  readonly logger: Logger;
  readonly processes: ProcessRunner;
  /** Tunables RecdPingTimeout (seconds, 0 = off) and RecdFailCount. */
  tunables(): { readonly pingTimeoutSeconds: number; readonly failCount: number };
}

export interface ClusterdProcessOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** Written to its stdin; the pipe stays open, its end tells the child that ctdbd is gone. */
  readonly configuration: () => string;
}

export class ClusterdProcess {
  private child: ChildProcessHandle | undefined;
  private pingTimer: Timer | undefined;
  private restartTimer: Timer | undefined;
  private missedPings = 0;
  private stopped = false;

  constructor(
    private readonly modules: ClusterdProcessModules,
    private readonly options: ClusterdProcessOptions,
  ) {}

  start(): void {
    if (this.stopped) return;
    const { logger, processes } = this.modules;
    const child: ChildProcessHandle = processes.spawn(
      this.options.program,
      this.options.args,
      { title: "ctdb-clusterd" },
      {
        onStdout: (bytes) => logger.notice(`ctdb-clusterd: ${Buffer.from(bytes).toString().trimEnd()}`),
        onExit: () => this.gone(child),
      },
    );
    this.child = child;
    child.write(Buffer.from(`${this.options.configuration()}\n`));
    this.missedPings = 0;
    this.armPing();
  }

  /** RECD_PING came in. */
  pinged(): void {
    this.missedPings = 0;
    this.armPing();
  }

  reopenLogs(): void {
    this.child?.kill("SIGHUP");
  }

  /** SIGTERM: it releases the cluster lock and exits. */
  stop(): void {
    this.stopped = true;
    this.pingTimer?.cancel();
    this.restartTimer?.cancel();
    this.child?.kill("SIGTERM");
    this.child = undefined;
  }

  private gone(child: ChildProcessHandle): void {
    if (this.stopped || this.child !== child) return;
    this.child = undefined;
    this.pingTimer?.cancel();
    this.modules.logger.error(
      `Recovery daemon (pid:${child.pid}) is no longer running. Trying to restart recovery daemon.`,
    );
    this.restartTimer = this.modules.timers.after(RESTART_DELAY_MS, () => this.start());
  }

  private armPing(): void {
    this.pingTimer?.cancel();
    const { pingTimeoutSeconds } = this.modules.tunables();
    if (pingTimeoutSeconds === 0 || this.stopped) return;
    this.pingTimer = this.modules.timers.after(pingTimeoutSeconds * 1000, () => this.pingMissed());
  }

  private pingMissed(): void {
    const { logger } = this.modules;
    this.missedPings++;
    logger.error(`Recovery daemon ping timeout. Count : ${this.missedPings}`);
    if (this.missedPings <= this.modules.tunables().failCount) {
      this.armPing();
      return;
    }
    logger.error("Final timeout for recovery daemon ping. Restarting recovery daemon.");
    const { child } = this;
    this.child = undefined;
    // One whose loop stands still hears no SIGTERM, and would keep the cluster lock from its successor.
    child?.kill("SIGKILL");
    this.start();
  }
}
