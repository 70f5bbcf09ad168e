import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { FetchQueue } from "../../../src/databases/fetch-queue.js";
import { readMarshalledKeys } from "../../../src/databases/marshalled-records.js";
import {
  CallFlag,
  CallId,
  PacketWriter,
  packetReqid,
  RecBuffer,
  RecordFlag,
  reqCallCallId,
  reqCallDbId,
  reqCallFlags,
  reqCallKey,
  writeReplyCall,
} from "../../../src/protocol/index.js";
import {
  FETCH_RETRY_MS,
  FETCH_TICK_MS,
  FETCHES_A_TICK_MAX,
  FETCHES_IN_FLIGHT_MAX,
} from "../../../src/vacuum/limits.js";
import { type FetchingClient, type FetchingDatabase, RecordFetcher } from "../../../src/vacuum/record-fetcher.js";
import { SlicedWork } from "../../../src/vacuum/sliced-work.js";
import { answered } from "../databases/answered-call.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";
import { FakeFile } from "./fake-file.js";

const SELF = 1;
const DB = 0x77;

describe("VACUUM_FETCH", () => {
  let time: FakeTime;
  let file: FakeFile;
  let database: { -readonly [K in keyof FetchingDatabase]: FetchingDatabase[K] };
  let fetcher: RecordFetcher;
  let calls: Array<{ key: string; reqid: number; flags: number; callId: number }>;
  let client: FetchingClient | undefined;

  beforeEach(() => {
    time = new FakeTime();
    file = new FakeFile();
    calls = [];
    database = {
      id: DB,
      isVolatile: true,
      detached: false,
      generation: 5,
      freeze: "none",
      fetches: new FetchQueue(),
      file,
      tryLock: (key) => file.chainLockNonblock(key),
      unlock: (key) => file.chainUnlock(key),
    };
    const logger = new RecordingLogger();
    fetcher = new RecordFetcher({
      clock: time,
      timers: time,
      logger,
      ownPnn: SELF,
      work: new SlicedWork({ clock: time, timers: time }),
      databases: { get: (id) => (id === DB ? database : undefined), all: [database] },
      calls: {
        fromClient(from, packet) {
          assert.equal(file.lockCount, 0, "no lock is held while a record is fetched");
          assert.equal(reqCallDbId(packet), DB);
          client = from;
          calls.push({
            key: reqCallKey(packet).toString(),
            reqid: packetReqid(packet),
            flags: reqCallFlags(packet),
            callId: reqCallCallId(packet),
          });
        },
      },
      intervalSeconds: () => 10,
    });
  });

  function ask(keys: readonly string[], dbId = DB) {
    const answer = answered("VACUUM_FETCH");
    const records = keys.map((key) => ({ reqid: 0, key: Buffer.from(key), data: Buffer.alloc(0) }));
    fetcher.vacuumFetch(readMarshalledKeys(Buffer.from(RecBuffer.encode({ dbId, records }))), answer.call);
    return answer;
  }

  function reply(nth: number, status = 0): void {
    const call = calls[nth];
    assert.ok(call, `call ${nth}`);
    const writer = new PacketWriter();
    writeReplyCall(writer, 0, SELF, SELF, call.reqid, status, Buffer.alloc(0));
    client?.send(writer.packet());
  }

  it("calls for each record that another node owns, as a vacuum migration", () => {
    for (const key of ["a", "b"]) file.put(key, 3, 0);
    assert.equal(ask(["a", "b"]).text, "0");
    time.advance(FETCH_TICK_MS);
    assert.deepEqual(
      calls.map(({ key }) => key),
      ["a", "b"],
    );
    assert.deepEqual(
      calls.map(({ callId }) => callId),
      [CallId.NULL, CallId.NULL],
    );
    assert.equal(calls[0]?.flags, CallFlag.IMMEDIATE_MIGRATION | CallFlag.VACUUM_MIGRATION);
    reply(0);
    reply(1);
    assert.equal(fetcher.counters.fetched, 2);
    time.advance(10_000);
    assert.equal(calls.length, 2);
  });

  it("does not fetch what is here, or is not there at all", () => {
    file.put("mine", 3, SELF);
    file.content.set("short", Buffer.alloc(8));
    ask(["mine", "short", "absent"]);
    time.advance(10_000);
    assert.equal(calls.length, 0);
    assert.equal(database.fetches.size, 0);
  });

  it("calls for an own deleted record that has read-only copies, which takes them back", () => {
    file.put("copied", 3, SELF, RecordFlag.RO_HAVE_DELEGATIONS);
    file.put("with data", 3, SELF, RecordFlag.RO_HAVE_DELEGATIONS, "data");
    ask(["copied", "with data"]);
    time.advance(FETCH_TICK_MS);
    assert.deepEqual(
      calls.map(({ key }) => key),
      ["copied"],
    );
  });

  it("tries a record again later whose lock was busy, or whose call failed", () => {
    file.put("a", 3, 0);
    file.foreign.add("a");
    ask(["a"]);
    time.advance(FETCH_TICK_MS);
    assert.equal(calls.length, 0);
    file.foreign.delete("a");
    time.advance(FETCH_RETRY_MS + FETCH_TICK_MS);
    assert.equal(calls.length, 1);
    reply(0, -1);
    time.advance(FETCH_RETRY_MS + FETCH_TICK_MS);
    assert.equal(calls.length, 2);
    reply(1);
    time.advance(10_000);
    assert.equal(calls.length, 2);
  });

  it("spreads many records, and has a bounded number on their way", () => {
    const keys = Array.from({ length: 5000 }, (_, i) => `key-${i}`);
    for (const key of keys) file.put(key, 3, 0);
    ask(keys);
    time.advance(FETCH_TICK_MS);
    assert.ok(calls.length > 0 && calls.length <= FETCHES_A_TICK_MAX, `${calls.length} in the first tick`);
    time.advance(10_000);
    assert.equal(calls.length, FETCHES_IN_FLIGHT_MAX);
    for (let i = 0; i < FETCHES_IN_FLIGHT_MAX; i++) reply(i);
    time.advance(10_000);
    assert.equal(calls.length, 2 * FETCHES_IN_FLIGHT_MAX);
  });

  it("waits while the database is frozen", () => {
    file.put("a", 3, 0);
    database.freeze = "pending";
    ask(["a"]);
    time.advance(5000);
    assert.equal(calls.length, 0);
    database.freeze = "none";
    time.advance(FETCH_TICK_MS);
    assert.equal(calls.length, 1);
  });

  it("forgets the calls of a database that is detached", () => {
    for (let i = 0; i < FETCHES_IN_FLIGHT_MAX + 1; i++) file.put(`key-${i}`, 3, 0);
    ask([...file.content.keys()]);
    time.advance(10_000);
    fetcher.databaseDetached(database);
    time.advance(FETCH_TICK_MS);
    assert.equal(calls.length, FETCHES_IN_FLIGHT_MAX + 1);
  });

  it("fails for an unknown and for a persistent database, and when the queue is full", () => {
    assert.equal(ask(["a"], 1).text, "-1");
    database.isVolatile = false;
    assert.equal(ask(["a"]).text, "-1");
    database.isVolatile = true;
    database.fetches = new FetchQueue(1);
    file.put("a", 3, 0);
    assert.match(ask(["a", "b"]).text, /^-1 1 records do not fit/);
  });
});
