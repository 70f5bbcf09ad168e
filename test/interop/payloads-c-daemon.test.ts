// Every control that can be asked without harm, sent to a live C daemon with our codecs: it accepts our requests and we decode its
// answers. Also: sizes that it refuses are sizes that we refuse.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  CallId,
  Control,
  type ControlName,
  type ControlReply,
  type ControlRequest,
  checkHeader,
  checkPacket,
  controlsByName,
  databaseId,
  decodeControlReply,
  defaultTunables,
  encodeControlRequest,
  listedTunableNames,
  ObsoleteControl,
  Operation,
  PacketWriter,
  Pnn,
  packetOperation,
  packetReqid,
  RecBufferReader,
  RecBufferWriter,
  recordHeaderDmaster,
  replyCallData,
  replyControlData,
  replyControlErrorText,
  replyControlStatus,
  reqMessageData,
  sockAddr,
  TdbFlag,
  writeReqCall,
  writeReqControl,
} from "../../src/protocol/index.js";
import { clusterLockFile } from "../../src/tool/companions/local-cluster/node-directory.js";
import { awaitCondition } from "../cluster/await-condition.js";
import { LocalCluster } from "../cluster/local-cluster.js";

const REPLY_LIMIT_MS = 10_000;

let cluster: LocalCluster;
let link: Link;
/** A public address of the node that nobody uses. */
let publicAddress: string;

/** A bare connection to the daemon: packets in, packets out. */
class Link {
  readonly #socket: Socket;
  readonly #writer = new PacketWriter();
  readonly #waiting = new Map<number, (packet: Buffer) => void>();
  /** Data of the messages that came in. */
  readonly messages: Buffer[] = [];
  #received = Buffer.alloc(0);
  #reqid = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes) => this.#receive(bytes));
  }

  static connect(path: string): Promise<Link> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(path);
      socket.once("error", reject);
      socket.once("connect", () => resolve(new Link(socket)));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    while (this.#received.length >= 4 && this.#received.length >= this.#received.readUInt32LE(0)) {
      const length = this.#received.readUInt32LE(0);
      const packet = this.#received.subarray(0, length);
      this.#received = this.#received.subarray(length);
      checkHeader(packet, "node");
      checkPacket(packet);
      if (packetOperation(packet) === Operation.REQ_MESSAGE) this.messages.push(reqMessageData(packet));
      else this.#waiting.get(packetReqid(packet))?.(packet);
    }
  }

  #send(write: (w: PacketWriter, reqid: number) => void): Promise<Buffer> {
    this.#reqid += 1;
    const reqid = this.#reqid;
    write(this.#writer, reqid);
    const bytes = Buffer.from(this.#writer.packet());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no reply to request ${reqid}`)), REPLY_LIMIT_MS);
      this.#waiting.set(reqid, (packet) => {
        clearTimeout(timer);
        this.#waiting.delete(reqid);
        resolve(packet);
      });
      this.#socket.write(bytes);
    });
  }

  control(opcode: number, data: Uint8Array, srvid = 0): Promise<Buffer> {
    return this.#send((w, reqid) => writeReqControl(w, 0, Pnn.CURRENT_NODE, 0, reqid, opcode, 0, srvid, 0, 0, data));
  }

  call(dbId: number, callId: number, key: Uint8Array): Promise<Buffer> {
    return this.#send((w, reqid) => writeReqCall(w, 0, 0, 0, reqid, 0, dbId, callId, 0, key, Buffer.alloc(0)));
  }

  /** The decoded reply of a control that must succeed. */
  async ask<N extends ControlName>(name: N, request: ControlRequest<N>, srvid = 0): Promise<ControlReply<N>> {
    const reply = await this.control(Control[name], encodeControlRequest(name, request), srvid);
    assert.equal(replyControlStatus(reply), 0, `${name}: ${replyControlErrorText(reply)}`);
    return decodeControlReply(name, replyControlData(reply));
  }
}

before(async () => {
  cluster = await LocalCluster.create({ kinds: ["c"] });
  const node = cluster.node(0);
  publicAddress = node.address.replace(/\d+$/, "250");
  writeFileSync(join(node.base, "public_addresses"), `${publicAddress}/32 lo\n`);
  node.start();
  await cluster.healthy();
  link = await Link.connect(node.socketPath);
});

after(async () => {
  link?.close();
  await cluster?.stop();
});

test("the C daemon's answers to controls about itself decode to what they must be", async () => {
  assert.equal(replyControlStatus(await link.control(Control.GET_PNN, Buffer.alloc(0))), 0);
  assert.ok(replyControlStatus(await link.control(Control.GET_PID, Buffer.alloc(0))) > 1);
  assert.ok(replyControlStatus(await link.control(Control.PING, Buffer.alloc(0))) >= 1);
  assert.deepEqual(await link.ask("GET_NODEMAP", undefined), {
    nodes: [{ pnn: 0, flags: 0, addr: sockAddr(cluster.node(0).address, 4379) }],
  });
  assert.deepEqual((await link.ask("GET_NODES_FILE", undefined)).nodes.length, 1);
  assert.deepEqual((await link.ask("GETVNNMAP", undefined)).map, [0]);
  assert.deepEqual(await link.ask("GET_ALL_TUNABLES", undefined), defaultTunables());
  assert.deepEqual(await link.ask("LIST_TUNABLES", undefined), listedTunableNames);
  assert.equal(await link.ask("GET_TUNABLE", "keepaliveinterval"), 5);
  assert.equal(await link.ask("GET_RECLOCK_FILE", undefined), clusterLockFile(cluster.directory));
  assert.deepEqual(await link.ask("GET_BAN_STATE", undefined), { pnn: 0, time: 0 });
  assert.equal(await link.ask("GET_CAPABILITIES", undefined), 0x0003_0003);
  const uptime = await link.ask("UPTIME", undefined);
  assert.ok(uptime.currentTime.sec >= uptime.ctdbdStartTime.sec && uptime.ctdbdStartTime.sec > 1_600_000_000);
  const statistics = await link.ask("STATISTICS", undefined);
  assert.ok(statistics.numClients >= 1 && statistics.client.reqControl > 10);
  assert.equal((await link.ask("GET_STAT_HISTORY", undefined)).stats.length, 100);
  assert.match(await link.ask("DUMP_MEMORY", undefined), /talloc/);
  assert.equal(await link.ask("GET_DEBUG", undefined), 3);
  const echo = { timeout: 0, data: new Uint8Array([1, 2, 3]) };
  assert.deepEqual(await link.ask("ECHO_DATA", echo), echo);
});

test("the C daemon's answers to controls about public addresses decode to what they must be", async () => {
  const address = sockAddr(publicAddress);
  const { ips } = await link.ask("GET_PUBLIC_IPS", undefined);
  assert.deepEqual(
    ips.map(({ addr }) => addr),
    [address],
  );
  const info = await link.ask("GET_PUBLIC_IP_INFO", address);
  assert.deepEqual(
    info.ifaces.map(({ name }) => name),
    ["lo"],
  );
  assert.deepEqual(
    (await link.ask("GET_IFACES", undefined)).ifaces.map(({ name, linkState }) => [name, linkState]),
    [["lo", 1]],
  );
  const connection = { src: sockAddr("10.0.0.9", 1234), dst: sockAddr(publicAddress, 445) };
  await link.ask("TCP_ADD_DELAYED_UPDATE", connection);
  assert.deepEqual(await link.ask("GET_TCP_TICKLE_LIST", address), { addr: address, connections: [connection] });
  await link.ask("TCP_REMOVE", connection);
  assert.deepEqual((await link.ask("GET_TCP_TICKLE_LIST", address)).connections, []);
});

test("a database that is attached with our packets lives and is read with them", async () => {
  const name = "payloads.tdb";
  const dbId = await link.ask("DB_ATTACH", name);
  assert.equal(dbId, databaseId(name));
  assert.equal(await link.ask("GET_DBNAME", dbId), name);
  assert.equal(await link.ask("GETDBPATH", dbId), join(cluster.node(0).base, "db/volatile", `${name}.0`));
  assert.deepEqual((await link.ask("GET_DBMAP", undefined)).dbs[0], { dbId, flags: 0 });
  assert.ok(((await link.ask("DB_OPEN_FLAGS", dbId)) & TdbFlag.INCOMPATIBLE_HASH) !== 0);
  assert.equal(await link.ask("DB_GET_HEALTH", dbId), null);
  assert.equal(await link.ask("GET_DB_SEQNUM", dbId), 0);
  const fetched = replyCallData(await link.call(dbId, CallId.FETCH_WITH_HEADER, Buffer.from("missing")));
  assert.equal(fetched.length, 24);
  assert.equal(recordHeaderDmaster(fetched, 0), 0);
  const statistics = await link.ask("GET_DB_STATISTICS", dbId);
  assert.equal(statistics.hotKeys.length, 10);
});

test("a transaction that is committed with our marshall buffer comes back in a traverse", async () => {
  const dbId = await link.ask("DB_ATTACH_PERSISTENT", "payloads-persistent.tdb");
  const records = new RecBufferWriter(dbId);
  const sequence = Buffer.alloc(8);
  sequence.writeUInt32LE(1);
  records.addWithHeader(0, Buffer.from("key"), 1, 0, 0, Buffer.from("value"));
  records.addWithHeader(0, Buffer.from("__db_sequence_number__\0"), 1, 0, 0, sequence);
  const commit = await link.control(Control.TRANS3_COMMIT, records.bytes());
  assert.equal(replyControlStatus(commit), 0, replyControlErrorText(commit));
  assert.equal(await link.ask("GET_DB_SEQNUM", dbId), 1);
  const srvid = 4711;
  await link.ask("REGISTER_SRVID", undefined, srvid);
  await link.ask("TRAVERSE_START_EXT", { dbId, reqid: 77, srvid: BigInt(srvid), withEmptyRecords: false });
  await awaitCondition(
    "the end of the traverse",
    { timeoutMs: REPLY_LIMIT_MS },
    async () => link.messages.at(-1)?.length === 16,
  );
  const found = link.messages.map((bytes) => {
    const reader = new RecBufferReader(Buffer.concat([Buffer.from("0000000001000000", "hex"), bytes]));
    assert.ok(reader.next());
    assert.equal(reader.reqid, 77);
    return [reader.key.toString(), reader.hasHeader ? reader.value.toString() : ""];
  });
  assert.deepEqual(
    found.find(([key]) => key === "key"),
    ["key", "value"],
  );
  assert.deepEqual(found.at(-1), ["", ""]);
});

test("the C daemon refuses every request whose size breaks the exact rule of our table", async () => {
  for (const { name, opcode, exact } of Object.values(controlsByName)) {
    if (exact === undefined) continue;
    const tooLong = await link.control(opcode, Buffer.alloc(exact + 1));
    assert.equal(replyControlStatus(tooLong), -1, `${name} with ${exact + 1} bytes`);
  }
});

test("the C daemon answers obsolete and unknown opcodes with status -1", async () => {
  for (const opcode of [...Object.values(ObsoleteControl), 2, 12, 92, 106, 162, 0xffff_ffff]) {
    assert.equal(replyControlStatus(await link.control(opcode, Buffer.alloc(0))), -1, `opcode ${opcode}`);
  }
});

test("the C daemon ignores superfluous payload where our table demands no exact size", async () => {
  for (const name of ["GET_PNN", "GET_PID", "GET_RECMODE", "UPTIME", "GET_CAPABILITIES", "LIST_TUNABLES"] as const) {
    assert.equal(controlsByName[name].exact, undefined);
    const reply = await link.control(Control[name], Buffer.from("more"));
    assert.ok(replyControlStatus(reply) >= 0, name);
  }
});
