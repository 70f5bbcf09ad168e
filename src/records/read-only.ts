// Read-only copies of records: who has one, and how they are taken back. The owner gives copies away on request (a delegation);
// before the record may change or leave, every copy is overwritten (a revoke). One instance a database.
//
// a record at its owner:  plain --first delegation--> delegated --somebody wants to write--> revoking --all answered--> complete
//                         plain <--next call-- complete            delegated <--a node did not answer, try again-- revoking
import type { Logger, Timers } from "../platform/ports.js";
import { RecBufferWriter, RecordFlag } from "../protocol/index.js";

/** Readers come back this long after the writers, so that they do not force the next revoke at once. */
const READERS_DELAY_MS = 1000;
/** Calls that may wait for the end of one revoke. */
export const DEFERRED_CALLS_MAX = 100_000;

export const RO_FLAGS =
  RecordFlag.RO_HAVE_DELEGATIONS |
  RecordFlag.RO_HAVE_READONLY |
  RecordFlag.RO_REVOKING_READONLY |
  RecordFlag.RO_REVOKE_COMPLETE;

/** A call that waits for the end of a revoke. */
export interface DeferredCall {
  readonly wantsReadOnly: boolean;
  process(): void;
}

interface Revoke {
  readonly deferred: DeferredCall[];
  cancelled: boolean;
}

export interface ReadOnlyModules {
  readonly timers: Timers;
  readonly logger: Logger;
  /** Sends UPDATE_RECORD (control 63) and says whether the node took it. */
  updateRecord(pnn: number, payload: Uint8Array, done: (ok: boolean) => void): void;
  /**
   * Ends a revoke on the record itself, under its lock: {rsn + 1, REVOKE_COMPLETE} when all copies are taken back, else without
   * REVOKING. False when the record changed meanwhile.
   */
  finishRecord(key: Buffer, rsn: number, allAnswered: boolean, done: (ok: boolean) => void): void;
}

export class ReadOnlyCopies {
  /** Key -> nodes that have a copy; never the own one. */
  private readonly holders = new Map<string, Set<number>>();
  private readonly revokes = new Map<string, Revoke>();

  constructor(
    private readonly modules: ReadOnlyModules,
    private readonly database: { readonly id: number; readonly name: string },
  ) {}

  /** Calls that wait for the end of the revoke for which most wait. */
  get mostDeferred(): number {
    let most = 0;
    for (const { deferred } of this.revokes.values()) most = Math.max(most, deferred.length);
    return most;
  }

  /** Nodes with a copy of the record. */
  holdersOf(keyText: string): ReadonlySet<number> | undefined {
    return this.holders.get(keyText);
  }

  delegated(keyText: string, pnn: number): void {
    const known = this.holders.get(keyText);
    if (known === undefined) this.holders.set(keyText, new Set([pnn]));
    else known.add(pnn);
  }

  forget(keyText: string): void {
    this.holders.delete(keyText);
  }

  isRevoking(keyText: string): boolean {
    return this.revokes.has(keyText);
  }

  /** Puts a call off until the revoke of its record has ended. */
  defer(keyText: string, call: DeferredCall): void {
    const revoke = this.revokes.get(keyText);
    if (revoke === undefined) {
      call.process();
      return;
    }
    if (revoke.deferred.length >= DEFERRED_CALLS_MAX) {
      this.modules.logger.error(`too many calls wait for a revoke in database ${this.database.name}, one is dropped`);
      return;
    }
    revoke.deferred.push(call);
  }

  /** Takes all copies back. The record is stored with REVOKING and HAVE_DELEGATIONS, its sequence number is `rsn`. */
  start(key: Buffer, rsn: number, dmaster: number, flags: number, data: Buffer): void {
    const keyText = key.toString("latin1");
    const revoke: Revoke = { deferred: [], cancelled: false };
    this.revokes.set(keyText, revoke);
    const buffer = new RecBufferWriter(this.database.id);
    // Copies have rsn - 2, so this one is newer than they are and older than the owner's.
    buffer.addWithHeader(0, key, rsn - 1, dmaster, (flags & ~RO_FLAGS) | RecordFlag.MIGRATED_WITH_DATA, data);
    const payload = Buffer.from(buffer.bytes());
    let waiting = 1;
    let allAnswered = true;
    const one = (ok: boolean): void => {
      allAnswered &&= ok;
      waiting--;
      if (waiting > 0 || revoke.cancelled) return;
      this.modules.finishRecord(key, rsn, allAnswered, (finished) =>
        this.end(keyText, revoke, finished && allAnswered),
      );
    };
    for (const pnn of this.holders.get(keyText) ?? []) {
      waiting++;
      this.modules.updateRecord(pnn, payload, one);
    }
    // In a later turn, so that the caller can put its own call off first.
    this.modules.timers.nextTurn(() => one(true));
  }

  /** All records were replaced (recovery, wipedb, restoredb), or are gone: there are no copies, and no revoke is needed any more. */
  clear(): void {
    this.holders.clear();
    for (const [keyText, revoke] of [...this.revokes]) {
      revoke.cancelled = true;
      this.end(keyText, revoke, true);
    }
  }

  private end(keyText: string, revoke: Revoke, success: boolean): void {
    if (this.revokes.get(keyText) !== revoke) return;
    this.revokes.delete(keyText);
    const later: DeferredCall[] = [];
    for (const call of revoke.deferred) {
      if (success && !call.wantsReadOnly) call.process();
      else later.push(call);
    }
    if (later.length === 0) return;
    this.modules.timers.after(READERS_DELAY_MS, () => {
      for (const call of later) call.process();
    });
  }
}
