// A daemon that only seems to be one: it serves the unix socket from a description of a cluster, so that a tool meets states
// which a real cluster is in only for a moment, or never. Used by tool-fake.test.ts and tool-groups.test.ts.
import { readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { parseNodesList } from "../../src/config/nodes-list.js";
import {
  Capability,
  type ControlName,
  type ControlReply,
  type ControlRequest,
  controlByOpcode,
  controlsByName,
  DisableMessage,
  decodeControlRequest,
  encodeControlReply,
  type Iface,
  NodeFlag,
  Operation,
  PacketWriter,
  Pnn,
  packetDestnode,
  packetOperation,
  packetReqid,
  packetSrcnode,
  RunState,
  reqCallDbId,
  reqControlData,
  reqControlOpcode,
  reqControlSrvidHi,
  reqControlSrvidLo,
  reqMessageData,
  reqMessageSrvidHi,
  reqMessageSrvidLo,
  Srvid,
  SrvidMessage,
  sockAddr,
  srvidFrom,
  srvidHigh,
  srvidLow,
  writeReplyCall,
  writeReplyControl,
  writeReplyError,
  writeReqMessage,
} from "../../src/protocol/index.js";
import { libtdbOpener } from "../../src/tdb/libtdb.js";
import { PacketFramer } from "../../src/transport/packet-framer.js";

export interface FakeNode {
  readonly address: string;
  readonly flags?: number;
  readonly capabilities?: number;
}

export interface FakePublicIp {
  readonly address: string;
  /** -1: no node hosts it. */
  readonly pnn: number;
  /** Nodes that know the address; default all. */
  readonly knownTo?: readonly number[];
}

export interface FakeDatabase {
  readonly id: number;
  readonly name: string;
  readonly flags?: number;
  readonly sequenceNumber?: number;
  readonly unhealthy?: string;
  /**
   * It can be attached: its file, in which no record is, and what each REQ_CALL is answered with, a REPLY_CALL or a REPLY_ERROR with
   * this status. Or there is no file.
   */
  readonly calls?: { readonly reply: "call" | "error"; readonly status: number } | "no file";
}

export interface FakeFailure {
  readonly control: ControlName;
  /** Default: any node. */
  readonly pnn?: number;
  /** A status, or no reply at all. */
  readonly how: number | "silence";
}

export interface FakeCluster {
  readonly nodes: readonly FakeNode[];
  /** The node whose daemon this is; default 0. */
  readonly local?: number;
  /** undefined: nobody leads. */
  readonly leader?: number | undefined;
  readonly interfaces?: readonly Iface[];
  readonly vnnMap?: { readonly generation: number; readonly map: readonly number[] };
  readonly recoveryMode?: number;
  readonly runState?: number;
  readonly databases?: readonly FakeDatabase[];
  readonly publicIps?: readonly FakePublicIp[];
  readonly clusterLock?: string;
  readonly failures?: readonly FakeFailure[];
  /** Nodes lists by pnn; the others have that of the local node. */
  readonly nodesLists?: Readonly<Record<number, string>>;
}

const STATUS_FAILED = -1;
const ALL_CAPABILITIES = Capability.RECMASTER | Capability.LMASTER;
const LEADER_INTERVAL_MS = 200;
const NEXT_GENERATION_STEP = 1000;

type Answer<N extends ControlName> = ControlReply<N> | { readonly status: number };
type Handlers = { readonly [N in ControlName]?: (request: ControlRequest<N>, pnn: number) => Answer<N> };

class Connection {
  readonly srvids: bigint[] = [];
  constructor(readonly socket: Socket) {}
}

export class FakeDaemon {
  readonly #cluster: FakeCluster;
  readonly #base: string;
  readonly #local: number;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #writer = new PacketWriter();
  readonly #timer: NodeJS.Timeout;
  #nodes: { address: string; flags: number; capabilities: number }[];
  #generation: number;
  readonly #handlers: Handlers;

  private constructor(cluster: FakeCluster, base: string) {
    this.#cluster = cluster;
    this.#base = base;
    this.#local = cluster.local ?? 0;
    this.#generation = cluster.vnnMap?.generation ?? 654321;
    this.#nodes = cluster.nodes.map((node) => ({
      address: ((node.flags ?? 0) & NodeFlag.DELETED) !== 0 ? "0.0.0.0" : node.address,
      flags: node.flags ?? 0,
      capabilities: node.capabilities ?? ALL_CAPABILITIES,
    }));
    this.#handlers = this.#makeHandlers();
    this.#server = createServer((socket) => this.#accept(socket));
    this.#timer = setInterval(() => this.#announceLeader(), LEADER_INTERVAL_MS);
  }

  /** Listens on the socket of the node directory `base`. */
  static async start(cluster: FakeCluster, base: string): Promise<FakeDaemon> {
    const daemon = new FakeDaemon(cluster, base);
    await new Promise<void>((resolve, reject) => {
      daemon.#server.once("error", reject);
      daemon.#server.listen(join(base, "run/ctdbd.socket"), resolve);
    });
    return daemon;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    for (const { socket } of this.#connections) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    const connection = new Connection(socket);
    this.#connections.add(connection);
    const framer = new PacketFramer("close", {
      onPacket: (packet) => {
        this.#receive(connection, packet);
        return true;
      },
      onBroken: () => socket.destroy(),
    });
    socket.on("data", (bytes) => framer.push(bytes));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#connections.delete(connection));
  }

  #receive(connection: Connection, packet: Buffer): void {
    if (packetOperation(packet) === Operation.REQ_CONTROL) this.#control(connection, packet);
    else if (packetOperation(packet) === Operation.REQ_MESSAGE) this.#message(packet);
    else if (packetOperation(packet) === Operation.REQ_CALL) this.#call(connection, packet);
  }

  #call(connection: Connection, packet: Buffer): void {
    const answer = this.#cluster.databases?.find((db) => db.id === reqCallDbId(packet))?.calls;
    if (answer === undefined || answer === "no file") return;
    const writer = this.#writer;
    const client = packetSrcnode(packet);
    const reqid = packetReqid(packet);
    if (answer.reply === "call") writeReplyCall(writer, 0, client, this.#local, reqid, answer.status, Buffer.alloc(0));
    else writeReplyError(writer, 0, client, this.#local, reqid, answer.status, "the call failed");
    connection.socket.write(Buffer.from(writer.packet()));
  }

  #control(connection: Connection, packet: Buffer): void {
    const entry = controlByOpcode(reqControlOpcode(packet));
    const destnode = packetDestnode(packet);
    const pnn = destnode === Pnn.CURRENT_NODE ? this.#local : destnode;
    if (entry === undefined || entry.obsolete) {
      this.#reply(connection, packet, STATUS_FAILED);
      return;
    }
    const { name } = entry;
    const failure = this.#cluster.failures?.find((one) => one.control === name && (one.pnn ?? pnn) === pnn);
    if (failure?.how === "silence") return;
    if (failure !== undefined) this.#reply(connection, packet, Number(failure.how));
    else if (name === "REGISTER_SRVID") {
      connection.srvids.push(srvidFrom(reqControlSrvidHi(packet), reqControlSrvidLo(packet)));
      this.#reply(connection, packet, 0);
      this.#announceLeader();
    } else if (this.#nodes[pnn] === undefined) this.#reply(connection, packet, STATUS_FAILED);
    else this.#answer(connection, packet, name, pnn);
  }

  #answer<N extends ControlName>(connection: Connection, packet: Buffer, name: N, pnn: number): void {
    const handler: ((request: ControlRequest<N>, pnn: number) => Answer<N>) | undefined = this.#handlers[name];
    if (handler === undefined) {
      this.#reply(connection, packet, STATUS_FAILED);
      return;
    }
    const answer = handler(decodeControlRequest(name, reqControlData(packet)), pnn);
    if (typeof answer === "object" && answer !== null && "status" in answer) {
      this.#reply(connection, packet, Number(answer.status));
    } else if (controlsByName[name].replyInStatus) this.#reply(connection, packet, Number(answer));
    else this.#reply(connection, packet, 0, encodeControlReply<ControlName>(name, answer as ControlReply<ControlName>));
  }

  #reply(connection: Connection, packet: Buffer, status: number, data: Uint8Array = Buffer.alloc(0)): void {
    writeReplyControl(this.#writer, 0, packetSrcnode(packet), this.#local, packetReqid(packet), status, data, "");
    connection.socket.write(Buffer.from(this.#writer.packet()));
  }

  #deliver(srvid: bigint, data: Uint8Array): void {
    for (const { srvids, socket } of this.#connections) {
      for (const own of srvids) {
        if (own !== srvid) continue;
        writeReqMessage(this.#writer, 0, this.#local, this.#local, 0, srvidHigh(srvid), srvidLow(srvid), data);
        socket.write(Buffer.from(this.#writer.packet()));
      }
    }
  }

  #number(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value | 0);
    return bytes;
  }

  #announceLeader(): void {
    if (this.#cluster.leader !== undefined) this.#deliver(Srvid.LEADER, this.#number(this.#cluster.leader));
  }

  /** The messages that are answered: the leader ends a takeover run, every node agrees to be disabled. */
  #message(packet: Buffer): void {
    const srvid = srvidFrom(reqMessageSrvidHi(packet), reqMessageSrvidLo(packet));
    const data = reqMessageData(packet);
    if (srvid === Srvid.TAKEOVER_RUN) {
      if (this.#cluster.leader === undefined) return;
      this.#deliver(SrvidMessage.decode(data).srvid, this.#number(this.#cluster.leader));
    } else if (srvid === Srvid.DISABLE_RECOVERIES || srvid === Srvid.DISABLE_TAKEOVER_RUNS) {
      this.#deliver(DisableMessage.decode(data).srvid, this.#number(packetDestnode(packet)));
    }
  }

  #nodesList(pnn: number): { pnn: number; flags: number; addr: ReturnType<typeof sockAddr> }[] {
    const text = this.#cluster.nodesLists?.[pnn] ?? readFileSync(join(this.#base, "nodes"), "utf8");
    return parseNodesList(text, "nodes").map((node, index) => ({
      pnn: index,
      flags: node.deleted ? NodeFlag.DELETED : 0,
      addr: sockAddr(node.address),
    }));
  }

  #change(pnn: number, flag: number, set: boolean): undefined {
    const node = this.#nodes[pnn];
    if (node !== undefined) node.flags = set ? node.flags | flag : node.flags & ~flag;
    return undefined;
  }

  #publicIps(pnn: number): readonly FakePublicIp[] {
    return (this.#cluster.publicIps ?? []).filter((ip) => ip.knownTo?.includes(pnn) ?? true);
  }

  /** Makes the file if it is not there. */
  #fileOf({ name }: FakeDatabase): string {
    const path = join(this.#base, name);
    libtdbOpener.open({ path, flags: 0, create: true }).close();
    return path;
  }

  #makeHandlers(): Handlers {
    const { databases = [], interfaces = [] } = this.#cluster;
    const database = (id: number): FakeDatabase | undefined => databases.find((one) => one.id === id);
    const failed = { status: STATUS_FAILED };
    return {
      GET_PNN: () => this.#local,
      GET_NODEMAP: () => ({
        nodes: this.#nodes.map(({ address, flags }, pnn) => ({ pnn, flags, addr: sockAddr(address) })),
      }),
      GET_NODES_FILE: (_, pnn) => {
        const nodes = this.#nodesList(pnn);
        return nodes.length === 0 ? failed : { nodes };
      },
      RELOAD_NODES_FILE: () => {
        const listed = this.#nodesList(this.#local);
        this.#nodes = listed.map(({ addr, flags }, pnn) => ({
          address: addr.address,
          flags: flags | ((this.#nodes[pnn]?.flags ?? 0) & ~NodeFlag.DELETED),
          capabilities: this.#nodes[pnn]?.capabilities ?? ALL_CAPABILITIES,
        }));
        return undefined;
      },
      GET_RUNSTATE: () => this.#cluster.runState ?? RunState.RUNNING,
      GETVNNMAP: () => ({ generation: this.#generation, map: [...(this.#cluster.vnnMap?.map ?? [])] }),
      GET_RECMODE: () => this.#cluster.recoveryMode ?? 0,
      SET_RECMODE: (mode) => {
        if (mode === 1) this.#generation += NEXT_GENERATION_STEP;
        return undefined;
      },
      GET_CAPABILITIES: (_, pnn) => this.#nodes[pnn]?.capabilities ?? failed,
      GET_RECLOCK_FILE: () => this.#cluster.clusterLock ?? null,
      GET_IFACES: () => ({ ifaces: [...interfaces] }),
      SET_IFACE_LINK_STATE: () => undefined,
      GET_PUBLIC_IPS: (_, pnn) => ({
        ips: this.#publicIps(pnn).map((ip) => ({ pnn: ip.pnn >>> 0, addr: sockAddr(ip.address) })),
      }),
      GET_PUBLIC_IP_INFO: (addr, pnn) => {
        const ip = this.#publicIps(pnn).find((one) => one.address === addr.address);
        if (ip === undefined) return failed;
        return {
          ip: { pnn: ip.pnn >>> 0, addr: sockAddr(ip.address) },
          activeIdx: ip.pnn === pnn ? 0 : 0xffff_ffff,
          ifaces: [...interfaces],
        };
      },
      GET_DBMAP: () => ({ dbs: databases.map((db) => ({ dbId: db.id, flags: db.flags ?? 0 })) }),
      GET_DBNAME: (id) => database(id)?.name ?? failed,
      GETDBPATH: (id) => {
        const db = database(id);
        if (db === undefined) return failed;
        return db.calls === undefined || db.calls === "no file" ? `/var/lib/ctdb/${db.name}` : this.#fileOf(db);
      },
      DB_ATTACH: (name) => databases.find((one) => one.name === name && one.calls !== undefined)?.id ?? failed,
      DB_OPEN_FLAGS: () => 0,
      DB_GET_HEALTH: (id) => database(id)?.unhealthy ?? null,
      GET_DB_SEQNUM: (id) => database(id)?.sequenceNumber ?? 0,
      PING: () => this.#connections.size,
      DISABLE_NODE: (_, pnn) => this.#change(pnn, NodeFlag.PERMANENTLY_DISABLED, true),
      ENABLE_NODE: (_, pnn) => this.#change(pnn, NodeFlag.PERMANENTLY_DISABLED, false),
      STOP_NODE: (_, pnn) => this.#change(pnn, NodeFlag.STOPPED, true),
      CONTINUE_NODE: (_, pnn) => this.#change(pnn, NodeFlag.STOPPED, false),
      SET_BAN_STATE: ({ time }, pnn) => this.#change(pnn, NodeFlag.BANNED, time !== 0),
      SET_LMASTERROLE: () => undefined,
      SET_RECMASTERROLE: () => undefined,
      GET_DEBUG: () => 3,
      SET_DEBUG: () => undefined,
      SHUTDOWN: () => {
        for (const { socket } of this.#connections) socket.destroy();
        return undefined;
      },
      RELOAD_PUBLIC_IPS: () => undefined,
      DEREGISTER_SRVID: () => undefined,
    };
  }
}
