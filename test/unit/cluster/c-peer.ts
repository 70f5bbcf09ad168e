// A peer that elects as the C recovery daemon does: polls each second, leader timeout 5 s, elections of 3 s, answers after
// 0.5 s, obeys leader broadcasts without asking. As leader it recovers what is in recovery mode, with the pause of 10 s.

import type { DaemonLink } from "../../../src/cluster/daemon-link.js";
import { beats } from "../../../src/cluster/election-rules.js";
import type { Timer } from "../../../src/platform/ports.js";
import { ElectionMessage, NodeFlag, Pnn, RecoveryMode, Srvid, U32 } from "../../../src/protocol/index.js";
import { ClusterRecovery } from "../../../src/recovery/cluster-recovery.js";
import { SeededRandom } from "../../../src/simulator/seeded-random.js";
import type { FakeCluster } from "./fake-cluster.js";

const UNKNOWN = Pnn.UNKNOWN;

export class CPeer {
  leader: number = UNKNOWN;
  electing = false;
  recoveries = 0;
  private dead = false;
  private leaderTimer: Timer | undefined;
  private electionTimer: Timer | undefined;
  private delayedSend: Timer | undefined;
  private recovering = false;
  private suppressedUntil = 0;
  private readonly link: DaemonLink;

  constructor(
    private readonly cluster: FakeCluster,
    readonly pnn: number,
    /** Age: microseconds of the priority time within one second. */
    private readonly prioritySec: number,
    private readonly electionMs = 3000,
  ) {
    this.link = cluster.linkOf(pnn);
  }

  async start(): Promise<void> {
    await this.link.onMessage(Srvid.LEADER, (data) => this.onLeader(U32.decode(data)));
    await this.link.onMessage(Srvid.ELECTION, (data) => this.onElection(ElectionMessage.decode(data)));
    this.armLeaderTimer();
    this.tick();
  }

  kill(): void {
    this.dead = true;
    this.cluster.kill(this.pnn);
  }

  private get active(): boolean {
    return ((this.cluster.node(this.pnn).flags[this.pnn] ?? 0) & NodeFlag.INACTIVE) === 0;
  }

  private after(ms: number, callback: () => void): Timer {
    return this.cluster.time.after(ms, () => {
      if (!this.dead) callback();
    });
  }

  private tick(): void {
    this.after(1000, () => {
      this.tick();
      if (!this.active) {
        if (this.leader === this.pnn) this.leader = UNKNOWN;
        return;
      }
      if (this.leader !== this.pnn || this.electing) return;
      this.link.sendMessage(Pnn.BROADCAST_CONNECTED, Srvid.LEADER, U32.encode(this.pnn));
      void this.recoverIfNeeded();
    });
  }

  private armLeaderTimer(): void {
    this.leaderTimer?.cancel();
    this.leaderTimer = this.after(5000, () => void this.forceElection());
  }

  private onLeader(pnn: number): void {
    this.leaderTimer?.cancel();
    if (pnn === this.leader) {
      this.armLeaderTimer();
    } else if (pnn === UNKNOWN) {
      this.electing = true;
    } else {
      this.leader = pnn;
      this.armLeaderTimer();
    }
  }

  private async forceElection(): Promise<void> {
    const node = this.cluster.node(this.pnn);
    const actives = node.flags.flatMap((flags, pnn) => ((flags & NodeFlag.INACTIVE) === 0 ? [pnn] : []));
    for (const pnn of actives) {
      await this.link.control("SET_RECMODE", RecoveryMode.ACTIVE, { pnn, timeoutMs: 30_000 });
    }
    this.electing = true;
    this.link.sendMessage(Pnn.BROADCAST_CONNECTED, Srvid.LEADER, U32.encode(UNKNOWN));
    this.armElectionTimer();
    this.send();
  }

  private armElectionTimer(): void {
    this.electionTimer?.cancel();
    this.electionTimer = this.after(this.electionMs, () => {
      this.electing = false;
    });
  }

  private send(): void {
    this.leader = this.pnn;
    const flags = this.cluster.node(this.pnn).flags[this.pnn] ?? 0;
    this.link.sendMessage(
      Pnn.BROADCAST_ALL,
      Srvid.ELECTION,
      ElectionMessage.encode({
        numConnected: 1,
        priorityTime: { sec: this.prioritySec, usec: 0 },
        pnn: this.pnn,
        nodeFlags: flags,
      }),
    );
  }

  private onElection(sender: ElectionMessage): void {
    if (sender.pnn === this.pnn) return;
    this.armElectionTimer();
    this.electing = true;
    const own = { pnn: this.pnn, canBeLeader: this.active, prioritySec: this.prioritySec, priorityUsec: 0 };
    if (beats(own, sender)) {
      this.delayedSend ??= this.after(500, () => {
        this.delayedSend = undefined;
        this.send();
      });
      return;
    }
    this.delayedSend?.cancel();
    this.delayedSend = undefined;
    this.leader = sender.pnn;
  }

  private async recoverIfNeeded(): Promise<void> {
    const node = this.cluster.node(this.pnn);
    const active = node.flags.flatMap((flags, pnn) => ((flags & NodeFlag.INACTIVE) === 0 ? [pnn] : []));
    const needed =
      active.some((pnn) => this.cluster.node(pnn).recoveryMode === RecoveryMode.ACTIVE) ||
      node.vnnMap.map.join() !== active.join();
    if (!needed || this.recovering || this.cluster.time.now() < this.suppressedUntil) return;
    this.recovering = true;
    const random = new SeededRandom(this.cluster.time.now(), "C peer");
    try {
      await new ClusterRecovery({
        link: this.link,
        clock: this.cluster.time,
        timers: this.cluster.time,
        random,
        logger: node.logger,
      }).run({
        generation: (random.uint32() & 0x7ffffffe) | 2,
        tunables: {
          recoverTimeoutMs: 30_000,
          recBufferSizeLimit: 1e6,
          enableBans: true,
          recoveryBanPeriodSeconds: 300,
        },
        signal: new AbortController().signal,
      });
      this.recoveries++;
      this.suppressedUntil = this.cluster.time.now() + 10_000;
    } catch (error) {
      node.logger.error(`C peer: ${error}`);
    } finally {
      this.recovering = false;
    }
  }
}
