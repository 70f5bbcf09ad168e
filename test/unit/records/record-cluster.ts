// Several CallServices joined by ordered in-memory links: a cluster of nothing but records, for the tests of migration.
import {
  CallFlag,
  CallId,
  hashKey,
  Operation,
  PacketWriter,
  packetDestnode,
  packetOperation,
  RecBufferReader,
  recordHeaderDmaster,
  recordHeaderFlags,
  recordHeaderRsn,
  reqCallHopcount,
  writeRecordHeader,
  writeReqCall,
} from "../../../src/protocol/index.js";
import {
  type CallClient,
  type CallCounters,
  type CallDatabase,
  CallService,
} from "../../../src/records/call-service.js";
import { VISIT_MS } from "../../../src/records/first-visits.js";
import { HotKeys } from "../../../src/records/hot-keys.js";
import { MigrationQueue } from "../../../src/records/migration-queue.js";
import { ReadOnlyCopies } from "../../../src/records/read-only.js";
import { RecordStore } from "../../../src/records/record-store.js";
import { StickyRecords } from "../../../src/records/sticky-records.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";

const DB_ID = 0x1234;

export class TestClient implements CallClient {
  closed = false;
  readonly replies: Buffer[] = [];
  onReply: (packet: Buffer) => void = () => {};

  constructor(readonly id: number) {}

  send(packet: Buffer): void {
    const copy = Buffer.from(packet);
    this.replies.push(copy);
    this.onReply(copy);
  }
}

export class RecordNode {
  readonly file = new Map<string, Buffer>();
  readonly calls: CallService;
  readonly database: CallDatabase & { generation: number; rewrittenWhileFrozen: boolean; commitActive: boolean };
  /** Chains that another process holds. */
  readonly locked = new Set<string>();
  /** Chains that the node itself holds at this moment. */
  readonly held = new Set<string>();
  readonly waiters: Array<{ key: Buffer; granted: () => void }> = [];
  /** Hops that make a record sticky; it then stays 200 ms where it comes, for 600 s. */
  hopcountMakeSticky = 50;
  readonly recoveries: string[] = [];
  /** Calls of this node for a record that is being fetched wait for it; else each is a request of its own. */
  fetchCollapse = true;
  private readonly inbox: Array<Buffer | (() => void)> = [];
  maxHopCount = 0;
  readonly latencies: string[] = [];
  hasDatabase = true;
  readonly counters: CallCounters = {
    totalCalls: 0,
    pendingCalls: 0,
    maxHopCount: 0,
    totalRoDelegations: 0,
    totalRoRevokes: 0,
    hopCountBuckets: [],
    callLatency() {},
  };
  /** False: this node refuses to give its read-only copies back. */
  answersUpdates = true;

  constructor(
    readonly pnn: number,
    cluster: RecordCluster,
  ) {
    const { isVolatile } = cluster;
    const time = cluster.time;
    const logger = new RecordingLogger();
    const lmasterOf = (key: Uint8Array): number => hashKey(key) % cluster.size;
    const records = new RecordStore(
      {
        file: {
          fetch: (key) => this.file.get(key.toString("latin1")),
          storeRecord: (key, rsn, dmaster, flags, data) => {
            const value = Buffer.alloc(24 + data.length);
            writeRecordHeader(value, 0, rsn, dmaster, flags);
            data.copy(value, 24);
            this.file.set(key.toString("latin1"), value);
          },
          storeRange: () => {
            throw new Error("records are not pushed here");
          },
          delete: (key) => {
            this.file.delete(key.toString("latin1"));
          },
        },
        deletions: { isEmpty: true, schedule() {}, cancel() {} },
        ownPnn: pnn,
        lmasterOf,
      },
      isVolatile,
    );
    this.database = {
      id: DB_ID,
      name: "test.tdb",
      isVolatile,
      generation: 7,
      commitActive: false,
      records,
      migrations: new MigrationQueue(time),
      readOnlyCopies: !isVolatile
        ? undefined
        : new ReadOnlyCopies(
            {
              timers: time,
              logger,
              updateRecord: (to, payload, done) =>
                cluster.node(to).receiveLater(() => done(cluster.node(to).update(Buffer.from(payload)))),
              finishRecord: (key, rsn, all, done) => this.calls.finishRevoke(this.database, key, rsn, all, done),
            },
            { id: DB_ID, name: "test.tdb" },
          ),
      sticky: !isVolatile
        ? undefined
        : new StickyRecords(
            {
              timers: time,
              logger,
              requeue: (packet) => cluster.transmit(pnn, packet, pnn),
              tunables: () => ({ hopcount: this.hopcountMakeSticky, durationSeconds: 600, pindownMs: 200 }),
            },
            "test.tdb",
          ),
      rewrittenWhileFrozen: false,
      readOnlyCounters: { delegations: 0, revokes: 0 },
      hotKeys: new HotKeys({ clock: time, logger }, "test.tdb"),
      hopCountBuckets: [],
      lmasterOf,
      tryLock: (key) => {
        const text = key.toString("latin1");
        if (this.held.has(text)) throw new Error(`node ${pnn} did not unlock ${text}`);
        if (this.locked.has(text)) return false;
        this.held.add(text);
        return true;
      },
      unlock: (key) => {
        if (!this.held.delete(key.toString("latin1"))) throw new Error(`node ${pnn} unlocks what it did not lock`);
      },
      whenLocked: (key, granted) => {
        const waiter = { key, granted };
        this.waiters.push(waiter);
        return {
          cancel: () => {
            const place = this.waiters.indexOf(waiter);
            if (place >= 0) this.waiters.splice(place, 1);
          },
        };
      },
    };
    let nextId = 1;
    this.calls = new CallService({
      clock: time,
      timers: time,
      logger,
      router: {
        ownPnn: pnn,
        writer: new PacketWriter(),
        send: (packet) => cluster.transmit(pnn, Buffer.from(packet)),
        requeue: (packet) => cluster.transmit(pnn, packet, pnn),
      },
      requestIds: { allocate: () => nextId++, release() {} },
      databases: { get: (id) => (id === DB_ID && this.hasDatabase ? this.database : undefined), all: [this.database] },
      counters: this.counters,
      generation: () => this.database.generation,
      noteLatency: (operation, database, seconds) => this.latencies.push(`${operation} ${database} ${seconds}`),
      fetchCollapse: () => this.fetchCollapse,
      forceRecovery: (reason) => this.recoveries.push(reason),
    });
  }

  /** A client's fetch-lock request: REQ_CALL with the NULL function. */
  call(client: TestClient, key: string, reqid: number, callId: number = CallId.NULL): void {
    const writer = new PacketWriter();
    const flags = CallFlag.IMMEDIATE_MIGRATION;
    writeReqCall(writer, 0, 0, 0, reqid, flags, DB_ID, callId, 0, Buffer.from(key), Buffer.alloc(0));
    this.calls.fromClient(client, writer.packet());
  }

  /** A client's read of a record: FETCH with the wish for a read-only copy. */
  read(client: TestClient, key: string, reqid: number): void {
    const writer = new PacketWriter();
    const flags = CallFlag.WANT_READONLY;
    writeReqCall(writer, 0, 0, 0, reqid, flags, DB_ID, CallId.FETCH, 0, Buffer.from(key), Buffer.alloc(0));
    this.calls.fromClient(client, writer.packet());
  }

  /** UPDATE_RECORD as a node executes it on a volatile database. */
  update(payload: Buffer): boolean {
    if (!this.answersUpdates) return false;
    const reader = new RecBufferReader(payload);
    while (reader.next()) {
      const local = this.file.get(reader.key.toString("latin1"));
      if (local === undefined) continue;
      if (recordHeaderRsn(local, 0) >= reader.rsn && !local.subarray(24).equals(reader.value)) return false;
      this.file.set(reader.key.toString("latin1"), Buffer.from(reader.data));
    }
    return true;
  }

  flags(key: string): number {
    const value = this.file.get(key);
    return value === undefined ? 0 : recordHeaderFlags(value, 0);
  }

  lock(key: string): void {
    this.locked.add(key);
  }

  /** Ends the foreign lock and serves those who wait, first come first served. */
  unlock(key: string): void {
    this.locked.delete(key);
    for (const waiter of this.waiters.splice(0)) waiter.granted();
  }

  owns(key: string): boolean {
    const value = this.file.get(key);
    return value !== undefined && recordHeaderDmaster(value, 0) === this.pnn;
  }

  header(key: string): string {
    const value = this.file.get(key);
    return value === undefined ? "-" : `${recordHeaderRsn(value, 0)}/${recordHeaderDmaster(value, 0)}`;
  }

  write(key: string, text: string): void {
    const value = this.file.get(key);
    if (value === undefined || !this.owns(key)) throw new Error(`node ${this.pnn} does not own ${key}`);
    this.file.set(key, Buffer.concat([value.subarray(0, 24), Buffer.from(text)]));
  }

  text(key: string): string {
    return this.file.get(key)?.subarray(24).toString() ?? "";
  }

  receive(packet: Buffer): void {
    this.inbox.push(packet);
  }

  /** Something that a client does once the packets before have been processed. */
  receiveLater(action: () => void): void {
    this.inbox.push(action);
  }

  get idle(): boolean {
    return this.inbox.length === 0;
  }

  /** Processes the oldest packet. */
  step(): void {
    const packet = this.inbox.shift();
    if (packet === undefined) return;
    if (typeof packet === "function") {
      packet();
      return;
    }
    switch (packetOperation(packet)) {
      case Operation.REQ_CALL:
        this.maxHopCount = Math.max(this.maxHopCount, reqCallHopcount(packet));
        this.calls.onReqCall(packet);
        break;
      case Operation.REPLY_CALL:
        this.calls.onReplyCall(packet);
        break;
      case Operation.REQ_DMASTER:
        this.calls.onReqDmaster(packet);
        break;
      case Operation.REPLY_DMASTER:
        this.calls.onReplyDmaster(packet);
        break;
      case Operation.REPLY_ERROR:
        this.calls.onReplyError(packet);
        break;
      default:
        throw new Error(`unexpected operation ${packetOperation(packet)}`);
    }
  }
}

export class RecordCluster {
  readonly time = new FakeTime();
  readonly nodes: RecordNode[];
  readonly sent: string[] = [];

  constructor(
    readonly size: number,
    /** False: the database is persistent or replicated, all nodes have all records. */
    readonly isVolatile = true,
  ) {
    this.nodes = Array.from({ length: size }, (_, pnn) => new RecordNode(pnn, this));
  }

  node(pnn: number): RecordNode {
    const node = this.nodes[pnn];
    if (node === undefined) throw new Error(`no node ${pnn}`);
    return node;
  }

  transmit(from: number, packet: Buffer, to = packetDestnode(packet)): void {
    const names = ["REQ_CALL", "REPLY_CALL", "REQ_DMASTER", "REPLY_DMASTER", "REPLY_ERROR"];
    this.sent.push(`${names[packetOperation(packet)]} ${from}>${to}`);
    if (this.loses(packet)) return;
    this.node(to).receive(packet);
  }

  /** Packets that are lost on the way. */
  loses: (packet: Buffer) => boolean = () => false;

  /**
   * Delivers packets until nothing is on its way, and no node holds a lock; `pick` chooses the next node among those with packets.
   * Clients visit no records here: each record that came is let go when its time is over.
   */
  settle(pick: (busy: RecordNode[]) => RecordNode | undefined = (busy) => busy[0]): void {
    for (let steps = 0; steps < 1_000_000; steps++) {
      const busy = this.nodes.filter((node) => !node.idle);
      const node = pick(busy);
      if (node === undefined) {
        const visited = this.nodes.every(({ calls }) => calls.mostWaitingForVisit === 0);
        this.time.advance(VISIT_MS);
        if (!visited) continue;
        for (const { pnn, held } of this.nodes)
          if (held.size > 0) throw new Error(`node ${pnn} keeps ${[...held]} locked`);
        return;
      }
      node.step();
    }
    throw new Error("packets go round for ever");
  }

  owners(key: string): number[] {
    return this.nodes.filter((node) => node.owns(key)).map((node) => node.pnn);
  }
}

/** A key whose lmaster is `pnn` in a cluster of `size`. */
export function keyWithLmaster(pnn: number, size: number): string {
  for (let i = 0; ; i++) {
    const key = `key${i}`;
    if (hashKey(Buffer.from(key)) % size === pnn) return key;
  }
}
