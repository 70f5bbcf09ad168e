// Cluster traverses of the client library against a daemon in memory: records, back-pressure, early ends.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionLostError, connect, type Database, TraverseTimeoutError } from "../../../src/client/index.js";
import { QUEUE_RECORDS_MAX } from "../../../src/client/record-queue.js";
import {
  decodeControlRequest,
  RecData,
  type ReqControlPacket,
  type TraverseStart,
  writeRecordHeader,
} from "../../../src/protocol/index.js";
import { FakeTime } from "../fake-time.js";
import { type ScriptedConnection, ScriptedDaemon, settle } from "./scripted-daemon.js";

interface Started {
  readonly connection: ScriptedConnection;
  readonly request: TraverseStart;
}

async function setUp(): Promise<{ daemon: ScriptedDaemon; db: Database; time: FakeTime; started: Started[] }> {
  const daemon = new ScriptedDaemon();
  daemon.offerDatabase("t.tdb", 5, "/nowhere/t.tdb.0");
  const time = new FakeTime();
  const modules = { clock: time, timers: time, random: { uint32: () => 0x1234_5678 } };
  const client = await connect({ transport: daemon, modules });
  const db = await client.attach("t.tdb", { openFile: false });
  const started: Started[] = [];
  daemon.on("TRAVERSE_START", (connection, request: ReqControlPacket) => {
    started.push({ connection, request: decodeControlRequest("TRAVERSE_START", request.data) });
    connection.reply(request, 0);
  });
  return { daemon, db, time, started };
}

function send(started: Started, key: string, value: string, reqid = started.request.reqid): void {
  const data = Buffer.alloc(24 + Buffer.byteLength(value));
  writeRecordHeader(data, 0, 3, 1, 0);
  data.write(value, 24);
  started.connection.message(started.request.srvid, RecData.encode({ reqid, key: Buffer.from(key), data }));
}
function sendEnd({ connection, request }: Started): void {
  connection.message(
    request.srvid,
    RecData.encode({ reqid: request.reqid, key: Buffer.alloc(0), data: Buffer.alloc(0) }),
  );
}
async function first(started: Started[]): Promise<Started> {
  await settle();
  return started[0] ?? assert.fail("no traverse was started");
}

test("records come with header and value, over a connection of their own, until the end marker", async () => {
  const { daemon, db, started } = await setUp();
  const records: string[] = [];
  const traverse = (async () => {
    for await (const record of db.traverse()) {
      records.push(`${record.key}=${record.value} rsn ${record.rsn} dmaster ${record.dmaster}`);
    }
  })();
  const start = await first(started);
  assert.equal(start.request.dbId, 5);
  assert.notEqual(start.connection, daemon.connections[0]);
  send(start, "a", "1");
  send(start, "b", "");
  sendEnd(start);
  await traverse;
  assert.deepEqual(records, ["a=1 rsn 3 dmaster 1", "b=undefined rsn 3 dmaster 1"]);
  assert.equal(start.connection.closedByClient, true);
});

test("a slow reader pauses the connection instead of filling the memory", async () => {
  const { db, started } = await setUp();
  const iterator = db.traverse();
  const firstRecord = iterator.next();
  const start = await first(started);
  const total = 3 * QUEUE_RECORDS_MAX;
  for (let i = 0; i < total; i += 1) send(start, `key ${i}`, "value");
  sendEnd(start);
  assert.equal(start.connection.readingPaused, true);
  assert.equal(String((await firstRecord).value?.key), "key 0");
  let count = 1;
  for await (const record of iterator) {
    assert.equal(String(record.key), `key ${count}`);
    count += 1;
  }
  assert.equal(count, total);
});

test("leaving the loop closes the connection, which ends the traverse on all nodes", async () => {
  const { db, started } = await setUp();
  const traverse = (async () => {
    for await (const _ of db.traverse()) break;
  })();
  const start = await first(started);
  send(start, "a", "1");
  await traverse;
  assert.equal(start.connection.closedByClient, true);
});

test("silence, a lost connection and an abort end a traverse with an error", async () => {
  const { db, time, started } = await setUp();
  const silent = db.traverse({ timeoutMs: 1000 }).next();
  silent.catch(() => {});
  await first(started);
  time.advance(1000);
  await assert.rejects(silent, TraverseTimeoutError);

  const lost = db.traverse().next();
  lost.catch(() => {});
  await settle();
  started[1]?.connection.end("gone");
  await assert.rejects(lost, ConnectionLostError);

  const abort = new AbortController();
  const aborted = db.traverse({ signal: abort.signal }).next();
  aborted.catch(() => {});
  await settle();
  abort.abort("stop it");
  await assert.rejects(aborted, (reason) => reason === "stop it");
  assert.equal(started[2]?.connection.closedByClient, true);
});

test("a connection lost behind the end marker takes nothing away from a slow reader", async () => {
  const { db, started } = await setUp();
  const iterator = db.traverse();
  const firstRecord = iterator.next();
  const start = await first(started);
  for (const key of ["a", "b", "c"]) send(start, key, "1");
  sendEnd(start);
  start.connection.end("gone");
  const keys = [String((await firstRecord).value?.key)];
  for await (const { key } of iterator) keys.push(String(key));
  assert.deepEqual(keys, ["a", "b", "c"]);
});

test("a record that breaks its layout ends the traverse with an error", async () => {
  const { db, started } = await setUp();
  const next = db.traverse().next();
  next.catch(() => {});
  const start = await first(started);
  start.connection.message(start.request.srvid, Buffer.from("no record"));
  await assert.rejects(next, /a record of the traverse of t.tdb cannot be decoded/);
});
