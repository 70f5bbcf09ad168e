// Controls, messages, notifies, tunnels and reconnecting of the client library against a daemon in memory.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Client,
  ClientClosedError,
  ConnectError,
  ConnectionLostError,
  type ConnectOptions,
  ControlFailedError,
  ControlTimeoutError,
  connect,
  MalformedReplyError,
  SendQueueFullError,
  Srvid,
  TunnelCallError,
  TunnelTimeoutError,
} from "../../../src/client/index.js";
import {
  Control,
  ControlFlag,
  decodeControlRequest,
  encodePacket,
  Pnn,
  type ReqControlPacket,
} from "../../../src/protocol/index.js";
import { FakeTime } from "../fake-time.js";
import { ScriptedDaemon, settle } from "./scripted-daemon.js";

async function setUp(
  options: Partial<ConnectOptions> = {},
): Promise<{ daemon: ScriptedDaemon; client: Client; time: FakeTime }> {
  const daemon = new ScriptedDaemon();
  const time = new FakeTime();
  const modules = { clock: time, timers: time, random: { uint32: () => 0 } };
  const client = await connect({ transport: daemon, modules, ...options });
  return { daemon, client, time };
}

test("connecting asks for the pnn, and a daemon that is not there is named", async () => {
  const { daemon, client } = await setUp();
  assert.equal(client.pnn, 0);
  assert.equal(client.state, "connected");
  daemon.refusals = 1;
  await assert.rejects(connect({ transport: daemon }), (error) => {
    assert.ok(error instanceof ConnectError);
    assert.equal(error.target, "a scripted daemon");
    return true;
  });
});

test("connecting stops when its signal is aborted, with the reason of the signal", async () => {
  const daemon = new ScriptedDaemon();
  daemon.on("GET_PNN", () => {});
  const abort = new AbortController();
  const connecting = connect({ transport: daemon, signal: abort.signal });
  await settle();
  abort.abort("enough");
  await assert.rejects(connecting, (reason) => reason === "enough");
  assert.equal(daemon.connection.closedByClient, true);
});

test("replies find their requests by id, in any order and cut anywhere", async () => {
  const { daemon, client } = await setUp();
  const waiting: ReqControlPacket[] = [];
  daemon.on("GET_DEBUG", (_connection, request) => waiting.push(request));
  const replies = Promise.all([1, 2, 3].map((pnn) => client.control("GET_DEBUG", undefined, { pnn })));
  await settle();
  assert.deepEqual(
    waiting.map((request) => request.header.destnode),
    [1, 2, 3],
  );
  assert.equal(new Set(waiting.map((request) => request.header.reqid)).size, 3);
  const bytes = Buffer.concat(
    waiting.reverse().map((request) => {
      const data = Buffer.alloc(4);
      data.writeInt32LE(request.header.destnode * 10);
      const { reqid } = request.header;
      const header = { generation: 0, destnode: 0, srcnode: 0, reqid };
      return encodePacket({ type: "REPLY_CONTROL", header, status: 0, data, errorText: "" });
    }),
  );
  for (let i = 0; i < bytes.length; i += 7) daemon.connection.send(bytes.subarray(i, i + 7));
  assert.deepEqual(await replies, [10, 20, 30]);
  assert.equal(client.outstanding, 0);
});

test("a control that answers in its status resolves to the status, and fails below zero", async () => {
  const { daemon, client } = await setUp();
  daemon.on("PING", (connection, request) => connection.reply(request, 17));
  assert.equal(await client.control("PING"), 17);
  daemon.on("PING", (connection, request) => connection.reply(request, -1, undefined, "node is disconnected"));
  await assert.rejects(client.control("PING", undefined, { pnn: 3 }), (error) => {
    assert.ok(error instanceof ControlFailedError);
    assert.deepEqual([error.control, error.pnn, error.status, error.text], ["PING", 3, -1, "node is disconnected"]);
    return true;
  });
});

test("a control times out by itself, and its late reply is dropped", async () => {
  const { daemon, client, time } = await setUp({ timeoutMs: 5000 });
  const requests: ReqControlPacket[] = [];
  daemon.on("GET_DEBUG", (_connection, request) => requests.push(request));
  const slow = client.control("GET_DEBUG", undefined, { timeoutMs: 8000 });
  const quick = client.control("GET_DEBUG", undefined, { timeoutMs: 100 });
  const usual = client.control("GET_DEBUG");
  const outcomes: string[] = [];
  for (const [name, promise] of Object.entries({ slow, quick, usual })) {
    promise.catch((error) => outcomes.push(`${name} ${error instanceof ControlTimeoutError && error.timeoutMs}`));
  }
  await settle();
  time.advance(99);
  await settle();
  assert.deepEqual(outcomes, []);
  time.advance(1);
  await settle();
  assert.deepEqual(outcomes, ["quick 100"]);
  time.advance(4900);
  await settle();
  assert.deepEqual(outcomes, ["quick 100", "usual 5000"]);
  time.advance(3000);
  await settle();
  assert.deepEqual(outcomes, ["quick 100", "usual 5000", "slow 8000"]);
  for (const request of requests) daemon.connection.replyTo(request, "GET_DEBUG", 1);
  assert.equal(client.outstanding, 0);
});

test("an aborted control rejects with the reason of its signal and waits for nothing more", async () => {
  const { client } = await setUp();
  const abort = new AbortController();
  const waiting = client.control("GET_DEBUG", undefined, { signal: abort.signal });
  assert.equal(client.outstanding, 1);
  abort.abort("changed my mind");
  await assert.rejects(waiting, (reason) => reason === "changed my mind");
  assert.equal(client.outstanding, 0);
  await assert.rejects(client.control("GET_DEBUG", undefined, { signal: abort.signal }));
});

test("a reply that cannot be decoded fails its control alone", async () => {
  const { daemon, client } = await setUp();
  daemon.on("GETVNNMAP", (connection, request) => connection.reply(request, 0, Buffer.from([1, 2, 3])));
  await assert.rejects(client.vnnMap(), MalformedReplyError);
  assert.equal(client.state, "connected");
});

test("a broadcast control must be sent without waiting for a reply", async () => {
  const { daemon, client } = await setUp();
  await assert.rejects(client.control("PING", undefined, { pnn: Pnn.BROADCAST_CONNECTED }), TypeError);
  client.sendControlNoReply("STATISTICS_RESET", undefined, { pnn: Pnn.BROADCAST_CONNECTED });
  await settle();
  const [sent] = daemon.connection.controls("STATISTICS_RESET");
  assert.equal(sent?.header.destnode, Pnn.BROADCAST_CONNECTED);
  assert.equal(sent?.header.reqid, 0);
  assert.equal(sent?.flags, ControlFlag.NOREPLY);
});

test("controlAll gives one result a node, in the order asked for", async () => {
  const { daemon, client } = await setUp();
  daemon.on("GET_PID", (connection, request) =>
    connection.reply(request, request.header.destnode === 1 ? -1 : 100 + request.header.destnode),
  );
  const results = await client.controlAll([2, 1, 0], "GET_PID", undefined);
  assert.deepEqual(
    results.map((result) => (result.ok ? result.reply : result.error.name)),
    [102, "ControlFailedError", 100],
  );
});

test("a process that is not there is no error", async () => {
  const { daemon, client } = await setUp();
  daemon.on("PROCESS_EXISTS", (connection, request) => connection.reply(request, -1));
  assert.equal(await client.processExists(4711, { pnn: 1 }), false);
  daemon.on("PROCESS_EXISTS", (connection, request) =>
    connection.reply(request, -1, undefined, "ctdb_control to disconnected node"),
  );
  await assert.rejects(client.processExists(4711, { pnn: 1 }), ControlFailedError);
});

test("a srvid that a process has not registered is no error", async () => {
  const { daemon, client } = await setUp();
  const asked: unknown[] = [];
  daemon.on("CHECK_PID_SRVID", (connection, request) => {
    asked.push(decodeControlRequest("CHECK_PID_SRVID", request.data));
    connection.reply(request, asked.length === 1 ? 0 : -1);
  });
  assert.equal(await client.processHasSrvid(4711, 8n, { pnn: 1 }), true);
  assert.equal(await client.processHasSrvid(4711, 9n), false);
  assert.deepEqual(asked, [
    { pid: 4711, srvid: 8n },
    { pid: 4711, srvid: 9n },
  ]);
});

test("a raw control hands back status, payload and text, whatever the status is", async () => {
  const { daemon, client } = await setUp();
  daemon.on("GET_DEBUG", (connection, request) => connection.reply(request, -7, Buffer.from("data"), "why"));
  const reply = await client.controlRaw(Control.GET_DEBUG, Buffer.from("anything"), { pnn: 2 });
  assert.deepEqual(reply, { status: -7, data: Buffer.from("data"), text: "why" });
  const [request] = daemon.connection.controls("GET_DEBUG");
  assert.deepEqual([request?.header.destnode, Buffer.from(request?.data ?? []).toString()], [2, "anything"]);
});

test("a srvid in two halves is the same as the whole one", async () => {
  const { daemon, client } = await setUp();
  client.sendMessage(1, 0xfe00_0000_0000_0002n, Buffer.from("whole"));
  client.sendMessageTo(1, 0xfe00_0000, 2, Buffer.from("halves"));
  await settle();
  assert.deepEqual(
    daemon.connection.messages.map(({ srvid, data }) => [srvid, Buffer.from(data).toString()]),
    [
      [0xfe00_0000_0000_0002n, "whole"],
      [0xfe00_0000_0000_0002n, "halves"],
    ],
  );
});

test("attach has the changes counted where that is wanted, and can leave the file alone", async () => {
  const { daemon, client } = await setUp();
  daemon.offerDatabase("counted.tdb", 0x1234, "/nonexistent/counted.tdb.0");
  daemon.on("ENABLE_SEQNUM", (connection, request) => connection.reply(request, 0));
  const database = await client.attach("counted.tdb", { seqnum: true, openFile: false });
  assert.deepEqual([database.id, database.path, database.type], [0x1234, "/nonexistent/counted.tdb.0", "volatile"]);
  const [enabled] = daemon.connection.controls("ENABLE_SEQNUM");
  assert.equal(enabled && decodeControlRequest("ENABLE_SEQNUM", enabled.data), 0x1234);
  await client.attach("counted.tdb", { openFile: false });
  assert.equal(daemon.connection.controls("ENABLE_SEQNUM").length, 1);
});

test("a full send queue refuses calls until it has drained", async () => {
  const { daemon, client } = await setUp({ sendQueueMaxBytes: 1000 });
  daemon.connection.queuedBytes = 1001;
  assert.throws(() => client.sendMessage(0, 1n, Buffer.alloc(1)), SendQueueFullError);
  await assert.rejects(client.control("PING"), SendQueueFullError);
  const givesUp = new AbortController();
  const givenUp = assert.rejects(client.drained({ signal: givesUp.signal }), /enough/);
  givesUp.abort(new Error("enough"));
  await givenUp;
  const drained = client.drained();
  daemon.connection.drain();
  await drained;
  client.sendMessage(0, 1n, Buffer.alloc(1));
});

test("one registration at the daemon serves all handlers of a srvid", async () => {
  const { daemon, client } = await setUp();
  const got: string[] = [];
  const first = await client.onMessage(7n, (data, srvid) => got.push(`first ${data} ${srvid}`));
  const second = await client.onMessage(7n, (data) => got.push(`second ${data}`));
  assert.equal(daemon.connection.controls("REGISTER_SRVID").length, 1);
  daemon.connection.message(7n, Buffer.from("a"));
  daemon.connection.message(8n, Buffer.from("nobody listens"));
  await first.close();
  daemon.connection.message(7n, Buffer.from("b"));
  assert.equal(daemon.connection.controls("DEREGISTER_SRVID").length, 0);
  await second.close();
  await second.close();
  assert.equal(daemon.connection.controls("DEREGISTER_SRVID").length, 1);
  daemon.connection.message(7n, Buffer.from("c"));
  assert.deepEqual(got, ["first a 7", "second a", "second b"]);
});

test("data of a message may be kept, unless a view was asked for", async () => {
  const { daemon, client } = await setUp();
  const kept: Buffer[] = [];
  await client.onMessage(7n, (data) => kept.push(data));
  await client.onMessage(7n, (data) => kept.push(data), { view: true });
  const bytes = encodePacket({
    type: "REQ_MESSAGE",
    header: { generation: 0, destnode: 0, srcnode: 0, reqid: 0 },
    srvid: 7n,
    data: Buffer.from("same"),
  });
  daemon.connection.send(bytes);
  assert.deepEqual(kept.map(String), ["same", "same"]);
});

test("a wild card beside a srvid gets each message once although the daemon sends two copies", async () => {
  const { daemon, client } = await setUp();
  const exact: string[] = [];
  const all: string[] = [];
  await client.onMessage(7n, (data) => exact.push(String(data)));
  const wildcard = await client.onMessage(Srvid.ALL, (data, srvid) => all.push(`${data} ${srvid}`));
  const { connection } = daemon;
  for (const text of ["a", "b"]) for (let copy = 0; copy < 2; copy += 1) connection.message(7n, Buffer.from(text));
  connection.message(9n, Buffer.from("other"));
  assert.deepEqual(exact, ["a", "b"]);
  assert.deepEqual(all, ["a 7", "b 7", "other 9"]);
  await wildcard.close();
  connection.message(7n, Buffer.from("c"));
  connection.message(7n, Buffer.from("d"));
  assert.deepEqual(exact, ["a", "b", "c", "d"]);
  assert.equal(all.length, 3);
});

test("a registration that fails leaves no handler behind", async () => {
  const { daemon, client } = await setUp();
  daemon.on("REGISTER_SRVID", (connection, request) => connection.reply(request, -1));
  await assert.rejects(
    client.onMessage(7n, () => assert.fail("it must not be called")),
    ControlFailedError,
  );
  daemon.connection.message(7n, Buffer.from("x"));
  assert.equal(daemon.connection.controls("DEREGISTER_SRVID").length, 1);
});

test("tunnel packets go to one node and come to the handler with their kind", async () => {
  const { daemon, client } = await setUp();
  const got: string[] = [];
  const tunnel = await client.openTunnel(0xffffffff00000001n, (data, kind) => got.push(`${kind} ${data}`));
  tunnel.send(Pnn.CURRENT_NODE, Buffer.from("to myself"));
  tunnel.send(2, Buffer.from("to 2"), "request");
  assert.throws(() => tunnel.send(Pnn.BROADCAST_ALL, Buffer.from("x")), RangeError);
  daemon.connection.tunnel(0xffffffff00000001n, 2, Buffer.from("an answer"));
  daemon.connection.tunnel(0xffffffff00000002n, 1, Buffer.from("for somebody else"));
  await settle();
  const sent = daemon.connection.received.filter((packet) => packet.type === "REQ_TUNNEL");
  assert.deepEqual(
    sent.map((packet) => packet.header.destnode),
    [0, 2],
  );
  assert.deepEqual(got, ["reply an answer"]);
  await tunnel.close();
  assert.throws(() => tunnel.send(2, Buffer.from("late")), /closed/);
  assert.equal(daemon.connection.controls("TUNNEL_DEREGISTER").length, 1);
});

test("a tunnel service matches replies, passes errors on and times out", async () => {
  const { daemon, client, time } = await setUp();
  // The daemon sends every packet back, so the service asks itself.
  daemon.onTunnel = (connection, packet) => {
    if (packet.type === "REQ_TUNNEL" && !Buffer.from(packet.data).includes("lost")) {
      connection.tunnel(packet.tunnelId, packet.flags, packet.data);
    }
  };
  await using service = await client.openTunnelService(5n, async (data, from) => {
    if (String(data) === "bad") throw new Error("no such thing");
    return Buffer.from(`${from}: ${data}`);
  });
  const replies = await Promise.all(["a", "b"].map((text) => service.request(0, Buffer.from(text))));
  assert.deepEqual(replies.map(String), ["0: a", "0: b"]);
  await assert.rejects(service.request(0, Buffer.from("bad")), (error) => {
    assert.ok(error instanceof TunnelCallError);
    assert.equal(error.message, "no such thing");
    return true;
  });
  const lost = service.request(0, Buffer.from("lost"), { timeoutMs: 50 });
  lost.catch(() => {});
  time.advance(50);
  await assert.rejects(lost, TunnelTimeoutError);
});

test("a lost connection fails what is in flight, and without a policy the client is closed", async () => {
  const { daemon, client } = await setUp();
  const events: string[] = [];
  client.events.on("disconnected", ({ error, willReconnect }) => events.push(`${error.reason} ${willReconnect}`));
  client.events.on("closed", () => events.push("closed"));
  const waiting = client.control("GET_DEBUG");
  daemon.connection.end("the daemon is gone");
  await assert.rejects(
    waiting,
    (error) => error instanceof ConnectionLostError && error.reason === "the daemon is gone",
  );
  assert.throws(() => client.sendMessage(0, 1n, Buffer.alloc(0)), ConnectionLostError);
  assert.deepEqual(events, ["the daemon is gone false", "closed"]);
  assert.equal(client.state, "closed");
});

test("garbage from the daemon ends the connection", async () => {
  const { daemon, client } = await setUp();
  const lost = new Promise<string>((resolve) => client.events.on("closed", ({ error }) => resolve(String(error))));
  daemon.connection.send(Buffer.alloc(64, 0xff));
  assert.match(await lost, /no CTDB packet/);
  assert.equal(daemon.connection.closedByClient, true);
});

test("a policy brings connection, srvids, notifies and tunnels back", async () => {
  const { daemon, client, time } = await setUp({ reconnect: { initialDelayMs: 100, maxDelayMs: 300 } });
  daemon.on("REGISTER_NOTIFY", (connection, request) => connection.reply(request, 0));
  const got: string[] = [];
  await client.onMessage(7n, (data) => got.push(String(data)));
  const closed = await client.onMessage(8n, () => {});
  await closed.close();
  daemon.on("DEREGISTER_NOTIFY", (connection, request) => connection.reply(request, 0));
  await client.registerNotify(9n, Buffer.from("bye"));
  await client.registerNotify(11n, Buffer.from("taken back"));
  await client.deregisterNotify(11n);
  await client.openTunnel(10n, (data) => got.push(String(data)));
  const old = daemon.connection;
  let reconnected = 0;
  client.events.on("reconnected", () => {
    reconnected += 1;
  });
  daemon.refusals = 2;
  old.end();
  assert.equal(client.state, "reconnecting");
  await assert.rejects(client.control("PING"), ConnectionLostError);
  daemon.pnn = 3;
  for (const [pause, refusalsLeft] of [
    [100, 1],
    [200, 0],
    [300, 0],
  ] as const) {
    time.advance(pause - 1);
    await settle();
    assert.equal(client.state, "reconnecting");
    time.advance(1);
    await settle();
    assert.equal(daemon.refusals, refusalsLeft);
  }
  assert.equal(client.state, "connected");
  assert.equal(reconnected, 1);
  assert.equal(client.pnn, 3);
  const fresh = daemon.connection;
  assert.notEqual(fresh, old);
  assert.deepEqual(
    fresh.controls("REGISTER_SRVID").map((request) => request.srvid),
    [7n],
  );
  assert.equal(fresh.controls("REGISTER_NOTIFY").length, 1);
  assert.equal(fresh.controls("TUNNEL_REGISTER").length, 1);
  fresh.message(7n, Buffer.from("message"));
  fresh.tunnel(10n, 1, Buffer.from("tunnel"));
  assert.deepEqual(got, ["message", "tunnel"]);
});

test("a policy with a limit gives up", async () => {
  const { daemon, client, time } = await setUp({ reconnect: { initialDelayMs: 10, maxAttempts: 2 } });
  const closed = new Promise<string>((resolve) => client.events.on("closed", ({ error }) => resolve(String(error))));
  daemon.refusals = 10;
  daemon.connection.end("gone");
  for (let i = 0; i < 5; i += 1) {
    await settle();
    time.advance(20);
  }
  assert.match(await closed, /gone; gave up after 2 tries/);
  assert.equal(daemon.refusals, 8);
});

test("a connection that dies while it is being restored is tried again", async () => {
  const { daemon, client, time } = await setUp({ reconnect: { initialDelayMs: 10 } });
  await client.onMessage(7n, () => {});
  let deaths = 2;
  daemon.on("REGISTER_SRVID", (connection, request) => {
    deaths -= 1;
    if (deaths >= 0) connection.end("again");
    else connection.reply(request, 0);
  });
  daemon.connection.end();
  for (let i = 0; i < 10; i += 1) {
    await settle();
    time.advance(20);
  }
  await settle();
  assert.equal(client.state, "connected");
  assert.equal(daemon.connections.length, 4);
});

test("close fails what waits, stops reconnecting and is idempotent", async () => {
  const { daemon, client, time } = await setUp({ reconnect: true });
  const waiting = client.control("GET_DEBUG");
  waiting.catch(() => {});
  await client.close();
  await client.close();
  await assert.rejects(waiting, ClientClosedError);
  assert.equal(daemon.connection.closedByClient, true);
  await assert.rejects(client.control("PING"), ClientClosedError);

  const other = await setUp({ reconnect: true });
  other.daemon.connection.end();
  await other.client.close();
  other.time.advance(60_000);
  time.advance(60_000);
  await settle();
  assert.equal(other.daemon.connections.length, 1);
});
