// VACUUM_FETCH: other nodes own deleted records whose lmaster this node is. It fetches them to itself, a few at a time: where such a
// record arrives, the record store schedules it for deletion, and the next vacuum run removes it everywhere.
//
// a key:  queued --its turn--> on its way --answer--> gone from here; its lock was busy, or the call failed: queued again
import type { ControlCall } from "../controls/control-call.js";
import type { FetchQueue } from "../databases/fetch-queue.js";
import type { MarshalledRecords } from "../databases/marshalled-records.js";
import type { Clock, Logger, Timers } from "../platform/ports.js";
import {
  CallFlag,
  CallId,
  PacketWriter,
  packetReqid,
  RECORD_HEADER_SIZE,
  RecBufferReader,
  recordHeaderDmaster,
  recordHeaderFlags,
  replyCallStatus,
  writeReqCall,
} from "../protocol/index.js";
import { RO_FLAGS } from "../records/read-only.js";
import type { TdbFile } from "../tdb/tdb-file.js";
import {
  FETCH_RETRY_MS,
  FETCH_TICK_MS,
  FETCHES_A_TICK_MAX,
  FETCHES_A_TICK_MIN,
  FETCHES_IN_FLIGHT_MAX,
} from "./limits.js";
import type { SlicedWork } from "./sliced-work.js";

const NO_DATA = Buffer.alloc(0);

export interface FetchingDatabase {
  readonly id: number;
  readonly isVolatile: boolean;
  readonly detached: boolean;
  readonly generation: number;
  readonly freeze: "none" | "pending" | "frozen";
  readonly fetches: FetchQueue;
  readonly file: Pick<TdbFile, "fetch">;
  tryLock(key: Buffer): boolean;
  unlock(key: Buffer): void;
}

/** What the call processing takes for a client: the answers come back by `send`. */
export interface FetchingClient {
  readonly id: number;
  readonly closed: boolean;
  send(packet: Buffer): void;
}

export interface RecordFetcherModules {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly ownPnn: number;
  readonly work: SlicedWork;
  readonly databases: { get(id: number): FetchingDatabase | undefined; readonly all: Iterable<FetchingDatabase> };
  readonly calls: { fromClient(client: FetchingClient, packet: Buffer): void };
  /** Tunable VacuumInterval. */
  intervalSeconds(): number;
}

interface Fetch {
  readonly database: FetchingDatabase;
  readonly key: string;
}

export class RecordFetcher {
  readonly counters = { fetched: 0, postponed: 0 };
  private readonly inFlight = new Map<number, Fetch>();
  private readonly writer = new PacketWriter();
  private lastReqid = 0;
  private ticking = false;
  private retryAtMs = 0;
  private readonly client: FetchingClient = {
    id: 0,
    closed: false,
    send: (packet) => this.answered(packetReqid(packet), replyCallStatus(packet) === 0),
  };

  constructor(private readonly modules: RecordFetcherModules) {}

  /** Records that are on their way to this node. */
  get underWay(): number {
    return this.inFlight.size;
  }

  /** Handler of the control. */
  vacuumFetch({ dbId, bytes }: MarshalledRecords, call: ControlCall<"VACUUM_FETCH">): void {
    const database = this.modules.databases.get(dbId);
    if (database === undefined || !database.isVolatile) {
      this.modules.logger.error(`VACUUM_FETCH: no volatile database 0x${dbId.toString(16)}`);
      call.fail();
      return;
    }
    const reader = new RecBufferReader(Buffer.from(bytes));
    let refused = 0;
    const accepted = this.modules.work.add({
      step: () => {
        if (!reader.next()) return false;
        if (database.detached || !database.fetches.add(reader.key.toString("latin1"))) refused++;
        return true;
      },
      end: () => {
        this.startTicking();
        if (refused === 0) call.status(0);
        else call.fail(`${refused} records do not fit into the queue`);
      },
    });
    if (!accepted) call.fail("too many controls of vacuum runs wait here");
  }

  /** Calls of the database get no answer. */
  databaseDetached(database: FetchingDatabase): void {
    for (const [reqid, fetch] of this.inFlight) if (fetch.database === database) this.inFlight.delete(reqid);
  }

  private startTicking(): void {
    if (this.ticking) return;
    this.ticking = true;
    this.modules.timers.after(FETCH_TICK_MS, () => this.tick());
  }

  /** Spreads what waits over half an interval. */
  private tick(): void {
    this.ticking = false;
    const nowMs = this.modules.clock.now();
    const retry = nowMs >= this.retryAtMs;
    if (retry) this.retryAtMs = nowMs + FETCH_RETRY_MS;
    let waiting = 0;
    let ready = 0;
    for (const { fetches } of this.modules.databases.all) {
      if (fetches.size === 0) continue;
      if (retry) fetches.retryPostponed();
      waiting += fetches.size;
      ready += fetches.readyCount;
    }
    if (waiting === 0) return;
    const ticks = (Math.max(1, this.modules.intervalSeconds()) * 1000) / 2 / FETCH_TICK_MS;
    const share = Math.min(FETCHES_A_TICK_MAX, Math.max(FETCHES_A_TICK_MIN, Math.ceil(ready / ticks)));
    let left = Math.min(share, FETCHES_IN_FLIGHT_MAX - this.inFlight.size);
    for (const database of this.modules.databases.all) {
      if (database.fetches.readyCount === 0 || database.freeze !== "none") continue;
      for (; left > 0; left--) {
        const key = database.fetches.take();
        if (key === undefined) break;
        this.fetch(database, key);
      }
    }
    this.startTicking();
  }

  private fetch(database: FetchingDatabase, key: string): void {
    const keyBytes = Buffer.from(key, "latin1");
    if (!database.tryLock(keyBytes)) {
      this.postpone(database, key);
      return;
    }
    const needed = this.isNeeded(database, keyBytes);
    database.unlock(keyBytes);
    if (!needed) return;
    this.lastReqid = (this.lastReqid + 1) >>> 0;
    this.inFlight.set(this.lastReqid, { database, key });
    writeReqCall(
      this.writer,
      database.generation,
      this.modules.ownPnn,
      this.modules.ownPnn,
      this.lastReqid,
      CallFlag.IMMEDIATE_MIGRATION | CallFlag.VACUUM_MIGRATION,
      database.id,
      CallId.NULL,
      0,
      keyBytes,
      NO_DATA,
    );
    this.modules.calls.fromClient(this.client, this.writer.packet());
  }

  /** Elsewhere; or here, deleted, with read-only copies elsewhere, which a call takes back. Chain locked. */
  private isNeeded(database: FetchingDatabase, key: Buffer): boolean {
    const value = database.file.fetch(key);
    if (value === undefined || value.length < RECORD_HEADER_SIZE) return false;
    if (recordHeaderDmaster(value, 0) !== this.modules.ownPnn) return true;
    return value.length === RECORD_HEADER_SIZE && (recordHeaderFlags(value, 0) & RO_FLAGS) !== 0;
  }

  private postpone(database: FetchingDatabase, key: string): void {
    this.counters.postponed++;
    database.fetches.postpone(key);
    this.startTicking();
  }

  private answered(reqid: number, ok: boolean): void {
    const fetch = this.inFlight.get(reqid);
    if (fetch === undefined) return;
    this.inFlight.delete(reqid);
    if (ok) this.counters.fetched++;
    else this.postpone(fetch.database, fetch.key);
  }
}
