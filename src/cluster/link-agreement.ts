// The leader's patience with a node that joins: records must not travel before all active nodes are connected with each other.
import type { Clock } from "../platform/ports.js";
import { NodeFlag, type NodeMap } from "../protocol/index.js";
import type { ClusterView } from "./cluster-view.js";
import { LINKS_GRACE_MS } from "./limits.js";

/** Two active nodes of which the first does not see the second as connected. */
export interface MissingLink {
  readonly from: number;
  readonly to: number;
}

/** A link that one active node misses in its own map (`maps`), the leader's own links aside. */
export function missingLink(view: ClusterView, maps: ReadonlyMap<number, NodeMap>): MissingLink | undefined {
  for (const [from, map] of maps) {
    if (!view.isActive(from)) continue;
    const missed = map.nodes.find(({ pnn, flags }) => view.isActive(pnn) && (flags & NodeFlag.DISCONNECTED) !== 0);
    if (missed !== undefined) return { from, to: missed.pnn };
  }
  return undefined;
}

/**
 * Says how long a recovery has to wait for missing links. A C node retries a connection once a second, and drops what it has to
 * send until then: a recovery that is over before that leaves calls and records lost on the way, for ever. A link that stays
 * away for longer than LINKS_GRACE_MS holds up nobody.
 */
export class LinkAgreement {
  private missingSinceMs: number | undefined;

  constructor(private readonly clock: Clock) {}

  /** True: look again soon. */
  mustWait(missing: MissingLink | undefined): boolean {
    if (missing === undefined) {
      this.missingSinceMs = undefined;
      return false;
    }
    this.missingSinceMs ??= this.clock.now();
    return this.clock.now() - this.missingSinceMs < LINKS_GRACE_MS;
  }
}
