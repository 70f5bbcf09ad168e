// Cluster-wide traverse: the origin asks every node for the records it owns and passes them to its client as messages; each
// node walks its own file in bounded slices and waits while the way to the origin is full.
import type { ControlHandlers } from "../controls/control-service.js";
import type { Clock, Logger, Timer, Timers } from "../platform/ports.js";
import { Pnn, RECORD_HEADER_SIZE, RecData, recordHeaderDmaster } from "../protocol/index.js";
import type { SliceResult } from "../tdb/tdb-file.js";
import type { Database } from "./database.js";
import type { DatabaseSet } from "./database-set.js";

const SLICE_MS = 3;
const RECORDS_BETWEEN_CLOCK_READS = 32;
const BUSY_RETRY_MS = 50;
/** Traverses that one node walks at a time. */
export const LOCAL_TRAVERSES_MAX = 1000;

/** A client connection as this folder sees it. */
export interface TraverseClient {
  readonly id: number;
}

interface TraverseAll {
  readonly dbId: number;
  readonly reqid: number;
  readonly pnn: number;
  readonly clientReqid: number;
  readonly srvid: bigint;
  readonly withEmptyRecords: boolean;
}

export interface TraverseModules {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly databases: DatabaseSet;
  readonly ownPnn: number;
  readonly requestIds: { allocate(): number; release(id: number): void };
  readonly peers: { isCongested(pnn: number): boolean; whenDrained(pnn: number, callback: () => void): void };
  readonly messages: { dispatchLocal(srvid: bigint, data: Buffer): void };
  readonly controls: {
    request(pnn: number, name: "TRAVERSE_DATA", request: RecData): void;
    request(pnn: number, name: "TRAVERSE_KILL", request: { dbId: number; reqid: number; srvid: bigint }): void;
    request(pnn: number, name: "TRAVERSE_ALL", request: Omit<TraverseAll, "withEmptyRecords">): void;
    request(pnn: number, name: "TRAVERSE_ALL_EXT", request: TraverseAll): void;
  };
  readonly counters: { timeoutsTraverse: number };
  client(id: number): TraverseClient | undefined;
  activeNodeCount(): number;
  vnnMap(): readonly number[];
  traverseTimeoutSeconds(): number;
  /** Tunable AllowUnhealthyDBRead. */
  allowUnhealthyRead(): boolean;
}

/** A traverse that a client of this node asked for. */
export interface OriginTraverse {
  readonly database: Database;
  readonly client: TraverseClient;
  readonly clientReqid: number;
  readonly srvid: bigint;
  ended: number;
  timer: Timer | undefined;
}

interface LocalWalk {
  readonly database: Database;
  readonly request: TraverseAll;
  cancelled: boolean;
}

export class TraverseService {
  private readonly origins = new Map<number, OriginTraverse>();
  private readonly walks = new Set<LocalWalk>();

  constructor(private readonly modules: TraverseModules) {}

  /** Traverses of the own files that are under way. */
  get localCount(): number {
    return this.walks.size;
  }

  get handlers(): ControlHandlers {
    return {
      TRAVERSE_START: ({ dbId, reqid, srvid }, call) =>
        this.start(dbId, reqid, srvid, false, call.clientId) ? call.status(0) : call.fail(),
      TRAVERSE_START_EXT: ({ dbId, reqid, srvid, withEmptyRecords }, call) =>
        this.start(dbId, reqid, srvid, withEmptyRecords, call.clientId) ? call.status(0) : call.fail(),
      TRAVERSE_ALL: (request, call) =>
        this.walk({ ...request, withEmptyRecords: false }) ? call.status(0) : call.fail(),
      TRAVERSE_ALL_EXT: (request, call) => (this.walk(request) ? call.status(0) : call.fail()),
      TRAVERSE_DATA: (record, call) => (this.dataArrived(record) ? call.status(0) : call.fail()),
      TRAVERSE_KILL: ({ reqid, srvid }, call) => {
        for (const walk of this.walks) {
          if (walk.request.clientReqid === reqid && walk.request.srvid === srvid) walk.cancelled = true;
        }
        call.status(0);
      },
    };
  }

  clientGone(client: TraverseClient): void {
    for (const [reqid, origin] of [...this.origins]) {
      if (origin.client !== client) continue;
      this.kill(origin);
      this.forget(reqid, origin);
    }
  }

  databaseDetached(database: Database): void {
    for (const walk of this.walks) if (walk.database === database) walk.cancelled = true;
    for (const [reqid, origin] of [...this.origins]) {
      if (origin.database !== database) continue;
      this.sendEnd(origin);
      this.forget(reqid, origin);
    }
  }

  private isUnreadable(database: Database): boolean {
    if (database.unhealthyReason === undefined || this.modules.allowUnhealthyRead()) return false;
    this.modules.logger.error(`traverse of ${database.name} refused: ${database.unhealthyReason}`);
    return true;
  }

  // ------------------------------------------------------------------ origin

  private start(dbId: number, clientReqid: number, srvid: bigint, withEmpty: boolean, clientId: number): boolean {
    const { databases, timers, controls, ownPnn } = this.modules;
    const client = this.modules.client(clientId);
    const database = databases.get(dbId);
    if (client === undefined || database === undefined || this.isUnreadable(database)) return false;
    const origin: OriginTraverse = {
      database,
      client,
      clientReqid,
      srvid,
      ended: 0,
      timer: undefined,
    };
    const reqid = this.modules.requestIds.allocate();
    this.origins.set(reqid, origin);
    origin.timer = timers.after(this.modules.traverseTimeoutSeconds() * 1000, () => this.timedOut(reqid, origin));
    let destination: number = Pnn.BROADCAST_ACTIVE;
    if (!database.isVolatile) {
      const map = this.modules.vnnMap();
      destination = map.includes(ownPnn) ? ownPnn : (map[0] ?? ownPnn);
    }
    const request = { dbId, reqid, pnn: ownPnn, clientReqid, srvid };
    if (withEmpty) {
      controls.request(destination, "TRAVERSE_ALL_EXT", { ...request, withEmptyRecords: true });
    } else {
      controls.request(destination, "TRAVERSE_ALL", request);
    }
    return true;
  }

  private dataArrived(record: RecData): boolean {
    const origin = this.origins.get(record.reqid);
    if (origin === undefined) return false;
    if (record.key.length > 0 || record.data.length > 0) {
      this.forward(origin, record.key, record.data);
      return true;
    }
    origin.ended++;
    if (origin.ended < (origin.database.isVolatile ? this.modules.activeNodeCount() : 1)) return true;
    this.sendEnd(origin);
    this.forget(record.reqid, origin);
    return true;
  }

  private forward(origin: OriginTraverse, key: Uint8Array, data: Uint8Array): void {
    const bytes = RecData.encode({ reqid: origin.clientReqid, key, data });
    this.modules.messages.dispatchLocal(origin.srvid, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  }

  private sendEnd(origin: OriginTraverse): void {
    this.forward(origin, NOTHING, NOTHING);
  }

  private timedOut(reqid: number, origin: OriginTraverse): void {
    this.modules.logger.error(`traverse of ${origin.database.name} timed out`);
    this.modules.counters.timeoutsTraverse++;
    this.sendEnd(origin);
    this.kill(origin);
    this.forget(reqid, origin);
  }

  private kill(origin: OriginTraverse): void {
    this.modules.controls.request(Pnn.BROADCAST_CONNECTED, "TRAVERSE_KILL", {
      dbId: origin.database.id,
      reqid: origin.clientReqid,
      srvid: origin.srvid,
    });
  }

  private forget(reqid: number, origin: OriginTraverse): void {
    origin.timer?.cancel();
    this.origins.delete(reqid);
    this.modules.requestIds.release(reqid);
  }

  // ------------------------------------------------------------------ every node

  private walk(request: TraverseAll): boolean {
    const database = this.modules.databases.get(request.dbId);
    if (database === undefined || this.isUnreadable(database)) return false;
    if (this.walks.size >= LOCAL_TRAVERSES_MAX) {
      this.modules.logger.error(`more than ${LOCAL_TRAVERSES_MAX} traverses at a time refused`);
      return false;
    }
    const walk: LocalWalk = { database, request, cancelled: false };
    this.walks.add(walk);
    const cursor = database.file.openCursor();
    const visit = (key: Buffer, value: Buffer): void => {
      if (database.isVolatile) {
        if (value.length < RECORD_HEADER_SIZE) return;
        if (!request.withEmptyRecords && value.length === RECORD_HEADER_SIZE) return;
        if (recordHeaderDmaster(value, 0) !== this.modules.ownPnn) return;
      }
      this.sendRecord(request, key, value);
    };
    const end = (): void => {
      cursor.close();
      this.walks.delete(walk);
    };
    const slice = (): void => {
      const { clock, logger, timers, peers } = this.modules;
      if (walk.cancelled || database.detached) {
        end();
        return;
      }
      if (database.freeze !== "none") {
        timers.after(BUSY_RETRY_MS, slice);
        return;
      }
      const endMs = clock.now() + SLICE_MS;
      let result: SliceResult;
      try {
        do result = cursor.slice(RECORDS_BETWEEN_CLOCK_READS, visit);
        while (result === "more" && clock.now() < endMs);
      } catch (error) {
        // Without the end of this node's records the origin gives up after TraverseTimeout.
        logger.error(`traverse of ${database.name} failed: ${String(error)}`);
        end();
        return;
      }
      if (result === "done") {
        end();
        this.sendRecord(request, NOTHING, NOTHING);
      } else if (result === "busy") {
        timers.after(BUSY_RETRY_MS, slice);
      } else if (peers.isCongested(request.pnn)) {
        peers.whenDrained(request.pnn, slice);
      } else {
        timers.nextTurn(slice);
      }
    };
    slice();
    return true;
  }

  private sendRecord(request: TraverseAll, key: Uint8Array, data: Uint8Array): void {
    this.modules.controls.request(request.pnn, "TRAVERSE_DATA", { reqid: request.reqid, key, data });
  }
}

const NOTHING = new Uint8Array(0);
