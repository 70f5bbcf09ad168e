// What every step of one recovery run shares: the link, the members, the limits, and who failed how often.
import { type ControlOptions, controlAll, type DaemonLink, type NodeReplies } from "../cluster/daemon-link.js";
import type { BaseModules } from "../platform/ports.js";
import type { ControlName, ControlReply, ControlRequest } from "../protocol/index.js";
import { RecoveryFailedError } from "./errors.js";

/** Srvids of record streams: this base plus a counter. */
const RECOVERY_SRVID_BASE = 0xf001_0000_0000_0000n;

export interface RecoveryModules extends BaseModules {
  readonly link: DaemonLink;
}

/** Tunables of the leader that a recovery obeys. */
export interface RecoveryTunables {
  readonly recoverTimeoutMs: number;
  readonly recBufferSizeLimit: number;
  readonly enableBans: boolean;
  readonly recoveryBanPeriodSeconds: number;
}

/** Hands out srvids that no earlier stream of this process has used. */
export class StreamSrvids {
  private next: number;

  constructor(random: { uint32(): number }) {
    this.next = random.uint32();
  }

  take(): bigint {
    this.next = (this.next + 1) >>> 0;
    return RECOVERY_SRVID_BASE + BigInt(this.next);
  }
}

export class RecoveryContext {
  /** Failures a node caused in this run, over all databases and attempts. */
  readonly credits = new Map<number, number>();

  constructor(
    readonly modules: RecoveryModules,
    readonly srvids: StreamSrvids,
    readonly tunables: RecoveryTunables,
    readonly generation: number,
    /** Active nodes in list order; the only ones that take part. */
    readonly members: readonly number[],
    /** True when every connected node is a member, so that a broadcast reaches the members and nobody else. */
    readonly membersAreAllConnected: boolean,
    readonly signal: AbortSignal,
  ) {}

  get link(): DaemonLink {
    return this.modules.link;
  }

  get ownPnn(): number {
    return this.modules.link.pnn;
  }

  credit(pnn: number): void {
    this.credits.set(pnn, (this.credits.get(pnn) ?? 0) + 1);
  }

  /**
   * A control to `pnns` at once; all must succeed. The first that failed is named in the error (RecoveryFailedError), and
   * with `creditFailure` gets a ban credit.
   */
  async all<N extends ControlName>(
    name: N,
    request: ControlRequest<N>,
    options: { readonly pnns?: readonly number[]; readonly creditFailure?: boolean; readonly flags?: number } = {},
  ): Promise<Map<number, ControlReply<N>>> {
    const control: ControlOptions = {
      timeoutMs: this.tunables.recoverTimeoutMs,
      signal: this.signal,
      ...(options.flags === undefined ? {} : { flags: options.flags }),
    };
    const result: NodeReplies<ControlReply<N>> = await controlAll(
      this.link,
      name,
      request,
      options.pnns ?? this.members,
      control,
    );
    const [first] = result.failures;
    if (first !== undefined) {
      if (options.creditFailure === true) this.credit(first.pnn);
      throw new RecoveryFailedError(name, first.error.message, first.pnn, { cause: first.error });
    }
    return result.replies;
  }
}
