// Without a cluster lock a leader of a part of the cluster may be one of several: it says so in its log from time to time.
import type { BaseModules, Timer } from "../platform/ports.js";
import type { ClusterView } from "./cluster-view.js";
import type { LeaderElection } from "./leader-election.js";
import { INCOMPLETE_CHECK_MS } from "./limits.js";

/** Every minute up to ten, every ten minutes up to an hour, then every hour. */
function isReported(minutes: number): boolean {
  if (minutes <= 10) return true;
  if (minutes <= 60) return minutes % 10 === 0;
  return minutes % 60 === 0;
}

export class IncompleteClusterWatch {
  private minutes = 0;
  private timer: Timer | undefined;

  constructor(
    private readonly modules: BaseModules & { readonly view: ClusterView; readonly election: LeaderElection },
    private readonly enabled: boolean,
  ) {}

  start(): void {
    if (!this.enabled) return;
    this.timer = this.modules.timers.after(INCOMPLETE_CHECK_MS, () => {
      this.check();
      this.start();
    });
  }

  stop(): void {
    this.timer?.cancel();
  }

  private check(): void {
    const { view, election, logger } = this.modules;
    if (!election.isLeader) {
      this.minutes = 0;
      return;
    }
    if (view.complete) {
      if (this.minutes > 0) logger.warning(`Cluster complete with leader=${view.ownPnn}`);
      this.minutes = 0;
      return;
    }
    this.minutes++;
    if (!isReported(this.minutes)) return;
    const connected = view.connected().length;
    logger.warning(
      `Cluster incomplete with leader=${view.ownPnn}, elapsed=${this.minutes} minutes, connected=${connected}`,
    );
  }
}
