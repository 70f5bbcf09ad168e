// One vacuum run on one database: the side that works on the file. Takes the scheduled records batch by batch, or looks at all
// records, and removes what nobody needs any more. Holds a chain lock only for the moment in which it looks at that one record,
// never while it waits for anything.
//
// a record:  mine, with another lmaster: VACUUM_FETCH to that node, which fetches the record; from then on it is removed there
//            mine, and I am its lmaster: nobody ever got data of it: removed at once
//                                        else TRY_DELETE_RECORDS to all active nodes; where all have removed it: removed here
import type { Clock, Logger, Timers } from "../platform/ports.js";
import {
  lmasterOf,
  NodeFlag,
  RECORD_HEADER_SIZE,
  RecBuffer,
  RecBufferReader,
  RecBufferWriter,
  type RecData,
  recordHeaderDmaster,
} from "../protocol/index.js";
import type { TdbFile } from "../tdb/tdb-file.js";
import {
  BATCH_BYTES_MAX,
  BATCH_RECORDS_MAX,
  BUSY_CHAIN_PAUSE_MS,
  BUSY_CHAIN_TRIES_MAX,
  CONTROL_TIMEOUT_MS,
  RECORDS_BETWEEN_CLOCK_READS,
  WORKER_SLICE_MS,
} from "./limits.js";
import { RecordRemoval } from "./record-removal.js";
import type { RunLink } from "./run-link.js";
import type { RunOrder } from "./vacuum-worker.js";

const NO_DATA = Buffer.alloc(0);

/** Where a run gets its records from. */
export interface RunSource {
  /** The next batch, a marshall buffer of record headers; undefined: that was all. `kept`: places in the batch before. */
  nextBatch(kept: readonly number[]): Promise<Buffer | undefined>;
  /** Records of a full run that may still be there: a marshall buffer, valid during the call. */
  remember(records: Buffer): void;
}

export interface VacuumRunModules {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly link: RunLink;
  readonly file: Pick<
    TdbFile,
    "chainLockNonblock" | "chainUnlock" | "fetch" | "delete" | "openCursor" | "freelistSize" | "repack"
  >;
  readonly source: RunSource;
  /** Aborted: the run ends with the reason of the signal as soon as it can. */
  readonly signal: AbortSignal;
}

/** A record that other nodes have to be asked about. */
interface Candidate {
  readonly place: number;
  readonly key: Buffer;
  readonly rsn: number;
}

export class VacuumRun {
  deleted = 0;
  handedOver = 0;
  kept = 0;
  private readonly removal: RecordRemoval;
  private sliceStartMs = 0;
  private untilClockRead = 0;
  /** Other active nodes, once somebody asked; "unsafe": one that may come back with old copies is not active. */
  private others: readonly number[] | "unsafe" | undefined;
  /** A node did not answer: nothing more is asked in this run. */
  private nodeFailed = false;

  constructor(
    private readonly modules: VacuumRunModules,
    private readonly order: RunOrder,
  ) {
    this.removal = new RecordRemoval(modules.file, modules.link.pnn, (key) => lmasterOf(order.lmasters, key));
  }

  /** Rejects with the reason of the signal, or with TdbError. */
  async run(): Promise<void> {
    const { source } = this.modules;
    this.sliceStartMs = this.modules.clock.now();
    let kept: readonly number[] = [];
    for (;;) {
      const batch = await source.nextBatch(kept);
      if (batch === undefined) break;
      kept = await this.removeBatch(batch);
    }
    if (this.order.full) await this.removeAll();
    this.repackIfNeeded();
  }

  // ------------------------------------------------------------------ all records

  private async removeAll(): Promise<void> {
    const { file, link, timers } = this.modules;
    const cursor = file.openCursor();
    const found = new RecBufferWriter(this.order.dbId);
    const visit = (key: Buffer, value: Buffer): void => {
      if (value.length !== RECORD_HEADER_SIZE || recordHeaderDmaster(value, 0) !== link.pnn) return;
      found.add(0, key, value);
    };
    try {
      for (let tries = 0; tries < BUSY_CHAIN_TRIES_MAX; ) {
        const result = cursor.slice(RECORDS_BETWEEN_CLOCK_READS, visit);
        if (found.count + RECORDS_BETWEEN_CLOCK_READS > BATCH_RECORDS_MAX || found.byteLength >= BATCH_BYTES_MAX) {
          await this.removeFound(found);
        }
        if (result === "done") break;
        if (result === "busy") {
          tries++;
          await pause(timers, BUSY_CHAIN_PAUSE_MS);
        }
        await this.rest();
      }
    } finally {
      cursor.close();
    }
    await this.removeFound(found);
  }

  private async removeFound(found: RecBufferWriter): Promise<void> {
    if (found.count === 0) return;
    const batch = Buffer.from(found.bytes());
    found.reset();
    const kept = new Set(await this.removeBatch(batch));
    if (kept.size === 0) return;
    const left = new RecBufferWriter(this.order.dbId);
    const reader = new RecBufferReader(batch);
    for (let place = 0; reader.next(); place++) if (kept.has(place)) left.add(0, reader.key, reader.data);
    this.modules.source.remember(left.bytes());
  }

  // ------------------------------------------------------------------ one batch

  /** Gives the places of the records that may still be there. */
  private async removeBatch(batch: Buffer): Promise<number[]> {
    const kept: number[] = [];
    const candidates: Candidate[] = [];
    const toAsk = new RecBufferWriter(this.order.dbId);
    const forLmaster = new Map<number, RecData[]>();
    const reader = new RecBufferReader(batch);
    for (let place = 0; reader.next(); place++) {
      const { key, rsn, flags } = reader;
      switch (this.removal.consider(key, { rsn, flags })) {
        case "gone":
          break;
        case "deleted":
          this.deleted++;
          break;
        case "busy":
          kept.push(place);
          break;
        case "readOnly":
          // Without its copies it can go. They are taken back by a call to the record, which the own daemon makes; but not
          // each time, as readers may well come again.
          if (this.order.full) addTo(forLmaster, this.modules.link.pnn, key);
          break;
        case "handOver":
          addTo(forLmaster, lmasterOf(this.order.lmasters, key), key);
          kept.push(place);
          this.handedOver++;
          break;
        case "ask":
          candidates.push({ place, key, rsn });
          toAsk.addWithHeader(0, key, rsn, this.modules.link.pnn, this.removal.storedFlags, NO_DATA);
          break;
      }
      if (--this.untilClockRead <= 0) await this.rest();
    }
    await this.handOver(forLmaster);
    if (candidates.length > 0) await this.ask(toAsk, candidates, kept);
    this.kept += kept.length;
    return kept.sort((a, b) => a - b);
  }

  /** What was handed over stays remembered until it is seen to be gone, so a lost list costs one interval. */
  private async handOver(forLmaster: ReadonlyMap<number, RecData[]>): Promise<void> {
    await Promise.all(
      [...forLmaster].map(async ([pnn, records]) => {
        try {
          await this.modules.link.control("VACUUM_FETCH", { dbId: this.order.dbId, records }, this.controlOptions(pnn));
        } catch (error) {
          this.modules.signal.throwIfAborted();
          this.modules.logger.info(`${records.length} records of ${this.order.name} stay: node ${pnn}: ${text(error)}`);
        }
      }),
    );
  }

  /** Lets the other nodes remove their copies, then removes the records that no node has any more. */
  private async ask(toAsk: RecBufferWriter, candidates: readonly Candidate[], kept: number[]): Promise<void> {
    const refused = await this.removeElsewhere(toAsk.bytes());
    for (const { place, key, rsn } of candidates) {
      if (refused === "all" || refused.has(key.toString("latin1"))) {
        kept.push(place);
        continue;
      }
      const verdict = this.removal.finish(key, rsn);
      if (verdict === "deleted") this.deleted++;
      else if (verdict === "busy") kept.push(place);
      if (--this.untilClockRead <= 0) await this.rest();
    }
  }

  /** Keys (latin1) that at least one node has not removed. */
  private async removeElsewhere(records: Buffer): Promise<ReadonlySet<string> | "all"> {
    const { link, logger, signal } = this.modules;
    const refused = new Set<string>();
    const nodes = this.nodeFailed ? "unsafe" : await this.activeOthers();
    if (nodes === "unsafe") return "all";
    const request = RecBuffer.decode(records);
    await Promise.all(
      nodes.map(async (pnn) => {
        try {
          const reply = await link.control("TRY_DELETE_RECORDS", request, this.controlOptions(pnn));
          for (const { key } of reply.records) refused.add(Buffer.from(key).toString("latin1"));
        } catch (error) {
          signal.throwIfAborted();
          this.nodeFailed = true;
          logger.notice(
            `deleted records of ${this.order.name} stay, as node ${pnn} did not remove its copies: ${text(error)}`,
          );
        }
      }),
    );
    return this.nodeFailed ? "all" : refused;
  }

  private async activeOthers(): Promise<readonly number[] | "unsafe"> {
    if (this.others !== undefined) return this.others;
    const { link } = this.modules;
    const { nodes } = await link.control("GET_NODEMAP", undefined, this.controlOptions(link.pnn));
    const active = nodes.filter((node) => (node.flags & NodeFlag.INACTIVE) === 0).map((node) => node.pnn);
    // A node that left and has not been recovered from may come back with what it has.
    const complete = this.order.lmasters.every((pnn) => active.includes(pnn));
    this.others = complete ? active.filter((pnn) => pnn !== link.pnn) : "unsafe";
    return this.others;
  }

  private controlOptions(pnn: number): { pnn: number; timeoutMs: number; signal: AbortSignal } {
    return { pnn, timeoutMs: CONTROL_TIMEOUT_MS, signal: this.modules.signal };
  }

  // ------------------------------------------------------------------ the file as a whole

  private repackIfNeeded(): void {
    const { repackLimit, name } = this.order;
    if (repackLimit === 0) return;
    const entries = this.modules.file.freelistSize();
    if (entries < repackLimit) return;
    this.modules.logger.notice(`Repacking ${name} with ${entries} freelist entries`);
    this.modules.file.repack();
  }

  /** When a slice of work is over: as long a rest, in which orders are heard. Throws the reason of the signal. */
  private async rest(): Promise<void> {
    const { clock, timers, signal } = this.modules;
    this.untilClockRead = RECORDS_BETWEEN_CLOCK_READS;
    const workedMs = clock.now() - this.sliceStartMs;
    if (workedMs < WORKER_SLICE_MS) return;
    await pause(timers, workedMs);
    signal.throwIfAborted();
    this.sliceStartMs = clock.now();
  }
}

function addTo(lists: Map<number, RecData[]>, pnn: number, key: Buffer): void {
  const record = { reqid: 0, key, data: NO_DATA };
  const list = lists.get(pnn);
  if (list === undefined) lists.set(pnn, [record]);
  else list.push(record);
}

function pause(timers: Timers, ms: number): Promise<void> {
  return new Promise((resolve) => timers.after(ms, resolve));
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
