// The counters of the daemon that STATISTICS tells: one object that the subsystems increment directly.
import type { Clock } from "../platform/ports.js";
import type { Latency as LatencyCounter, StatisticsLocks, Statistics as StatisticsReply } from "../protocol/index.js";

const BUCKETS = 16;
const HISTORY_SLOTS = 100;

export class Latency {
  num = 0;
  min = 0;
  max = 0;
  total = 0;

  add(seconds: number): void {
    if (this.num === 0 || seconds < this.min) this.min = seconds;
    if (seconds > this.max) this.max = seconds;
    this.total += seconds;
    this.num++;
  }

  toWire(): LatencyCounter {
    return { num: this.num, min: this.min, max: this.max, total: this.total };
  }
}

/** What the lock scheduler counts, for the node or for one database. */
export interface LockCounters {
  readonly numCalls: number;
  readonly numCurrent: number;
  readonly numPending: number;
  readonly numFailed: number;
  readonly latency: {
    readonly num: number;
    readonly minSeconds: number;
    readonly maxSeconds: number;
    readonly totalSeconds: number;
  };
  readonly buckets: readonly number[];
}

/** Lock counters as STATISTICS and GET_DB_STATISTICS tell them. */
export function lockCountersToWire(counters: LockCounters): StatisticsLocks {
  const { num, minSeconds, maxSeconds, totalSeconds } = counters.latency;
  return {
    numCalls: counters.numCalls,
    numCurrent: counters.numCurrent,
    numPending: counters.numPending,
    numFailed: counters.numFailed,
    latency: { num, min: minSeconds, max: maxSeconds, total: totalSeconds },
    buckets: [...counters.buckets],
  };
}

export class Statistics {
  numClients = 0;
  clientPacketsSent = 0;
  clientPacketsRecv = 0;
  nodePacketsSent = 0;
  nodePacketsRecv = 0;
  keepalivePacketsSent = 0;
  keepalivePacketsRecv = 0;
  nodeReqCall = 0;
  nodeReplyCall = 0;
  nodeReqDmaster = 0;
  nodeReplyDmaster = 0;
  nodeReplyError = 0;
  nodeReqMessage = 0;
  nodeReqControl = 0;
  nodeReplyControl = 0;
  nodeReqTunnel = 0;
  clientReqCall = 0;
  clientReqMessage = 0;
  clientReqControl = 0;
  clientReqTunnel = 0;
  timeoutsCall = 0;
  timeoutsControl = 0;
  timeoutsTraverse = 0;
  reclockCtdbd = new Latency();
  reclockRecd = new Latency();
  totalCalls = 0;
  pendingCalls = 0;
  childwriteCalls = 0;
  pendingChildwriteCalls = 0;
  maxHopCount = 0;
  hopCountBuckets: number[] = new Array<number>(BUCKETS).fill(0);
  calls = new Latency();
  childwrites = new Latency();
  numRecoveries = 0;
  totalRoDelegations = 0;
  totalRoRevokes = 0;
  startedWallMs: number;
  private readonly history: StatisticsReply[] = [];

  constructor(private readonly clock: Clock) {
    this.startedWallMs = clock.wall();
  }

  callLatency(seconds: number): void {
    this.calls.add(seconds);
  }

  /** STATISTICS_RESET: everything but what is counted up and down. */
  reset(): void {
    const { numClients, pendingCalls, pendingChildwriteCalls } = this;
    const fresh = new Statistics(this.clock);
    for (const [name, value] of Object.entries(fresh)) {
      if (name !== "clock" && name !== "history") Object.assign(this, { [name]: value });
    }
    Object.assign(this, { numClients, pendingCalls, pendingChildwriteCalls });
  }

  /** Adds the present values to the history (GET_STAT_HISTORY), newest first. */
  rotate(locks: LockCounters, frozen: boolean, recovering: boolean): void {
    this.history.unshift(this.toWire(locks, frozen, recovering));
    if (this.history.length > HISTORY_SLOTS) this.history.length = HISTORY_SLOTS;
  }

  get recent(): readonly StatisticsReply[] {
    return this.history;
  }

  toWire(locks: LockCounters, frozen: boolean, recovering: boolean): StatisticsReply {
    return {
      numClients: this.numClients,
      frozen: frozen ? 1 : 0,
      recovering: recovering ? 1 : 0,
      clientPacketsSent: this.clientPacketsSent,
      clientPacketsRecv: this.clientPacketsRecv,
      nodePacketsSent: this.nodePacketsSent,
      nodePacketsRecv: this.nodePacketsRecv,
      keepalivePacketsSent: this.keepalivePacketsSent,
      keepalivePacketsRecv: this.keepalivePacketsRecv,
      node: {
        reqCall: this.nodeReqCall,
        replyCall: this.nodeReplyCall,
        reqDmaster: this.nodeReqDmaster,
        replyDmaster: this.nodeReplyDmaster,
        replyError: this.nodeReplyError,
        reqMessage: this.nodeReqMessage,
        reqControl: this.nodeReqControl,
        replyControl: this.nodeReplyControl,
        reqTunnel: this.nodeReqTunnel,
      },
      client: {
        reqCall: this.clientReqCall,
        reqMessage: this.clientReqMessage,
        reqControl: this.clientReqControl,
        reqTunnel: this.clientReqTunnel,
      },
      timeouts: { call: this.timeoutsCall, control: this.timeoutsControl, traverse: this.timeoutsTraverse },
      reclock: { ctdbd: this.reclockCtdbd.toWire(), recd: this.reclockRecd.toWire() },
      locks: lockCountersToWire(locks),
      totalCalls: this.totalCalls,
      pendingCalls: this.pendingCalls,
      childwriteCalls: this.childwriteCalls,
      pendingChildwriteCalls: this.pendingChildwriteCalls,
      memoryUsed: 0,
      maxHopCount: this.maxHopCount,
      hopCountBucket: [...this.hopCountBuckets],
      callLatency: this.calls.toWire(),
      childwriteLatency: this.childwrites.toWire(),
      numRecoveries: this.numRecoveries,
      statisticsStartTime: timeval(this.startedWallMs),
      statisticsCurrentTime: timeval(this.clock.wall()),
      totalRoDelegations: this.totalRoDelegations,
      totalRoRevokes: this.totalRoRevokes,
    };
  }
}

/** Milliseconds since the epoch as CTDB's timeval. */
export function timeval(wallMs: number): { sec: number; usec: number } {
  const sec = Math.floor(wallMs / 1000);
  return { sec, usec: Math.floor((wallMs - sec * 1000) * 1000) };
}
