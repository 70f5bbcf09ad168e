// Pulls the records of one database from the nodes into the record store. Called by the recovery of a database.
import { RecoveryFailedError } from "./errors.js";
import { MERGE_SLICE_BYTES } from "./limits.js";
import type { RecordStore } from "./record-store.js";
import type { RecoveryContext } from "./recovery-context.js";

/** `lmaster` of DB_PULL that means "all records". */
export const LMASTER_ANY = 0xffffffff;

/** Merges the buffers of one stream in order, large ones in slices so that the event loop goes on. */
class StreamMerger {
  records = 0;
  private readonly backlog: Uint8Array[] = [];
  private busy = false;
  private failure: Error | undefined;
  private idle: (() => void) | undefined;

  constructor(
    private readonly context: RecoveryContext,
    private readonly store: RecordStore,
    private readonly source: number,
  ) {}

  /** A buffer has arrived; it is valid during the call only. */
  accept(bytes: Uint8Array): void {
    if (this.failure !== undefined) return;
    if (!this.busy && bytes.length <= MERGE_SLICE_BYTES) {
      try {
        this.records += this.store.mergeAll(bytes, this.source);
      } catch (error) {
        this.fail(error);
      }
      return;
    }
    this.backlog.push(Uint8Array.from(bytes));
    if (!this.busy) {
      this.busy = true;
      void this.work();
    }
  }

  /** Resolves when all accepted buffers are merged; throws MalformedRecordsError. */
  async finish(): Promise<number> {
    if (this.busy) {
      await new Promise<void>((resolve) => {
        this.idle = resolve;
      });
    }
    if (this.failure !== undefined) throw this.failure;
    return this.records;
  }

  stop(): void {
    this.backlog.length = 0;
    this.failure ??= new Error("stream closed");
  }

  private async work(): Promise<void> {
    const { timers } = this.context.modules;
    for (let bytes = this.backlog.shift(); bytes !== undefined; bytes = this.backlog.shift()) {
      try {
        const cursor = this.store.openBuffer(bytes);
        while (cursor.remaining > 0 && this.failure === undefined) {
          this.records += this.store.merge(bytes, cursor, this.source, MERGE_SLICE_BYTES);
          await new Promise<void>((resolve) => timers.nextTurn(resolve));
        }
      } catch (error) {
        this.fail(error);
      }
    }
    this.busy = false;
    this.idle?.();
  }

  private fail(error: unknown): void {
    this.failure = error instanceof Error ? error : new Error(String(error));
    this.backlog.length = 0;
  }
}

/**
 * DB_PULL from one node: records come as messages, then the reply with their number, which must match. Nothing stays
 * registered afterwards, whatever happens. A node that fails gets a ban credit.
 * The time limit counts from the last sign of life, not from the start: a large database may take longer.
 */
async function pullFrom(context: RecoveryContext, dbId: number, pnn: number, store: RecordStore): Promise<number> {
  const { link, signal, modules, tunables } = context;
  const merger = new StreamMerger(context, store, context.members.indexOf(pnn));
  const srvid = context.srvids.take();
  const stalled = new AbortController();
  const stopWith = AbortSignal.any([signal, stalled.signal]);
  let lastProgress = modules.clock.now();
  const registration = await link.onMessage(srvid, (bytes) => {
    lastProgress = modules.clock.now();
    merger.accept(bytes);
  });
  const watch = (): void => {
    const silentMs = modules.clock.now() - lastProgress;
    if (silentMs >= tunables.recoverTimeoutMs) {
      stalled.abort(new Error(`no records for ${tunables.recoverTimeoutMs} ms`));
      return;
    }
    timer = modules.timers.after(tunables.recoverTimeoutMs - silentMs, watch);
  };
  let timer = modules.timers.after(tunables.recoverTimeoutMs, watch);
  try {
    signal.throwIfAborted();
    const expected = await link.control(
      "DB_PULL",
      { dbId, lmaster: LMASTER_ANY, srvid },
      { pnn, signal: stopWith, timeoutMs: PULL_TIMEOUT_MS_MAX },
    );
    const got = await merger.finish();
    if (got !== expected) throw new Error(`${got} records came, ${expected} were announced`);
    return got;
  } catch (error) {
    signal.throwIfAborted();
    context.credit(pnn);
    const detail = error instanceof Error ? error.message : String(error);
    throw new RecoveryFailedError("DB_PULL", detail, pnn, { cause: error });
  } finally {
    merger.stop();
    timer.cancel();
    await registration.close().catch((error: unknown) => {
      modules.logger.warning(`cannot end the record stream of node ${pnn}: ${String(error)}`);
    });
  }
}

/** Upper limit of one pull, however busy it is; the daemon's own ControlTimeout usually ends it earlier. */
const PULL_TIMEOUT_MS_MAX = 3_600_000;

/**
 * Collects a volatile database from all members at once; the store's merge rule does not depend on their order.
 * Returns the number of records read.
 */
export async function collectAll(context: RecoveryContext, dbId: number, store: RecordStore): Promise<number> {
  const results = await Promise.allSettled(context.members.map((pnn) => pullFrom(context, dbId, pnn, store)));
  let records = 0;
  for (const result of results) {
    if (result.status === "rejected") throw result.reason;
    records += result.value;
  }
  return records;
}

/**
 * Collects a persistent or replicated database from the one member with the highest sequence number: among equals from the
 * leader itself, else from the first in list order. A member that comes back may hold a transaction that the cluster gave up
 * in its absence, under the number of another one that the cluster has since acknowledged; the leader has been here all along.
 */
export async function collectNewest(context: RecoveryContext, dbId: number, store: RecordStore): Promise<number> {
  const seqnums = await context.all("GET_DB_SEQNUM", dbId);
  let best: number | undefined;
  let bestSeqnum = -1;
  for (const pnn of context.members) {
    const seqnum = seqnums.get(pnn);
    if (seqnum === undefined) continue;
    if (seqnum > bestSeqnum || (seqnum === bestSeqnum && pnn === context.ownPnn)) {
      best = pnn;
      bestSeqnum = seqnum;
    }
  }
  if (best === undefined) throw new RecoveryFailedError("GET_DB_SEQNUM", "no member answered");
  return pullFrom(context, dbId, best, store);
}
