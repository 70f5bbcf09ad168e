// Which generations the nodes of a world have taken part in, and what may be lost by that: when a node drops out, volatile records
// whose newest copy was there fall back to an older one; when all drop out at once, or two halves go on side by side, transactions may,
// and when somebody comes back with a database that the others had begun anew without him.

/** Generation of a node that takes part in nothing. */
const INVALID = 1;

/** A time in which something may get lost. */
interface Loss {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Something was written, or seen, by somebody on a node. */
export interface Moment {
  readonly pnn: number;
  readonly atMs: number;
}

/** One stay of a node in one generation. */
interface Stay {
  readonly pnn: number;
  readonly generation: number;
  readonly fromMs: number;
  /** When the first of the recoveries that led to it reached the node. */
  readonly triedMs: number;
  /** When its recovery was over: until then databases that were not frozen yet could be written to. */
  readonly normalMs: number;
  /** Infinity while it lasts. */
  toMs: number;
  /** Generation that followed at once; undefined: none, the node dropped out. */
  next: number | undefined;
  /** When the first of the recoveries that led to `next` reached the node: databases that it recovered are in use, though it failed. */
  leftMs: number;
  /** When the node had a generation again. */
  backMs: number;
  /** The daemon ended before that, and replicated databases with it. */
  memoryLost: boolean;
  /** The disk was emptied before that. */
  diskLost: boolean;
}

export class Membership {
  private readonly stays: Stay[] = [];
  private readonly present = new Map<number, Stay>();
  private readonly lastStay = new Map<number, Stay>();
  private losses: readonly Loss[] | undefined;
  private splits: readonly Loss[] | undefined;
  private origins: ReadonlyMap<number, ReadonlySet<number>> | undefined;

  constructor(private readonly time: { readonly nowMs: number }) {}

  /**
   * Called whenever the generation of a node may have changed: that in which it was last out of recovery, so that a recovery which
   * came to nothing does not count. undefined: no daemon runs there. `sinceMs`: when it got that generation; databases may be used before
   * the recovery of all of them is over. `triedMs`: when it got that of the first recovery since it was out of recovery.
   */
  observe(pnn: number, generation: number | undefined, sinceMs = this.time.nowMs, triedMs = sinceMs): void {
    const now = sinceMs;
    const valid = generation === INVALID ? undefined : generation;
    const present = this.present.get(pnn);
    const last = this.lastStay.get(pnn);
    if (generation === undefined && last !== undefined) last.memoryLost = true;
    if (present?.generation === valid) return;
    this.losses = undefined;
    this.splits = undefined;
    this.origins = undefined;
    if (present !== undefined) {
      present.toMs = now;
      present.next = valid;
      present.leftMs = triedMs;
      this.present.delete(pnn);
      if (valid !== undefined) present.backMs = now;
    }
    if (valid !== undefined) {
      if (last !== undefined && last.backMs === Number.POSITIVE_INFINITY) last.backMs = now;
      const stay: Stay = {
        pnn,
        generation: valid,
        fromMs: now,
        triedMs,
        normalMs: this.time.nowMs,
        toMs: Number.POSITIVE_INFINITY,
        next: undefined,
        leftMs: Number.POSITIVE_INFINITY,
        backMs: Number.POSITIVE_INFINITY,
        memoryLost: false,
        diskLost: false,
      };
      this.stays.push(stay);
      this.present.set(pnn, stay);
      this.lastStay.set(pnn, stay);
    }
  }

  /** The disk of a node, which runs nothing, was emptied. */
  diskWiped(pnn: number): void {
    const last = this.lastStay.get(pnn);
    if (last !== undefined) last.diskLost = true;
  }

  /** Takes part in a generation, as far as the node itself knows. */
  isMember(pnn: number): boolean {
    return this.present.has(pnn);
  }

  /** May a change of a volatile record be missing later? */
  mayLoseRecord(written: Moment, seen: Moment): boolean {
    this.losses ??= this.computeLosses();
    const fromMs = Math.min(this.knowsUntilMs(written), this.knowsUntilMs(seen));
    return overlaps(this.losses, fromMs, seen.atMs) || !this.isOneLine(written, seen);
  }

  /**
   * May a transaction, done at `committedMs`, be missing at `seenMs`? `onDisk`: the database is persistent, not replicated: a node has
   * it again when it comes back.
   */
  mayLoseTransaction(committedMs: number, seenMs: number, onDisk: boolean): boolean {
    this.splits ??= this.computeSplits();
    const beginnings = this.computeNewBeginnings(onDisk);
    const returns = this.computeReturns(beginnings, onDisk);
    return [this.splits, beginnings, returns].some((losses) => overlaps(losses, committedMs, seenMs));
  }

  /**
   * Does the generation of one of them descend from that of the other, by nodes that went over to the next one without a break? If not,
   * a cluster has begun anew, or beside one that somebody still believed in: they have no records in common.
   */
  private isOneLine(one: Moment, other: Moment): boolean {
    const [first, second] = [this.generationAt(one), this.generationAt(other)];
    if (first === undefined || second === undefined) return false;
    return this.descends(first, second) || this.descends(second, first);
  }

  private generationAt(moment: Moment): number | undefined {
    return this.stayAt(moment)?.generation;
  }

  /**
   * A machine that wakes up and whose daemon was killed meanwhile: its users may go on for a moment, until they hear of it, with what the
   * node had when it dropped out.
   */
  private knowsUntilMs(moment: Moment): number {
    return Math.min(this.stayAt(moment)?.toMs ?? moment.atMs, moment.atMs);
  }

  private stayAt({ pnn, atMs }: Moment): Stay | undefined {
    return this.stays.findLast((stay) => stay.pnn === pnn && stay.fromMs <= atMs);
  }

  private descends(generation: number, from: number): boolean {
    this.origins ??= this.computeOrigins();
    const seen = new Set([generation]);
    for (const one of seen) for (const origin of this.origins.get(one) ?? []) seen.add(origin);
    return seen.has(from);
  }

  /** By generation: those of which nodes went over to it. */
  private computeOrigins(): Map<number, Set<number>> {
    const origins = new Map<number, Set<number>>();
    for (const { generation, next } of this.stays) {
      if (next === undefined) continue;
      const known = origins.get(next);
      if (known === undefined) origins.set(next, new Set([generation]));
      else known.add(generation);
    }
    return origins;
  }

  private computeLosses(): Loss[] {
    const losses = this.computeSplits();
    // When those that stayed have got the next generation: from then on they miss nothing of a node that dropped out. If none of them
    // gets one, when the last one has dropped out.
    const recovered = new Map<number, number>();
    const ended = new Map<number, number>();
    for (const { generation, next, toMs } of this.stays) {
      const latest = next === undefined ? ended : recovered;
      latest.set(generation, Math.max(latest.get(generation) ?? 0, toMs));
    }
    for (const { generation, next, toMs: fromMs, backMs } of this.stays) {
      if (next !== undefined || fromMs === Number.POSITIVE_INFINITY) continue;
      const recoveredMs = recovered.get(generation) ?? ended.get(generation) ?? Number.POSITIVE_INFINITY;
      losses.push({ fromMs, toMs: Math.max(fromMs, Math.min(backMs, recoveredMs)) });
    }
    return losses;
  }

  /** For transactions. Generations without any node that has what was done in the one before. */
  private computeNewBeginnings(onDisk: boolean): Loss[] {
    const losses: Loss[] = [];
    const generations: Array<{ readonly generation: number; fromMs: number; backMs: number; stays: Stay[] }> = [];
    for (const stay of this.stays) {
      const known = generations.find(({ generation }) => generation === stay.generation);
      if (known === undefined) {
        generations.push({ generation: stay.generation, fromMs: stay.fromMs, backMs: stay.backMs, stays: [stay] });
        continue;
      }
      known.fromMs = Math.min(known.fromMs, stay.fromMs);
      known.backMs = Math.max(known.backMs, stay.backMs);
      known.stays.push(stay);
    }
    generations.sort((a, b) => a.fromMs - b.fromMs);
    for (const [index, { fromMs, stays }] of generations.entries()) {
      const before = generations[index - 1];
      if (before === undefined) continue;
      const keeps = (old: Stay): boolean =>
        stays.some(({ pnn, generation, fromMs: sinceMs }) => {
          if (pnn !== old.pnn) return false;
          return old.next === generation || (onDisk && sinceMs === old.backMs && !old.diskLost);
        });
      if (!before.stays.some(keeps)) losses.push({ fromMs, toMs: before.backMs });
    }
    return losses;
  }

  /**
   * Nodes that were away when the others began anew, and come back with what they had: the copy with the higher sequence number is
   * taken, whether that is theirs or what was done since.
   */
  private computeReturns(beginnings: readonly Loss[], onDisk: boolean): Loss[] {
    const returns: Loss[] = [];
    for (const old of this.stays) {
      if (old.next !== undefined || (onDisk ? old.diskLost : old.memoryLost)) continue;
      if (!beginnings.some(({ fromMs }) => old.fromMs < fromMs && fromMs < old.backMs)) continue;
      const back = this.stays.find(({ pnn, fromMs }) => pnn === old.pnn && fromMs === old.backMs);
      if (back !== undefined) returns.push({ fromMs: back.triedMs, toMs: back.normalMs });
    }
    return returns;
  }

  /** Nodes that went on in a generation while others of the same one had left them behind, and groups that became one again. */
  private computeSplits(): Loss[] {
    const splits: Loss[] = [];
    const byGeneration = new Map<number, Stay[]>();
    const normals = new Map<number, number>();
    /** By generation: those before it, and when their nodes began to go over to it. */
    const origins = new Map<number, Map<number, number>>();
    for (const stay of this.stays) {
      const { generation, next, leftMs } = stay;
      const others = byGeneration.get(generation);
      if (others === undefined) byGeneration.set(generation, [stay]);
      else others.push(stay);
      normals.set(generation, Math.max(normals.get(generation) ?? 0, stay.normalMs));
      if (next === undefined) continue;
      const lefts = origins.get(next);
      if (lefts === undefined) origins.set(next, new Map([[generation, leftMs]]));
      else lefts.set(generation, Math.min(lefts.get(generation) ?? leftMs, leftMs));
    }
    for (const [next, lefts] of origins) {
      const [, metMs] = [...lefts.values()].sort((a, b) => a - b);
      if (metMs !== undefined) splits.push({ fromMs: metMs, toMs: normals.get(next) ?? metMs });
      for (const [generation, fromMs] of lefts) {
        for (const stay of byGeneration.get(generation) ?? []) {
          if (stay.next !== next && stay.toMs > fromMs) splits.push({ fromMs, toMs: stay.backMs });
        }
      }
    }
    return splits;
  }
}

function overlaps(losses: readonly Loss[], fromMs: number, toMs: number): boolean {
  return losses.some((loss) => loss.fromMs <= toMs && fromMs <= loss.toMs);
}
