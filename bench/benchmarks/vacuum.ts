// Records are deleted in 20 databases on three nodes while other clients go on working: how fast what was deleted is gone from all
// files, and what the others feel of it. First the same without vacuuming, for comparison.
import {
  Control,
  ControlFlag,
  encodeControlRequest,
  lmasterOf,
  Operation,
  PacketWriter,
  Pnn,
  RECORD_HEADER_SIZE,
  RecordFlag,
  writeRecordHeader,
  writeReqControl,
} from "../../src/protocol/index.js";
import type { Benchmark, Figure, LoadContext } from "../benchmark.js";
import { ClientSet } from "../load/client-set.js";
import { Latencies } from "../load/latencies.js";
import { request } from "../load/requests.js";
import { attachEverywhere, changeIfHere, migrationRequest, type SharedDatabase } from "../load/shared-database.js";

const OPERATION_OFFSET = 16;
const NODES = 3;
const DATABASES = 20;
const RING_RECORDS = 8;
const PING_PAUSE_MS = 1;
const SILENCE_MAX_MS = 10_000;
const VALUE = Buffer.alloc(100, "v");
const EMPTY = Buffer.alloc(0);
const RSN = 10;
/** Far away: no run. */
const NEVER_S = 1_000_000;
const DELETES_A_TURN_MAX = 20;
const CHECKS_A_TURN_MAX = 40;

/** Every how many records one is deleted. */
const DELETED_EVERY = 5;

interface Size {
  readonly deleted: number;
  readonly seconds: number;
  readonly intervalSeconds: number;
}

/** The same deletions a second in both: the default is a fifth of the full size. */
const FULL: Size = { deleted: 200_000, seconds: 60, intervalSeconds: 10 };
const DEFAULT: Size = { deleted: 40_000, seconds: 12, intervalSeconds: 2 };
const QUICK: Size = { deleted: 4_000, seconds: 2, intervalSeconds: 1 };

// Key, owner and database of record `i`: all that is known of it is in its number. Deleted is what DELETED_EVERY divides.
function keyOf(i: number): Buffer {
  return Buffer.from(`record number ${i}`);
}

function databaseOf(i: number): number {
  return Math.floor(i / DELETED_EVERY) % DATABASES;
}

function ownerOf(i: number): number {
  return Math.floor(i / DELETED_EVERY / DATABASES) % NODES;
}

/** Writes records as they are after they wandered over all nodes: everywhere a copy, the owner's the newest. */
function fill(databases: readonly SharedDatabase[], map: readonly number[], records: number): void {
  const header = Buffer.alloc(RECORD_HEADER_SIZE);
  for (const [number, database] of databases.entries()) {
    for (const [pnn, file] of database.files.entries()) {
      file.lockAll();
      for (let i = 0; i < records; i++) {
        if (databaseOf(i) !== number) continue;
        const key = keyOf(i);
        const owner = ownerOf(i);
        const rsn = pnn === owner ? RSN : lmasterOf(map, key) === pnn ? RSN - 2 : RSN - 4;
        writeRecordHeader(header, 0, rsn, owner, RecordFlag.MIGRATED_WITH_DATA);
        file.storeWithHeader(key, header, VALUE);
      }
      file.unlockAll();
    }
  }
}

function schedulePacket(dbId: number, key: Buffer, owner: number): PacketWriter {
  const header = { rsn: RSN, dmaster: owner, flags: RecordFlag.MIGRATED_WITH_DATA };
  const payload = encodeControlRequest("SCHEDULE_FOR_DELETION", { dbId, header, key });
  const opcode = Control.SCHEDULE_FOR_DELETION;
  writeReqControl(scheduleWriter, 0, Pnn.CURRENT_NODE, 0, 0, opcode, 0, dbId, 0, ControlFlag.NOREPLY, payload);
  return scheduleWriter;
}
const scheduleWriter = new PacketWriter();

interface Phase {
  /** Migrations a second of the other clients. */
  readonly traffic: number;
  readonly pings: Latencies;
  /** From the last deletion until all deleted records were seen to be gone. */
  readonly goneMs: number | undefined;
}

class VacuumLoad {
  private readonly clients = new ClientSet();
  private readonly map: readonly number[];
  private readonly ring: SharedDatabase;
  private readonly ringKeys: readonly Buffer[];
  private readonly ringCalls: readonly PacketWriter[];
  private readonly expected = new Array<number>(RING_RECORDS).fill(0);
  private readonly ringValue = Buffer.alloc(100);
  private readonly firstRingClient: number;
  private readonly firstPinger: number;
  private readonly ping = new PacketWriter();
  private migrations = 0;
  /** Where each ring record goes next. */
  private readonly nextPosition = new Array<number>(RING_RECORDS).fill(0);
  private travelling = 0;
  private stopping = false;
  private readonly pings = { sentMs: new Array<number>(NODES).fill(0), nextMs: new Array<number>(NODES).fill(0) };

  constructor(private readonly context: LoadContext) {
    const { clients } = this;
    // Clients 0..2 ask and delete, one a node.
    for (const node of context.nodes) clients.add(node.socketPath);
    this.firstRingClient = NODES;
    for (let slot = 0; slot < RING_RECORDS; slot++) for (const node of context.nodes) clients.add(node.socketPath);
    this.firstPinger = NODES * (1 + RING_RECORDS);
    for (const node of context.nodes) clients.add(node.socketPath);
    this.map = request(clients, 0, "GETVNNMAP", undefined).map;
    this.ring = attachEverywhere(clients, context, "vacuum-traffic.tdb", (position) => position);
    this.ringKeys = Array.from({ length: RING_RECORDS }, (_, slot) => Buffer.from(`ring record ${slot}`));
    this.ringCalls = this.ringKeys.map((key, slot) => migrationRequest(this.ring.dbId, key, slot + 1));
    writeReqControl(this.ping, 0, Pnn.CURRENT_NODE, 0, 1, Control.PING, 0, 0, 0, 0, EMPTY);
  }

  close(): void {
    this.clients.close();
    this.ring.close();
  }

  /** Fresh databases, filled, with `intervalSeconds` between their vacuum runs. */
  prepare(prefix: string, size: Size, intervalSeconds: number): SharedDatabase[] {
    for (const [position] of this.context.nodes.entries()) {
      request(this.clients, position, "SET_TUNABLE", { name: "VacuumInterval", value: intervalSeconds });
    }
    const databases = Array.from({ length: DATABASES }, (_, i) =>
      attachEverywhere(this.clients, this.context, `${prefix}-${i}.tdb`, (position) => position),
    );
    fill(databases, this.map, size.deleted * DELETED_EVERY);
    return databases;
  }

  /** Deletes evenly over the time, and goes on with the traffic until `endMs` milliseconds after that. */
  run(databases: readonly SharedDatabase[], size: Size, afterMs: number): Phase {
    const { clients } = this;
    const latencies = new Latencies();
    const { sentMs, nextMs } = this.pings;
    const startMs = performance.now();
    const lastDeleteMs = startMs + size.seconds * 1000;
    const migrationsBefore = this.migrations;
    let deleted = 0;
    let seenGone = 0;
    let goneMs: number | undefined;
    let nowMs = startMs;
    this.stopping = false;
    this.travelling = RING_RECORDS;
    for (let slot = 0; slot < RING_RECORDS; slot++) this.ask(slot);
    while (nowMs < lastDeleteMs + afterMs || deleted < size.deleted) {
      const due = Math.min(size.deleted, Math.floor((size.deleted * (nowMs - startMs)) / (size.seconds * 1000)));
      for (let n = 0; n < DELETES_A_TURN_MAX && deleted < due; n++) this.remove(databases, deleted++ * DELETED_EVERY);
      if (deleted === size.deleted && goneMs === undefined && afterMs > 0) {
        for (let n = 0; n < CHECKS_A_TURN_MAX && seenGone < deleted; n++, seenGone++) {
          if (this.exists(databases, seenGone * DELETED_EVERY)) break;
        }
        if (seenGone === deleted) goneMs = performance.now() - lastDeleteMs;
      }
      for (let n = 0; n < NODES; n++) {
        if ((sentMs[n] ?? 0) > 0 || nowMs < (nextMs[n] ?? 0)) continue;
        sentMs[n] = performance.now();
        clients.send(this.firstPinger + n, this.ping.bytes, this.ping.length);
      }
      this.poll(latencies);
      nowMs = performance.now();
    }
    const traffic = ((this.migrations - migrationsBefore) * 1000) / (nowMs - startMs);
    this.stopping = true;
    while (this.travelling > 0 || sentMs.some((sent) => sent > 0)) {
      this.poll(latencies);
      if (performance.now() > nowMs + SILENCE_MAX_MS) throw new Error("an answer was lost");
    }
    return { traffic, pings: latencies, goneMs };
  }

  private poll(latencies: Latencies): void {
    this.clients.poll(1, (client, bytes, offset) => {
      const operation = bytes.readUInt32LE(offset + OPERATION_OFFSET);
      if (client >= this.firstPinger && operation === Operation.REPLY_CONTROL) {
        const { sentMs, nextMs } = this.pings;
        const n = client - this.firstPinger;
        const cameMs = performance.now();
        latencies.add(cameMs - (sentMs[n] ?? cameMs));
        sentMs[n] = 0;
        nextMs[n] = cameMs + PING_PAUSE_MS;
      } else if (client >= this.firstRingClient && operation === Operation.REPLY_CALL) {
        this.arrived(Math.floor((client - this.firstRingClient) / NODES));
      }
    });
  }

  /** Begins a new account of the loops; only our daemons keep one. */
  resetLoops(): void {
    for (const [position] of this.context.nodes.entries()) request(this.clients, position, "LOOP_RESET", undefined);
  }

  /** Longest time for which a handler or a turn kept the loop of any node; milliseconds. */
  longestLoopMs(): number {
    return Math.max(
      ...this.context.nodes.map((_, position) => {
        const { kinds, turns } = request(this.clients, position, "LOOP_TIMES", undefined);
        const turnCpu = turns.filter((turn) => turn.inHandlers !== 0).map((turn) => turn.cpu);
        return 1000 * Math.max(...kinds.map((kind) => kind.max), ...turnCpu);
      }),
    );
  }

  /** Deleted records that are still in any file. */
  countLeft(databases: readonly SharedDatabase[], size: Size): number {
    let left = 0;
    for (let n = 0; n < size.deleted; n++) if (this.exists(databases, n * DELETED_EVERY)) left++;
    return left;
  }

  /** Throws when a record that nobody deleted is missing anywhere. */
  checkOthers(databases: readonly SharedDatabase[], size: Size): void {
    for (let i = 1; i < size.deleted * DELETED_EVERY; i += 97) {
      if (i % DELETED_EVERY === 0) continue;
      const file = databases[databaseOf(i)]?.files[ownerOf(i)];
      if (file?.exists(keyOf(i)) !== true) throw new Error(`record ${i}, which nobody deleted, is gone`);
    }
  }

  private remove(databases: readonly SharedDatabase[], i: number): void {
    const database = databases[databaseOf(i)];
    const owner = ownerOf(i);
    const file = database?.files[owner];
    if (database === undefined || file === undefined) throw new Error(`no database for record ${i}`);
    const key = keyOf(i);
    if (!changeIfHere(file, owner, key, () => EMPTY)) throw new Error(`record ${i} is not where it was put`);
    const packet = schedulePacket(database.dbId, key, owner);
    this.clients.send(owner, packet.bytes, packet.length);
  }

  private exists(databases: readonly SharedDatabase[], i: number): boolean {
    const key = keyOf(i);
    return databases[databaseOf(i)]?.files.some((file) => file.exists(key)) === true;
  }

  private ask(slot: number): void {
    const call = this.ringCalls[slot];
    const client = this.firstRingClient + slot * NODES + (this.nextPosition[slot] ?? 0);
    if (call !== undefined) this.clients.send(client, call.bytes, call.length);
  }

  private arrived(slot: number): void {
    const position = this.nextPosition[slot] ?? 0;
    const file = this.ring.files[position];
    const key = this.ringKeys[slot];
    if (file === undefined || key === undefined) return;
    const raise = (old: Buffer): Buffer => {
      const before = old.length >= 4 ? old.readUInt32LE(0) : 0;
      const expected = this.expected[slot];
      if (before !== expected) throw new Error(`ring record ${slot} holds ${before} instead of ${expected}`);
      this.ringValue.writeUInt32LE(before + 1, 0);
      return this.ringValue;
    };
    if (!changeIfHere(file, this.context.nodes[position]?.pnn ?? -1, key, raise)) {
      this.ask(slot);
      return;
    }
    this.expected[slot] = (this.expected[slot] ?? 0) + 1;
    this.migrations++;
    this.nextPosition[slot] = (position + 1) % NODES;
    if (this.stopping) this.travelling--;
    else this.ask(slot);
  }
}

export const vacuum: Benchmark = {
  name: "vacuum",
  nodes: NODES,
  run(context: LoadContext): Figure[] {
    const size = context.full ? FULL : context.quick ? QUICK : DEFAULT;
    const name = `vacuum-${(size.deleted * DELETED_EVERY) / 1000}k`;
    const load = new VacuumLoad(context);
    // As many a second, but not longer than the default.
    const baseSize = size.seconds > DEFAULT.seconds ? DEFAULT : size;
    const without = load.run(load.prepare("not-vacuumed", baseSize, NEVER_S), baseSize, 0);
    const databases = load.prepare("vacuumed", size, size.intervalSeconds);
    const afterMs = 3 * size.intervalSeconds * 1000;
    const isOurs = context.kind === "ts";
    if (isOurs) load.resetLoops();
    const during = load.run(databases, size, afterMs);
    const longestLoopMs = isOurs ? load.longestLoopMs() : undefined;
    const left = load.countLeft(databases, size);
    load.checkOthers(databases, size);
    for (const database of databases) database.close();
    load.close();
    const figures: Figure[] = [
      { name: `${name} left after 3 intervals`, value: left, unit: "records" },
      { name: `${name} traffic`, value: during.traffic, unit: "/s" },
      { name: `${name} traffic, kept of its rate`, value: (100 * during.traffic) / without.traffic, unit: "%" },
      { name: `${name} ping p99.9`, value: during.pings.percentile(0.999), unit: "ms" },
      { name: `${name} ping longest`, value: during.pings.percentile(1), unit: "ms" },
      { name: `${name} ping longest, not vacuumed`, value: without.pings.percentile(1), unit: "ms" },
    ];
    if (longestLoopMs !== undefined) figures.push({ name: `${name} longest turn`, value: longestLoopMs, unit: "ms" });
    if (during.goneMs !== undefined)
      figures.unshift({ name: `${name} all gone after`, value: during.goneMs, unit: "ms" });
    return figures;
  },
};
