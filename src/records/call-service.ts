// REQ_CALL and the migration dance: who gets a record, when, and how its rsn and dmaster move. The heart of the daemon's hot
// path: packets are views, nothing is awaited, no request is answered by sending it round in circles.
//
// A record as seen from one node and one key:
//
//   elsewhere --own call sent--> requested --REPLY_DMASTER (or REQ_DMASTER at the lmaster)--> owned --request of a node--> elsewhere
//
// Every packet is processed under the chain lock of its key. Where that lock is busy (another process, a freeze, or earlier
// requests that wait), the packet is copied, waits in the lock scheduler, and is then processed again from its start.
import type { Clock, Logger, Timers } from "../platform/ports.js";
import {
  CallFlag,
  CallId,
  hasSafeRsn,
  type PacketWriter,
  packetGeneration,
  packetReqid,
  packetSrcnode,
  RECORD_HEADER_SIZE,
  RecordFlag,
  recordHeaderDmaster,
  recordHeaderFlags,
  recordHeaderRsn,
  replyCallData,
  replyCallStatus,
  replyDmasterData,
  replyDmasterDbId,
  replyDmasterKey,
  replyDmasterRecordFlags,
  replyDmasterRsn,
  reqCallCallData,
  reqCallCallId,
  reqCallDbId,
  reqCallFlags,
  reqCallHopcount,
  reqCallKey,
  reqDmasterData,
  reqDmasterDbId,
  reqDmasterDmaster,
  reqDmasterKey,
  reqDmasterRecordFlags,
  reqDmasterRsn,
  setPacketDestnode,
  setPacketGeneration,
  setPacketReqid,
  setPacketSrcnode,
  setReqCallHopcount,
  writeRecordHeader,
  writeReplyCall,
  writeReplyDmaster,
  writeReplyError,
  writeReqCall,
  writeReqDmaster,
} from "../protocol/index.js";
import { FirstVisits } from "./first-visits.js";
import type { HotKeys } from "./hot-keys.js";
import type { MigrationQueue } from "./migration-queue.js";
import { type ReadOnlyCopies, RO_FLAGS } from "./read-only.js";
import type { RecordStore } from "./record-store.js";
import type { StickyRecords } from "./sticky-records.js";

const EMPTY = Buffer.alloc(0);
const IMPATIENCE_CHECK_MS = 500;
const HOPCOUNT_LOG_MODULUS = 100;
const HOPCOUNT_LOG_ABOVE = 95;
/** A call that went round this often will never arrive: the nodes disagree about the owner, and a recovery has to settle it. */
export const HOPCOUNT_MAX = 10_000;
const HOP_BUCKETS = 16;
/** Local calls wait for so long for the answer to another call for their record; then one of them asks again. */
export const JOINED_CALL_PATIENCE_MS = 30_000;

/** A client connection as this folder sees it. */
export interface CallClient {
  readonly id: number;
  readonly closed: boolean;
  send(packet: Buffer): void;
}

/** What the call processing needs of a database. */
export interface CallDatabase {
  readonly id: number;
  readonly name: string;
  readonly isVolatile: boolean;
  /** Generation that this database got at its last recovery. */
  readonly generation: number;
  /** A TRANS3 commit is under way: records must not leave. */
  readonly commitActive: boolean;
  readonly records: RecordStore;
  readonly migrations: MigrationQueue;
  /** Set where SET_DB_READONLY was: read-only copies may be given away. */
  readonly readOnlyCopies: ReadOnlyCopies | undefined;
  /** Set where SET_DB_STICKY was. */
  readonly sticky: StickyRecords | undefined;
  /** A recovery, wipedb or restoredb replaced the content since the freeze. */
  readonly rewrittenWhileFrozen: boolean;
  readonly readOnlyCounters: { delegations: number; revokes: number };
  readonly hotKeys: HotKeys;
  readonly hopCountBuckets: number[];
  lmasterOf(key: Buffer): number;
  /** Takes the chain lock, unless it is busy, the database is frozen, or others wait for the chain. */
  tryLock(key: Buffer): boolean;
  unlock(key: Buffer): void;
  /** Calls `granted` with the chain locked (so that `tryLock` succeeds inside). `key` must stay unchanged. */
  whenLocked(key: Buffer, granted: () => void): LockWait;
}

/** A wait for a chain lock; once cancelled it is as if it had never been. */
interface LockWait {
  cancel(): void;
}

export interface CallCounters {
  totalCalls: number;
  pendingCalls: number;
  maxHopCount: number;
  totalRoDelegations: number;
  totalRoRevokes: number;
  readonly hopCountBuckets: number[];
  callLatency(seconds: number): void;
}

export interface CallServiceModules {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly router: {
    readonly ownPnn: number;
    readonly writer: PacketWriter;
    send(packet: Buffer): void;
    requeue(packet: Buffer): void;
  };
  readonly requestIds: { allocate(): number; release(id: number): void };
  readonly databases: { get(id: number): CallDatabase | undefined; readonly all: Iterable<CallDatabase> };
  readonly counters: CallCounters;
  generation(): number;
  /** Tunable FetchCollapse. */
  fetchCollapse(): boolean;
  /** How long a call took, for the tunable LogLatencyMs. */
  noteLatency(operation: string, database: string, seconds: number): void;
  /** The databases of the cluster disagree: a recovery must repair them. */
  forceRecovery(reason: string): void;
}

/** A call of this node that is on its way. */
export interface PendingCall {
  readonly database: CallDatabase;
  readonly key: string;
  /** The packet as sent, for sending it again after a recovery. */
  readonly packet: Buffer;
  client: CallClient | undefined;
  readonly clientReqid: number;
  /** The client asked for the data alone; the record header in the answer is for the daemon. */
  readonly stripHeader: boolean;
  readonly startMs: number;
  readonly sentMs: number;
  /** Later local calls for the same key (FetchCollapse). */
  readonly followers: Follower[];
}

interface Follower {
  readonly client: CallClient;
  readonly packet: Buffer;
}

export class CallService {
  private readonly pending = new Map<number, PendingCall>();
  /** Database -> key -> the call in flight that later local calls join. */
  private readonly inFlight = new Map<CallDatabase, Map<string, PendingCall>>();
  /** Of the volatile databases to which a record came. */
  private readonly firstVisits = new Map<CallDatabase, FirstVisits>();
  /** Calls of clients that wait for a chain lock: they go with their client. */
  private readonly lockWaits = new Map<CallClient, Set<LockWait>>();
  readonly counters = { redirects: 0, unknownReplies: 0, gaveAway: 0, becameDmaster: 0, resent: 0 };

  constructor(private readonly modules: CallServiceModules) {
    modules.timers.after(IMPATIENCE_CHECK_MS, () => this.checkPatience());
  }

  get pendingCount(): number {
    return this.pending.size;
  }

  /** Requests of nodes for one record that wait until a client of this node was there. */
  get mostWaitingForVisit(): number {
    let most = 0;
    for (const visits of this.firstVisits.values()) most = Math.max(most, visits.mostWaiting);
    return most;
  }

  // ------------------------------------------------------------------ local clients

  /** REQ_CALL of a local client. */
  fromClient(client: CallClient, packet: Buffer): void {
    const { counters } = this.modules;
    counters.totalCalls++;
    counters.pendingCalls++;
    this.processClientCall(client, packet, this.modules.clock.now());
  }

  private processClientCall(client: CallClient, packet: Buffer, startMs: number): void {
    const { router, counters, logger } = this.modules;
    if (client.closed) {
      counters.pendingCalls--;
      return;
    }
    const database = this.modules.databases.get(reqCallDbId(packet));
    if (database === undefined) {
      // No reply: what C daemons do, too.
      logger.error(`Unknown database in request. db_id==0x${hex8(reqCallDbId(packet))}`);
      counters.pendingCalls--;
      return;
    }
    const key = reqCallKey(packet);
    if (!database.tryLock(key)) {
      const copy = Buffer.from(packet);
      const wait = database.whenLocked(reqCallKey(copy), () => {
        this.lockWaits.get(client)?.delete(wait);
        this.processClientCall(client, copy, startMs);
      });
      const waits = this.lockWaits.get(client);
      if (waits === undefined) this.lockWaits.set(client, new Set([wait]));
      else waits.add(wait);
      return;
    }
    const records = database.records;
    records.fetch(key);
    const wantsReadOnly = wantsCopy(database, packet);
    if (
      (records.flags & RO_FLAGS) !== 0 &&
      !this.passReadOnly(database, key, wantsReadOnly, () => {
        const copy = Buffer.from(packet);
        return () => this.processClientCall(client, copy, startMs);
      })
    ) {
      return;
    }
    if (records.dmaster === router.ownPnn) {
      const callId = reqCallCallId(packet);
      this.replyLocally(database, key, callId, client, packetReqid(packet));
      database.unlock(key);
      counters.pendingCalls--;
      this.noteLatency(database, startMs);
      return;
    }
    const collapse = this.modules.fetchCollapse();
    const keyText = key.toString("latin1");
    const flights = this.flightsOf(database);
    const flight = collapse ? flights.get(keyText) : undefined;
    if (flight !== undefined) {
      flight.followers.push({ client, packet: Buffer.from(packet) });
      database.unlock(key);
      return;
    }
    const dmaster = records.dmaster;
    database.unlock(key);
    this.sendOwnCall(
      database,
      keyText,
      dmaster,
      client,
      packet,
      startMs,
      collapse ? flights : undefined,
      wantsReadOnly,
    );
  }

  private sendOwnCall(
    database: CallDatabase,
    keyText: string,
    dmaster: number,
    client: CallClient,
    packet: Buffer,
    startMs: number,
    flights: Map<string, PendingCall> | undefined,
    wantsReadOnly: boolean,
  ): void {
    const { router } = this.modules;
    const flags = wantsReadOnly ? reqCallFlags(packet) : reqCallFlags(packet) & ~CallFlag.WANT_READONLY;
    const callId = wantsReadOnly ? CallId.FETCH_WITH_HEADER : reqCallCallId(packet);
    const key = reqCallKey(packet);
    // The own copy only says whom this node gave the record to. The lmaster knows where it is now, and makes all who want it
    // form one queue: requests that go round it would chase the record from node to node.
    const lmaster = database.isVolatile ? database.lmasterOf(key) : dmaster;
    const target = lmaster === router.ownPnn ? dmaster : lmaster;
    writeReqCall(
      router.writer,
      database.generation,
      target,
      router.ownPnn,
      0,
      flags,
      database.id,
      callId,
      0,
      key,
      reqCallCallData(packet),
    );
    const sent = Buffer.from(router.writer.packet());
    const call: PendingCall = {
      database,
      key: keyText,
      packet: sent,
      client,
      clientReqid: packetReqid(packet),
      stripHeader: wantsReadOnly && reqCallCallId(packet) !== CallId.FETCH_WITH_HEADER,
      startMs,
      sentMs: this.modules.clock.now(),
      followers: [],
    };
    const reqid = this.modules.requestIds.allocate();
    this.pending.set(reqid, call);
    flights?.set(keyText, call);
    setPacketReqid(sent, reqid);
    const atLmaster = database.isVolatile && !wantsReadOnly && lmaster === router.ownPnn;
    if (atLmaster && !database.migrations.admit(keyText, router.ownPnn, reqid, sent)) return;
    router.send(sent);
  }

  /** Executes a call on a record that this node owns (in hand, chain locked) and answers the client. */
  private replyLocally(
    database: CallDatabase,
    key: Buffer,
    callId: number,
    client: CallClient | undefined,
    clientReqid: number,
    stripHeader = false,
  ): void {
    const { router } = this.modules;
    const { records } = database;
    if (client !== undefined && !client.closed) {
      if (callId === CallId.FETCH || stripHeader) {
        writeReplyCall(router.writer, this.modules.generation(), 0, router.ownPnn, clientReqid, 0, records.data);
      } else if (callId === CallId.FETCH_WITH_HEADER) {
        const withHeader = Buffer.allocUnsafe(RECORD_HEADER_SIZE + records.data.length);
        writeRecordHeader(withHeader, 0, records.rsn, records.dmaster, records.flags);
        records.data.copy(withHeader, RECORD_HEADER_SIZE);
        writeReplyCall(router.writer, this.modules.generation(), 0, router.ownPnn, clientReqid, 0, withHeader);
      } else {
        // NULL, and unknown functions: an empty answer.
        writeReplyCall(router.writer, this.modules.generation(), 0, router.ownPnn, clientReqid, 0, EMPTY);
      }
      client.send(router.writer.packet());
    }
    if (isKnownFunction(callId)) records.store(key);
  }

  // ------------------------------------------------------------------ requests of nodes

  /** REQ_CALL of a node, or one of our own that is sent again after a recovery. */
  onReqCall(packet: Buffer): void {
    const database = this.modules.databases.get(reqCallDbId(packet));
    if (database === undefined) {
      this.replyError(packet, `Unknown database in request. db_id==0x${hex8(reqCallDbId(packet))}`);
      return;
    }
    const key = reqCallKey(packet);
    const { sticky } = database;
    if (sticky?.defer(key.toString("latin1"), packet) === true) return;
    if (!this.lockOrWait(database, key, packet, (copy) => this.onReqCall(copy))) return;
    const { router, counters } = this.modules;
    const { records } = database;
    const srcnode = packetSrcnode(packet);
    records.fetch(key);
    const wantsReadOnly = wantsCopy(database, packet);
    if (
      records.dmaster === router.ownPnn &&
      (records.flags & RO_FLAGS) !== 0 &&
      !this.passReadOnly(database, key, wantsReadOnly, () => {
        const copy = Buffer.from(packet);
        return () => router.requeue(copy);
      })
    ) {
      return;
    }
    if (records.dmaster !== router.ownPnn) {
      const dmaster = records.dmaster;
      database.unlock(key);
      this.redirect(database, key, dmaster, packet);
      return;
    }
    if (
      wantsReadOnly &&
      database.readOnlyCopies !== undefined &&
      srcnode !== router.ownPnn &&
      reqCallCallId(packet) === CallId.FETCH_WITH_HEADER
    ) {
      this.delegate(database, database.readOnlyCopies, key, srcnode, packetReqid(packet));
      return;
    }
    const hopcount = reqCallHopcount(packet);
    counters.maxHopCount = Math.max(counters.maxHopCount, hopcount);
    const bucket = Math.min(32 - Math.clz32(hopcount), HOP_BUCKETS - 1);
    counters.hopCountBuckets[bucket] = (counters.hopCountBuckets[bucket] ?? 0) + 1;
    database.hopCountBuckets[bucket] = (database.hopCountBuckets[bucket] ?? 0) + 1;
    sticky?.requested(key.toString("latin1"), hopcount);
    if (srcnode === router.ownPnn) {
      const reqid = packetReqid(packet);
      const call = this.pending.get(reqid);
      this.replyLocally(
        database,
        key,
        reqCallCallId(packet),
        call?.client,
        call?.clientReqid ?? 0,
        call?.stripHeader === true,
      );
      database.unlock(key);
      if (call !== undefined) this.finish(reqid, call);
      return;
    }
    if (
      database.commitActive ||
      this.firstVisits.get(database)?.defer(key.toString("latin1"), records.data, packet) === true
    ) {
      database.unlock(key);
      return;
    }
    this.giveAway(database, key, srcnode, packetReqid(packet));
  }

  // ------------------------------------------------------------------ read-only copies

  /**
   * The record in hand (chain locked) has read-only flags. True: the call may go on with it. False: the call waits for the end
   * of a revoke, and the chain is unlocked.
   */
  private passReadOnly(
    database: CallDatabase,
    key: Buffer,
    wantsReadOnly: boolean,
    keepCall: () => () => void,
  ): boolean {
    const { router, counters } = this.modules;
    const { records, readOnlyCopies: copies } = database;
    if (records.dmaster !== router.ownPnn || copies === undefined) return true;
    const keyText = key.toString("latin1");
    if ((records.flags & RecordFlag.RO_REVOKE_COMPLETE) !== 0) {
      records.flags &= ~RO_FLAGS;
      records.store(key);
      copies.forget(keyText);
      counters.totalRoRevokes++;
      database.readOnlyCounters.revokes++;
      return true;
    }
    const revoking = (records.flags & RecordFlag.RO_REVOKING_READONLY) !== 0;
    if (!revoking && wantsReadOnly) return true;
    if (!copies.isRevoking(keyText)) {
      records.flags |= RecordFlag.RO_REVOKING_READONLY | RecordFlag.RO_HAVE_DELEGATIONS;
      records.store(key);
      copies.start(Buffer.from(key), records.rsn, records.dmaster, records.flags, Buffer.from(records.data));
    }
    const process = keepCall();
    database.unlock(key);
    copies.defer(keyText, { wantsReadOnly, process });
    return false;
  }

  /** Gives `reader` a copy of the record in hand (owned, chain locked) that it may read until told otherwise. */
  private delegate(database: CallDatabase, copies: ReadOnlyCopies, key: Buffer, reader: number, reqid: number): void {
    const { router, counters } = this.modules;
    const { records } = database;
    if ((records.flags & RecordFlag.RO_HAVE_DELEGATIONS) === 0) {
      records.rsn += 3;
      // With data somewhere else, this record may only vanish by a vacuuming that asks everybody.
      records.flags |= RecordFlag.RO_HAVE_DELEGATIONS | RecordFlag.MIGRATED_WITH_DATA;
      records.store(key);
    }
    copies.delegated(key.toString("latin1"), reader);
    const flags = (records.flags & ~RecordFlag.RO_HAVE_DELEGATIONS) | RecordFlag.RO_HAVE_READONLY;
    const copy = Buffer.allocUnsafe(RECORD_HEADER_SIZE + records.data.length);
    writeRecordHeader(copy, 0, records.rsn - 2, records.dmaster, flags);
    records.data.copy(copy, RECORD_HEADER_SIZE);
    database.unlock(key);
    counters.totalRoDelegations++;
    database.readOnlyCounters.delegations++;
    writeReplyCall(router.writer, database.generation, reader, router.ownPnn, reqid, 0, copy);
    router.send(router.writer.packet());
  }

  /** A read-only copy came in: it is stored if it is newer than what is here. */
  private storeCopy(call: PendingCall, reqid: number, copy: Buffer, done: () => void): void {
    const { database } = call;
    const key = reqCallKey(call.packet);
    // Once the call was sent again, after a thaw, this copy may be of a record that is no more.
    if (this.pending.get(reqid) !== call) return;
    if (!database.tryLock(key)) {
      database.whenLocked(key, () => this.storeCopy(call, reqid, copy, done));
      return;
    }
    const { records } = database;
    records.fetch(key);
    if (recordHeaderRsn(copy, 0) > records.rsn) {
      records.rsn = recordHeaderRsn(copy, 0);
      records.dmaster = recordHeaderDmaster(copy, 0);
      records.flags = recordHeaderFlags(copy, 0);
      records.data = copy.subarray(RECORD_HEADER_SIZE);
      records.store(key);
    }
    database.unlock(key);
    done();
  }

  /** The end of a revoke on the record itself. */
  finishRevoke(database: CallDatabase, key: Buffer, rsn: number, all: boolean, done: (ok: boolean) => void): void {
    if (!database.tryLock(key)) {
      database.whenLocked(key, () => this.finishRevoke(database, key, rsn, all, done));
      return;
    }
    const { records } = database;
    records.fetch(key);
    const expected = RecordFlag.RO_REVOKING_READONLY | RecordFlag.RO_HAVE_DELEGATIONS;
    const unchanged = records.rsn <= rsn && (records.flags & expected) === expected;
    if (unchanged) {
      if (all) {
        records.rsn = rsn + 1;
        records.flags |= RecordFlag.RO_REVOKE_COMPLETE;
      } else {
        records.flags &= ~RecordFlag.RO_REVOKING_READONLY;
      }
      records.store(key);
    }
    database.unlock(key);
    done(unchanged);
  }

  /** The record in hand (owned, chain locked) goes to `requester`. */
  private giveAway(database: CallDatabase, key: Buffer, requester: number, reqid: number): void {
    const { router } = this.modules;
    const { records } = database;
    this.counters.gaveAway++;
    if (records.data.length > 0) records.flags |= RecordFlag.MIGRATED_WITH_DATA;
    const lmaster = database.lmasterOf(key);
    const { rsn, flags } = records;
    records.dmaster = requester;
    if (lmaster === router.ownPnn) {
      writeReplyDmaster(
        router.writer,
        database.generation,
        requester,
        router.ownPnn,
        reqid,
        database.id,
        rsn,
        key,
        records.data,
        flags,
      );
      router.send(router.writer.packet());
    } else {
      writeReqDmaster(
        router.writer,
        database.generation,
        lmaster,
        router.ownPnn,
        reqid,
        database.id,
        rsn,
        requester,
        key,
        records.data,
        flags,
      );
      router.send(router.writer.packet());
    }
    records.store(key);
    database.unlock(key);
    if (lmaster === router.ownPnn) this.continueQueue(database, key, requester, reqid);
  }

  /** Sends a call on to whoever knows better: the lmaster, or, if that is this node, the dmaster. */
  private redirect(database: CallDatabase, key: Buffer, dmaster: number, packet: Buffer): void {
    const { router, logger } = this.modules;
    const lmaster = database.lmasterOf(key);
    // An own call that comes back: the lmaster takes us for the owner, and we are not. Asking it again would go on for ever.
    const cameBack = packetSrcnode(packet) === router.ownPnn && dmaster !== router.ownPnn;
    const target = lmaster === router.ownPnn || cameBack ? dmaster : lmaster;
    const hopcount = reqCallHopcount(packet) + 1;
    if (hopcount % HOPCOUNT_LOG_MODULUS > HOPCOUNT_LOG_ABOVE) {
      logger.warning(
        `High hopcount ${hopcount} dbid:${database.name} key:0x${key.toString("hex", 0, 4)} ` +
          `reqid=${hex8(packetReqid(packet))} pnn:${router.ownPnn} src:${packetSrcnode(packet)} ` +
          `lmaster:${lmaster} header->dmaster:${dmaster} dst:${target}`,
      );
    }
    if (hopcount >= HOPCOUNT_MAX) {
      // Its sender sends it anew after the recovery.
      this.modules.forceRecovery(
        `a call in ${database.name} has gone round ${hopcount} times, no node owns the record`,
      );
      return;
    }
    const patient =
      database.isVolatile && lmaster === router.ownPnn && (reqCallFlags(packet) & CallFlag.WANT_READONLY) === 0;
    if (patient && !this.mayGoOn(database, key.toString("latin1"), dmaster, packet)) return;
    this.counters.redirects++;
    setReqCallHopcount(packet, hopcount);
    setPacketDestnode(packet, target);
    router.send(packet);
  }

  /** Whether the lmaster forwards a request now; false: it waits for its turn. */
  private mayGoOn(database: CallDatabase, keyText: string, dmaster: number, packet: Buffer): boolean {
    const { migrations } = database;
    const requester = packetSrcnode(packet);
    const reqid = packetReqid(packet);
    if (requester !== dmaster) return migrations.admit(keyText, requester, reqid, packet);
    // The record came to the requester meanwhile. No migration will tell when the request is served: if it has the turn, that is over.
    const next = migrations.served(keyText, requester, reqid);
    if (next !== undefined) this.modules.router.requeue(next);
    return true;
  }

  // ------------------------------------------------------------------ dmaster packets

  /** REQ_DMASTER at the lmaster: the old owner names the new one. */
  onReqDmaster(packet: Buffer): void {
    const { router, logger } = this.modules;
    const database = this.modules.databases.get(reqDmasterDbId(packet));
    if (database === undefined) {
      this.replyError(packet, `Unknown database in request. db_id==0x${hex8(reqDmasterDbId(packet))}`);
      return;
    }
    const key = reqDmasterKey(packet);
    if (!this.lockOrWait(database, key, packet, (copy) => this.onReqDmaster(copy))) return;
    const { records } = database;
    const srcnode = packetSrcnode(packet);
    const reqid = packetReqid(packet);
    const dmaster = reqDmasterDmaster(packet);
    records.fetch(key);
    if (database.lmasterOf(key) !== router.ownPnn) {
      database.unlock(key);
      logger.error(`dmaster request from node ${srcnode} to non-lmaster, lmaster=${database.lmasterOf(key)}`);
      this.modules.forceRecovery("a dmaster request came to a node that is not the lmaster");
      return;
    }
    if (records.dmaster !== srcnode) {
      logger.error(
        `dmaster request from non-master ${srcnode}, recorded dmaster=${records.dmaster} rsn=${records.rsn} ` +
          `key=${key.toString("hex")} database=${database.name}`,
      );
      if (records.rsn !== 0 || records.dmaster !== router.ownPnn) {
        database.unlock(key);
        this.modules.forceRecovery("a dmaster request came from a node that is not the recorded dmaster");
        return;
      }
    }
    const rsn = reqDmasterRsn(packet);
    if (records.rsn > rsn) {
      logger.error(`dmaster request with lower rsn ${rsn} than the stored ${records.rsn}, database=${database.name}`);
    }
    if (dmaster === router.ownPnn) {
      this.becomeDmaster(database, key, reqid, rsn, reqDmasterRecordFlags(packet), reqDmasterData(packet));
      return;
    }
    const flags = reqDmasterRecordFlags(packet);
    const data = reqDmasterData(packet);
    records.rsn = rsn;
    records.flags = flags;
    records.dmaster = dmaster;
    records.data = data;
    records.store(key);
    writeReplyDmaster(
      router.writer,
      database.generation,
      dmaster,
      router.ownPnn,
      reqid,
      database.id,
      rsn,
      key,
      data,
      flags,
    );
    router.send(router.writer.packet());
    database.unlock(key);
    this.continueQueue(database, key, dmaster, reqid);
  }

  /** REPLY_DMASTER at the new owner. */
  onReplyDmaster(packet: Buffer): void {
    const database = this.modules.databases.get(replyDmasterDbId(packet));
    if (database === undefined) {
      this.modules.logger.error(`Unknown database in dmaster reply. db_id==0x${hex8(replyDmasterDbId(packet))}`);
      return;
    }
    const key = replyDmasterKey(packet);
    if (!this.lockOrWait(database, key, packet, (copy) => this.onReplyDmaster(copy))) return;
    this.becomeDmaster(
      database,
      key,
      packetReqid(packet),
      replyDmasterRsn(packet),
      replyDmasterRecordFlags(packet),
      replyDmasterData(packet),
    );
  }

  /** Chain locked; unlocks. The role is never refused: the lmaster points here already. */
  private becomeDmaster(
    database: CallDatabase,
    key: Buffer,
    reqid: number,
    rsn: number,
    flags: number,
    data: Buffer,
  ): void {
    const { router, logger } = this.modules;
    const { records } = database;
    this.counters.becameDmaster++;
    const keyText = key.toString("latin1");
    const candidate = this.pending.get(reqid);
    const call =
      candidate !== undefined && candidate.database === database && candidate.key === keyText ? candidate : undefined;
    records.rsn = rsn;
    records.dmaster = router.ownPnn;
    records.flags = flags;
    records.data = data;
    const callFlags = call === undefined ? 0 : reqCallFlags(call.packet);
    const callId = call === undefined ? 0 : reqCallCallId(call.packet);
    if ((callFlags & CallFlag.VACUUM_MIGRATION) !== 0) records.flags |= RecordFlag.VACUUM_MIGRATED;
    database.sticky?.arrived(keyText);
    if (call !== undefined && database.isVolatile) database.hotKeys.count(keyText);
    if (call === undefined) {
      logger.debug(() => `no call waits for reqid ${hex8(reqid)} in database ${database.name}`);
      records.store(key);
      database.unlock(key);
    } else if (callId === CallId.NULL) {
      // The store of the new role and the one that ends the call, in one.
      records.store(key, 2);
      if (call.client !== undefined && !call.client.closed) {
        writeReplyCall(router.writer, this.modules.generation(), 0, router.ownPnn, call.clientReqid, 0, EMPTY);
        call.client.send(router.writer.packet());
        if (database.isVolatile) this.firstVisitsOf(database).arrived(keyText, data);
      }
      database.unlock(key);
      this.finish(reqid, call);
    } else {
      records.store(key);
      this.replyLocally(database, key, callId, call.client, call.clientReqid, call.stripHeader);
      database.unlock(key);
      this.finish(reqid, call);
    }
    if (database.isVolatile && database.migrations.size > 0 && database.lmasterOf(key) === router.ownPnn) {
      const next = database.migrations.cameHome(keyText);
      if (next !== undefined) router.requeue(next);
    }
  }

  private continueQueue(database: CallDatabase, key: Buffer, dmaster: number, reqid: number): void {
    if (database.migrations.size === 0) return;
    const next = database.migrations.served(key.toString("latin1"), dmaster, reqid);
    if (next !== undefined) this.modules.router.requeue(next);
  }

  // ------------------------------------------------------------------ answers

  /** REPLY_CALL of a node: nothing migrated, the answer is in the packet. */
  onReplyCall(packet: Buffer): void {
    const { router } = this.modules;
    const reqid = packetReqid(packet);
    const call = this.takePending(reqid);
    if (call === undefined) return;
    const answer = (): void => {
      if (call.client !== undefined && !call.client.closed) {
        const data = replyCallData(kept);
        const forClient = call.stripHeader ? data.subarray(Math.min(RECORD_HEADER_SIZE, data.length)) : data;
        const status = replyCallStatus(kept);
        writeReplyCall(router.writer, this.modules.generation(), 0, router.ownPnn, call.clientReqid, status, forClient);
        call.client.send(router.writer.packet());
      }
      this.finish(reqid, call);
    };
    const reply = replyCallData(packet);
    const isCopy =
      reqCallCallId(call.packet) === CallId.FETCH_WITH_HEADER &&
      reply.length >= RECORD_HEADER_SIZE &&
      (recordHeaderFlags(reply, 0) & RecordFlag.RO_HAVE_READONLY) !== 0;
    if (isCopy && !hasSafeRsn(reply, 0)) {
      this.fail(reqid, call, `node ${packetSrcnode(packet)} sent a copy whose rsn is larger than 2^53-1`);
      return;
    }
    const kept = isCopy ? Buffer.from(packet) : packet;
    if (isCopy) this.storeCopy(call, reqid, replyCallData(kept), answer);
    else answer();
  }

  /** REPLY_ERROR of a node: the client is told, unlike with C daemons, so that it does not wait for ever. */
  onReplyError(packet: Buffer): void {
    const reqid = packetReqid(packet);
    const call = this.takePending(reqid);
    if (call !== undefined) this.fail(reqid, call, `node ${packetSrcnode(packet)} cannot do it`);
  }

  private fail(reqid: number, call: PendingCall, why: string): void {
    const { router, logger } = this.modules;
    logger.error(`call for database ${call.database.name} failed: ${why}`);
    if (call.client !== undefined && !call.client.closed) {
      writeReplyCall(router.writer, this.modules.generation(), 0, router.ownPnn, call.clientReqid, -1, EMPTY);
      call.client.send(router.writer.packet());
    }
    this.finish(reqid, call);
  }

  // ------------------------------------------------------------------ ends

  /**
   * Sends every pending call of the database again, after its thaw. What waited here for other nodes is processed anew; if this
   * was a recovery the router drops it, for its senders send it again, too.
   */
  databaseThawed(database: CallDatabase): void {
    const { router, logger } = this.modules;
    for (const packet of database.migrations.clear()) {
      if (packetSrcnode(packet) !== router.ownPnn) router.requeue(packet);
    }
    if (database.rewrittenWhileFrozen) database.readOnlyCopies?.clear();
    const calls = [...this.pending].filter(([, call]) => call.database === database);
    for (const [oldReqid, call] of calls) {
      this.pending.delete(oldReqid);
      this.modules.requestIds.release(oldReqid);
      const reqid = this.modules.requestIds.allocate();
      this.pending.set(reqid, call);
      setPacketReqid(call.packet, reqid);
      setPacketGeneration(call.packet, database.generation);
      setPacketSrcnode(call.packet, router.ownPnn);
      setPacketDestnode(call.packet, router.ownPnn);
      this.counters.resent++;
      router.requeue(Buffer.from(call.packet));
    }
    if (calls.length > 0) {
      logger.notice(
        `Resent calls for database=${database.name}, generation=${database.generation}, count=${calls.length}`,
      );
    }
  }

  /** Drops all that belongs to a database that is detached. */
  databaseDetached(database: CallDatabase): void {
    for (const [reqid, call] of [...this.pending]) {
      if (call.database !== database) continue;
      this.pending.delete(reqid);
      this.modules.requestIds.release(reqid);
      this.modules.counters.pendingCalls -= 1 + call.followers.length;
    }
    this.inFlight.delete(database);
    database.sticky?.close();
    this.firstVisits.get(database)?.close();
    this.firstVisits.delete(database);
    database.readOnlyCopies?.clear();
  }

  /** The calls of a client that is gone go on for those that joined them; nobody is answered. */
  clientGone(client: CallClient): void {
    for (const call of this.pending.values()) {
      if (call.client === client) call.client = undefined;
    }
    const waits = this.lockWaits.get(client);
    if (waits === undefined) return;
    this.lockWaits.delete(client);
    for (const wait of waits) wait.cancel();
    this.modules.counters.pendingCalls -= waits.size;
  }

  private takePending(reqid: number): PendingCall | undefined {
    const call = this.pending.get(reqid);
    if (call === undefined) {
      this.counters.unknownReplies++;
      this.modules.logger.info(`Invalid reqid ${hex8(reqid)} in a reply`);
    }
    return call;
  }

  private finish(reqid: number, call: PendingCall): void {
    this.pending.delete(reqid);
    this.modules.requestIds.release(reqid);
    this.modules.counters.pendingCalls--;
    this.noteLatency(call.database, call.startMs);
    const flights = this.inFlight.get(call.database);
    if (flights?.get(call.key) === call) flights.delete(call.key);
    for (const { client, packet } of call.followers) this.processClientCall(client, packet, call.startMs);
  }

  private noteLatency(database: CallDatabase, startMs: number): void {
    const seconds = (this.modules.clock.now() - startMs) / 1000;
    this.modules.counters.callLatency(seconds);
    this.modules.noteLatency("call_from_client_cb 3", database.name, seconds);
  }

  /** The first of those that joined a call which got no answer for long asks again, and the others join it. */
  private separateOldFlights(flights: Map<string, PendingCall>): void {
    const nowMs = this.modules.clock.now();
    // Oldest first: a key enters the map when its call is sent.
    for (const [key, call] of flights) {
      if (nowMs - call.sentMs < JOINED_CALL_PATIENCE_MS) return;
      flights.delete(key);
      for (const { client, packet } of call.followers.splice(0)) this.processClientCall(client, packet, call.startMs);
    }
  }

  private flightsOf(database: CallDatabase): Map<string, PendingCall> {
    let flights = this.inFlight.get(database);
    if (flights === undefined) {
      flights = new Map();
      this.inFlight.set(database, flights);
    }
    return flights;
  }

  private firstVisitsOf(database: CallDatabase): FirstVisits {
    let visits = this.firstVisits.get(database);
    if (visits === undefined) {
      const { clock, timers, router } = this.modules;
      visits = new FirstVisits({ clock, timers, requeue: (packet) => router.requeue(packet) });
      this.firstVisits.set(database, visits);
    }
    return visits;
  }

  /** Node packets that wait are dropped when the database got a new generation meanwhile: their senders send them again. */
  private lockOrWait(database: CallDatabase, key: Buffer, packet: Buffer, process: (copy: Buffer) => void): boolean {
    if (database.tryLock(key)) return true;
    const copy = Buffer.from(packet);
    const generation = database.generation;
    const keyOfCopy = copy.subarray(
      key.byteOffset - packet.byteOffset,
      key.byteOffset - packet.byteOffset + key.length,
    );
    database.whenLocked(keyOfCopy, () => {
      if (database.generation !== generation) {
        this.modules.logger.info("Discarding previous generation lockwait packet");
        return;
      }
      process(copy);
    });
    return false;
  }

  private replyError(packet: Buffer, text: string): void {
    const { router, logger } = this.modules;
    logger.error(text);
    writeReplyError(
      router.writer,
      packetGeneration(packet),
      packetSrcnode(packet),
      router.ownPnn,
      packetReqid(packet),
      0xffffffff,
      `${text}\0`,
    );
    router.send(router.writer.packet());
  }

  private checkPatience(): void {
    for (const database of this.modules.databases.all) {
      if (database.migrations.size === 0) continue;
      for (const packet of database.migrations.impatient()) this.modules.router.requeue(packet);
    }
    for (const flights of this.inFlight.values()) this.separateOldFlights(flights);
    this.modules.timers.after(IMPATIENCE_CHECK_MS, () => this.checkPatience());
  }
}

/** Asks for a read-only copy, of a database that has them. */
function wantsCopy(database: CallDatabase, packet: Buffer): boolean {
  return database.readOnlyCopies !== undefined && (reqCallFlags(packet) & CallFlag.WANT_READONLY) !== 0;
}

function isKnownFunction(callId: number): boolean {
  return callId === CallId.NULL || callId === CallId.FETCH || callId === CallId.FETCH_WITH_HEADER;
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, "0");
}
