// Rules of control and message payloads: sizes, strings, versions.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AddrInfo,
  Control,
  controlByOpcode,
  controlKnownTo,
  controlName,
  controls,
  controlsByName,
  DbVacuum,
  DisableMessage,
  databaseId,
  decodeControlReply,
  decodeControlRequest,
  decodeEventdReply,
  decodeEventdRequest,
  decodePacket,
  defaultTunables,
  encodeControlReply,
  encodeControlRequest,
  encodeEventdReply,
  encodeEventdRequest,
  eventdPacketLength,
  findMessage,
  findTunable,
  Iface,
  listedTunableNames,
  messagePayloads,
  Notify,
  ObsoleteControl,
  OptionalStringToEnd,
  ProtocolError,
  SambaGLock,
  Srvid,
  Stringn,
  StringToEnd,
  sockAddr,
  srvidName,
  TunableList,
  Tunables,
  tunableNames,
  VnnMap,
} from "../../../src/protocol/index.js";
import { readVectors } from "./vector-files.js";

const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");

test("a request of another size than its control demands is refused", () => {
  assert.equal(decodeControlRequest("GETDBPATH", bytes("3e770f90")), 0x900f773e);
  assert.throws(() => decodeControlRequest("GETDBPATH", bytes("3e770f9000")), ProtocolError);
  assert.throws(() => decodeControlRequest("GETDBPATH", bytes("3e770f")), ProtocolError);
  // GET_DB_SEQNUM wants four bytes of padding, DB_VACUUM none.
  assert.throws(() => decodeControlRequest("GET_DB_SEQNUM", bytes("3e770f90")), ProtocolError);
  assert.equal(decodeControlRequest("GET_DB_SEQNUM", encodeControlRequest("GET_DB_SEQNUM", 5)), 5);
  assert.deepEqual(DbVacuum.encode({ dbId: 1, fullVacuumRun: true }).length, 5);
  assert.throws(() => decodeControlRequest("DB_VACUUM", bytes("0100000001000000")), ProtocolError);
});

test("superfluous payload is ignored where no exact size is demanded", () => {
  assert.equal(decodeControlRequest("GET_PNN", bytes("aabb")), undefined);
  assert.equal(decodeControlRequest("DB_DETACH", bytes("01000000ffff")), 1);
  assert.deepEqual(decodeControlRequest("SETVNNMAP", bytes("020000000100000007000000ff")), { generation: 2, map: [7] });
});

test("a VNN map that counts more slots than it has is refused", () => {
  assert.throws(
    () => VnnMap.decode(bytes("0200000000000040")),
    (error) => error instanceof ProtocolError && error.offset === 4 && error.field === "VnnMap size",
  );
});

test("every control in use encodes a reply that decodes to the same value", () => {
  assert.equal(decodeControlReply("GET_DB_SEQNUM", encodeControlReply("GET_DB_SEQNUM", 12)), 12);
  assert.equal(decodeControlReply("GET_RECLOCK_FILE", encodeControlReply("GET_RECLOCK_FILE", null)), null);
  assert.equal(decodeControlReply("GET_RECLOCK_FILE", encodeControlReply("GET_RECLOCK_FILE", "!cmd")), "!cmd");
  assert.equal(decodeControlReply("SHUTDOWN", bytes("")), undefined);
});

test("controls whose answer is the status have an empty payload and refuse to be decoded from one", () => {
  const inStatus = Object.values(controlsByName).filter(({ replyInStatus }) => replyInStatus);
  assert.deepEqual(inStatus.map(({ name }) => name).sort(), ["GET_PID", "GET_PNN", "GET_RECMODE", "PING"]);
  assert.equal(encodeControlReply("PING", 3).length, 0);
  assert.throws(() => decodeControlReply("PING", bytes("")), ProtocolError);
});

test("every opcode of C from 0 to 161, and each of our own from 1000 on, is found under its number", () => {
  for (const [name, opcode] of Object.entries(Control)) {
    assert.equal(controls[opcode]?.name, name);
    assert.equal(controlByOpcode(opcode)?.obsolete, false);
  }
  for (const [name, opcode] of Object.entries(ObsoleteControl)) {
    assert.deepEqual(controlByOpcode(opcode), { name, opcode, obsolete: true });
  }
  assert.equal(controlByOpcode(161)?.name, "START_IPREALLOCATE");
  for (let opcode = 162; opcode < 1000; opcode++) assert.equal(controlByOpcode(opcode), undefined);
  assert.equal(controlByOpcode(1000)?.name, "LOOP_TIMES");
  assert.equal(controlByOpcode(controls.length), undefined);
  assert.equal(controlByOpcode(0xffff_ffff), undefined);
  assert.equal(controlName(31), "GET_RECMASTER");
  assert.equal(controlName(4711), "control 4711");
});

test("controls of newer releases are not expected from older peers", () => {
  assert.equal(controlKnownTo("TCP_CLIENT_PASSED", 0x0004_0011), false);
  assert.equal(controlKnownTo("TCP_CLIENT_PASSED", 0x0004_0014), true);
  assert.equal(controlKnownTo("START_IPREALLOCATE", 0x0004_0014), false);
  assert.equal(controlKnownTo("START_IPREALLOCATE", 0x0004_0018), true);
  assert.equal(controlKnownTo("GETVNNMAP", 0x0004_0011), true);
});

test("a string is read up to its NUL, with or without one, and an absent one is not an empty one", () => {
  assert.equal(StringToEnd.decode(Buffer.from("name\0rest")), "name");
  assert.equal(StringToEnd.decode(Buffer.from("name")), "name");
  assert.throws(() => StringToEnd.decode(bytes("")), ProtocolError);
  assert.equal(OptionalStringToEnd.decode(bytes("")), null);
  assert.equal(OptionalStringToEnd.decode(bytes("00")), "");
  assert.equal(Stringn.decode(bytes("0100000000")), "");
  assert.throws(() => Stringn.decode(bytes("00000000")), ProtocolError);
  assert.throws(() => Stringn.decode(bytes("05000000616263")), ProtocolError);
  assert.equal(AddrInfo.decode(AddrInfo.encode({ addr: sockAddr("10.0.0.1"), mask: 24, iface: null })).iface, null);
});

test("a name that is not UTF-8 is refused instead of being changed; a report is shown as far as possible", () => {
  assert.throws(() => StringToEnd.decode(bytes("ff6100")), ProtocolError);
  assert.equal(OptionalStringToEnd.decode(bytes("ff6100")), "\ufffda");
});

test("a string with a NUL inside cannot be encoded", () => {
  assert.throws(() => StringToEnd.encode("a\0b"), RangeError);
});

test("an interface name needs its NUL within 18 bytes", () => {
  const iface = { name: "a".repeat(17), linkState: 1, references: 2 };
  assert.deepEqual(Iface.decode(Iface.encode(iface)), iface);
  assert.throws(() => Iface.encode({ ...iface, name: "a".repeat(18) }), RangeError);
  const full = Buffer.from(Iface.encode(iface));
  full.fill(0x61, 0, 18);
  assert.throws(() => Iface.decode(full), ProtocolError);
});

test("a boolean is 0 or 1", () => {
  assert.throws(() => DbVacuum.decode(bytes("0100000002")), ProtocolError);
});

test("bytes after a structure that fills its payload are refused", () => {
  const notify = Notify.encode({ srvid: 1n, data: Buffer.from("bye") });
  assert.deepEqual(Notify.decode(notify), { srvid: 1n, data: Uint8Array.from(Buffer.from("bye")) });
  assert.throws(() => Notify.decode(Buffer.concat([notify, bytes("00")])), ProtocolError);
  assert.equal(DisableMessage.encode({ pnn: 1, srvid: 2n, timeout: 3 }).length, 24);
  assert.throws(() => DisableMessage.decode(bytes("00".repeat(25))), ProtocolError);
  assert.throws(() => DisableMessage.decode(bytes("00".repeat(23))), ProtocolError);
});

test("srvids are found by name or range", () => {
  assert.equal(findMessage(Srvid.LEADER)?.name, "LEADER");
  assert.equal(findMessage(0xf001_0000_0000_0007n)?.name, "RECOVERY");
  assert.equal(findMessage(Srvid.ALL)?.name, "ALL");
  assert.equal(srvidName(Srvid.SAMBA_PROCESS), "SAMBA_PROCESS");
  assert.equal(srvidName(4711n), "PID_RANGE 0x0000000000001267");
  assert.equal(srvidName(0x1b00_0000_0000_0001n), "0x1b00000000000001");
  assert.equal(messagePayloads.LEADER.decode(bytes("ffffffff")), 0xffff_ffff);
});

test("the tunables are those of the C daemon, in both of its orders and with its defaults", () => {
  const reply = (name: string): Buffer => {
    const vector = readVectors("packets.jsonl").find((candidate) => candidate.name === `REPLY_CONTROL:${name}`);
    assert.ok(vector);
    return vector.bytes.subarray(44, 44 + vector.bytes.readUInt32LE(36));
  };
  assert.deepEqual(decodeControlReply("LIST_TUNABLES", reply("LIST_TUNABLES")), listedTunableNames);
  const values = decodeControlReply("GET_ALL_TUNABLES", reply("GET_ALL_TUNABLES"));
  assert.deepEqual(Object.keys(values), tunableNames);
  assert.deepEqual(values, defaultTunables());
  assert.equal(TunableList.encode(defaultTunables()).length, 248);
  assert.equal(findTunable("keepaliveINTERVAL"), "KeepaliveInterval");
  assert.equal(findTunable("nonsense"), undefined);
  assert.equal(Tunables.AllowMixedVersions.index, 61);
});

test("a g_lock record of Samba keeps its watchers and holders, whichever of them it has", () => {
  const server = { pid: 77n, taskId: 1, vnn: 2, uniqueId: 0xffff_ffff_ffff_ffffn };
  const watcher = { server, instance: 3n };
  const state = {
    exclusive: { ...server, pid: 0n },
    uniqueLockEpoch: 4n,
    uniqueDataEpoch: 5n,
    shared: [server, server],
    userData: new Uint8Array([1, 2]),
  };
  const sizes = [
    [{ watchers: [], state: null }, 0],
    [{ watchers: [watcher], state: null }, 4 + 32],
    [{ watchers: [watcher], state }, 4 + 32 + 44 + 48 + 2],
  ] as const;
  for (const [{ watchers, state: wanted }, size] of sizes) {
    const value = { watchers: [...watchers], state: wanted };
    const encoded = SambaGLock.encode(value);
    assert.equal(encoded.length, size);
    assert.deepEqual(SambaGLock.decode(encoded), value);
  }
});

test("the captured g_lock records decode and encode to the same bytes", () => {
  let records = 0;
  for (const { bytes: packetBytes } of readVectors("packets.jsonl")) {
    const packet = decodePacket(packetBytes);
    if (packet.type !== "REQ_DMASTER" && packet.type !== "REPLY_DMASTER") continue;
    if (packet.dbId !== databaseId("g_lock.tdb")) continue;
    assert.deepEqual(Buffer.from(SambaGLock.encode(SambaGLock.decode(packet.data))), Buffer.from(packet.data));
    records += 1;
  }
  assert.ok(records > 0);
});

test("the event daemon's SCRIPT request and STATUS reply come back as they were sent", () => {
  const request = {
    command: "SCRIPT",
    reqid: 5,
    script: { component: "legacy", script: "00.test", action: 1 },
  } as const;
  const encoded = encodeEventdRequest(request);
  assert.equal(eventdPacketLength(encoded), encoded.length);
  assert.equal(eventdPacketLength(encoded.subarray(0, 3)), undefined);
  assert.deepEqual(decodeEventdRequest(encoded), request);
  const time = { sec: 1, usec: 2 };
  const script = { name: "00.test", begin: time, end: time, result: -61, output: null };
  const reply = { command: "STATUS", reqid: 5, result: 0, scripts: { summary: 1, scripts: [script] } } as const;
  assert.deepEqual(
    decodeEventdReply(encodeEventdReply({ ...reply, scripts: { ...reply.scripts, scripts: [script] } })),
    reply,
  );
  assert.throws(() => encodeEventdReply({ command: "STATUS", reqid: 1, result: 0 }), RangeError);
});

test("an event daemon packet with a wrong length or command is refused", () => {
  const good = Buffer.from(encodeEventdReply({ command: "RUN", reqid: 1, result: 110 }));
  for (const [offset, value] of [
    [0, 21],
    [12, 4],
  ] as const) {
    const bad = Buffer.from(good);
    bad.writeUInt32LE(value, offset);
    assert.throws(() => decodeEventdReply(bad), ProtocolError);
  }
  assert.throws(() => decodeEventdReply(good.subarray(0, 19)), ProtocolError);
});
