// Takeover runs as the leader's main loop sees them: requests, the frame around a run, and who gets an answer.
import type { BaseModules } from "../platform/ports.js";
import { DisableMessage, I32, Srvid, type SrvidMessage } from "../protocol/index.js";
import type { ClusterView } from "./cluster-view.js";
import { controlAll, type DaemonLink } from "./daemon-link.js";
import { REBALANCE_TARGETS_MAX, TAKEOVER_DISABLE_SECONDS, TAKEOVER_REQUESTS_MAX } from "./limits.js";
import type { OperationSwitch } from "./operation-switch.js";

/** One run: decides where public addresses live and moves them. Replaceable. */
export interface TakeoverRun {
  /** True: all went well. Throws only when `signal` is aborted. */
  run(rebalanceTargets: readonly number[], signal: AbortSignal): Promise<boolean>;
}

export interface TakeoverModules extends BaseModules {
  readonly link: DaemonLink;
  readonly view: ClusterView;
}

/**
 * The run of a cluster without public addresses: IPREALLOCATED to all connected nodes, also unhealthy, stopped and banned
 * ones. Says so when some node has public addresses after all: they stay where they are.
 */
export class NoAddressesTakeoverRun implements TakeoverRun {
  constructor(private readonly modules: TakeoverModules) {}

  async run(_rebalanceTargets: readonly number[], signal: AbortSignal): Promise<boolean> {
    const { link, view, logger } = this.modules;
    const timeoutMs = view.tunables.takeoverTimeoutMs;
    const connected = view.connected();
    const known = await controlAll(link, "GET_PUBLIC_IPS", undefined, connected, { timeoutMs, signal });
    for (const { pnn, error } of known.failures) {
      logger.error(`control GET_PUBLIC_IPS failed on node ${pnn}: ${error.message}`);
    }
    if (known.failures.length > 0) return false;
    if ([...known.replies.values()].some(({ ips }) => ips.length > 0)) {
      logger.warning("There are public addresses, but this leader cannot assign public addresses yet");
    }
    const told = await controlAll(link, "IPREALLOCATED", undefined, connected, { timeoutMs: timeoutMs * 3, signal });
    for (const { pnn, error } of told.failures) logger.error(`IPREALLOCATED failed on node ${pnn}: ${error.message}`);
    return told.failures.length === 0;
  }
}

export class TakeoverControl {
  private requests: SrvidMessage[] = [];
  private rebalance: number[] = [];
  private lastRunFailed = false;

  constructor(
    private readonly modules: TakeoverModules & { readonly takeoverRun: TakeoverRun },
    private readonly runs: OperationSwitch,
  ) {}

  /** A run should be made: somebody asked, or the last one failed. */
  get wanted(): boolean {
    return !this.runs.disabled && (this.requests.length > 0 || this.lastRunFailed);
  }

  addRequest(request: SrvidMessage): void {
    if (this.requests.length >= TAKEOVER_REQUESTS_MAX) {
      this.modules.logger.warning(`request for a takeover run of node ${request.pnn} dropped, too many wait`);
      return;
    }
    this.requests.push(request);
  }

  addRebalanceTarget(pnn: number): void {
    if (this.rebalance.length >= REBALANCE_TARGETS_MAX) return;
    this.modules.logger.notice(`Setting up rebalance of IPs to node ${pnn}`);
    this.rebalance = [...this.rebalance, pnn];
  }

  /** This node does not lead: whoever does serves the same requests. */
  dropRequests(): void {
    this.requests = [];
    this.rebalance = [];
    this.lastRunFailed = false;
  }

  /** Serves all requests that are there now with one run. */
  async serveRequests(signal: AbortSignal): Promise<void> {
    const { link, view } = this.modules;
    const served = this.requests;
    this.requests = [];
    const done = await this.run(signal);
    const answer = I32.encode(done ? view.ownPnn : -1);
    for (const { pnn, srvid } of served) if (srvid !== 0n) link.sendMessage(pnn, srvid, answer);
  }

  /** One run. The other connected nodes keep off takeover runs meanwhile. */
  async run(signal: AbortSignal): Promise<boolean> {
    const { logger, view } = this.modules;
    logger.notice("Takeover run starting");
    if (!this.runs.begin()) {
      this.lastRunFailed = true;
      logger.notice("Takeover run unsuccessful");
      return false;
    }
    const others = view.connectedOthers();
    const targets = this.rebalance;
    let done = false;
    try {
      this.disableRunsOn(others, TAKEOVER_DISABLE_SECONDS);
      done = await this.modules.takeoverRun.run(targets, signal);
    } finally {
      this.disableRunsOn(others, 0);
      this.runs.end();
      this.lastRunFailed = !done;
    }
    if (done) {
      if (this.rebalance === targets) this.rebalance = [];
      else logger.warning("Rebalance targets changed during takeover run, keeping them");
    }
    logger.notice(done ? "Takeover run completed successfully" : "Takeover run unsuccessful");
    return done;
  }

  private disableRunsOn(pnns: readonly number[], timeout: number): void {
    // No answer wanted: srvid 0, and the pnn that the C recovery daemon puts there.
    const message = DisableMessage.encode({ pnn: 0xffffffff, srvid: 0n, timeout });
    for (const pnn of pnns) this.modules.link.sendMessage(pnn, Srvid.DISABLE_TAKEOVER_RUNS, message);
  }
}
