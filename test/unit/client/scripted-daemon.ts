// A daemon in memory that answers as a test tells it, and the transport that leads to it. Bytes arrive in later microtasks, as
// from a socket; `splitAt` cuts the daemon's output anywhere.
import type { ClientTransport, StreamConnection, StreamHandlers } from "../../../src/client/transport.js";
import {
  Control,
  type ControlName,
  type ControlReply,
  controlsByName,
  decodePacket,
  encodeControlReply,
  encodePacket,
  type Packet,
  type ReqCallPacket,
  type ReqControlPacket,
  type ReqMessagePacket,
} from "../../../src/protocol/index.js";
import { PacketFramer } from "../../../src/transport/packet-framer.js";

const NONE = new Uint8Array(0);
const header = (reqid: number) => ({ generation: 1, destnode: 0, srcnode: 0, reqid });

export class ScriptedConnection implements StreamConnection {
  readonly received: Packet[] = [];
  queuedBytes = 0;
  readingPaused = false;
  closedByClient = false;
  private open = true;
  private readonly held: Buffer[] = [];
  private readonly framer = new PacketFramer("close", {
    onPacket: (packet) => {
      this.received.push(decodePacket(packet));
      const last = this.received[this.received.length - 1];
      if (last !== undefined) this.daemon.handle(this, last);
      return this.open;
    },
    onBroken: (reason) => {
      throw new Error(`the client sent what is no packet: ${reason}`);
    },
  });

  constructor(
    private readonly daemon: ScriptedDaemon,
    private readonly handlers: StreamHandlers,
  ) {}

  // The client's side of the stream.

  write(bytes: Uint8Array): void {
    const copy = Buffer.from(bytes);
    queueMicrotask(() => {
      if (this.open) this.framer.push(copy);
    });
  }

  pauseReading(paused: boolean): void {
    this.readingPaused = paused;
    while (!this.readingPaused && this.open) {
      const bytes = this.held.shift();
      if (bytes === undefined) return;
      this.handlers.onData(bytes);
    }
  }

  destroy(): void {
    this.closedByClient = this.open;
    this.open = false;
  }

  // The daemon's side.

  /** Bytes to the client; with `splitAt` in two pieces. */
  send(bytes: Buffer, splitAt?: number): void {
    const pieces = splitAt === undefined ? [bytes] : [bytes.subarray(0, splitAt), bytes.subarray(splitAt)];
    for (const piece of pieces) {
      if (!this.open) return;
      if (this.readingPaused) this.held.push(Buffer.from(piece));
      else this.handlers.onData(Buffer.from(piece));
    }
  }

  reply(request: ReqControlPacket, status: number, data: Uint8Array = NONE, errorText = ""): void {
    this.send(encodePacket({ type: "REPLY_CONTROL", header: header(request.header.reqid), status, data, errorText }));
  }

  replyTo<N extends ControlName>(request: ReqControlPacket, name: N, value: ControlReply<N>): void {
    this.reply(request, 0, encodeControlReply(name, value));
  }

  replyCall(request: ReqCallPacket, status = 0, data: Uint8Array = NONE): void {
    this.send(encodePacket({ type: "REPLY_CALL", header: header(request.header.reqid), status, data }));
  }

  message(srvid: bigint, data: Uint8Array): void {
    this.send(encodePacket({ type: "REQ_MESSAGE", header: header(0), srvid, data }));
  }

  tunnel(tunnelId: bigint, flags: number, data: Uint8Array): void {
    this.send(encodePacket({ type: "REQ_TUNNEL", header: header(0), tunnelId, flags, data }));
  }

  drain(): void {
    this.queuedBytes = 0;
    this.handlers.onDrain?.();
  }

  /** The daemon goes away. */
  end(reason = "EOF"): void {
    if (!this.open) return;
    this.open = false;
    this.handlers.onClose(reason);
  }

  controls(name: ControlName): ReqControlPacket[] {
    return this.received.filter(
      (packet): packet is ReqControlPacket =>
        packet.type === "REQ_CONTROL" && packet.opcode === controlsByName[name].opcode,
    );
  }

  get calls(): ReqCallPacket[] {
    return this.received.filter((packet): packet is ReqCallPacket => packet.type === "REQ_CALL");
  }

  get messages(): ReqMessagePacket[] {
    return this.received.filter((packet): packet is ReqMessagePacket => packet.type === "REQ_MESSAGE");
  }
}

type ControlScript = (connection: ScriptedConnection, request: ReqControlPacket) => void;

export class ScriptedDaemon implements ClientTransport {
  readonly target = "a scripted daemon";
  readonly connections: ScriptedConnection[] = [];
  pnn = 0;
  /** Refuse that many connections. */
  refusals = 0;
  onCall: (connection: ScriptedConnection, request: ReqCallPacket) => void = () => {};
  onMessage: (connection: ScriptedConnection, request: ReqMessagePacket) => void = () => {};
  onTunnel: (connection: ScriptedConnection, packet: Packet) => void = () => {};
  private readonly scripts = new Map<number, ControlScript>();

  constructor() {
    this.on("GET_PNN", (connection, request) => connection.reply(request, this.pnn));
    for (const name of ["REGISTER_SRVID", "DEREGISTER_SRVID", "TUNNEL_REGISTER", "TUNNEL_DEREGISTER"] as const) {
      this.on(name, (connection, request) => connection.reply(request, 0));
    }
  }

  /** What to do with a control; the default is not to answer. */
  on(name: keyof typeof Control, script: ControlScript): void {
    this.scripts.set(Control[name], script);
  }

  get connection(): ScriptedConnection {
    const last = this.connections[this.connections.length - 1];
    if (last === undefined) throw new Error("nobody has connected");
    return last;
  }

  async connect(handlers: StreamHandlers): Promise<StreamConnection> {
    if (this.refusals > 0) {
      this.refusals -= 1;
      throw new Error("refused");
    }
    const connection = new ScriptedConnection(this, handlers);
    this.connections.push(connection);
    return connection;
  }

  handle(connection: ScriptedConnection, packet: Packet): void {
    if (packet.type === "REQ_CONTROL") this.scripts.get(packet.opcode)?.(connection, packet);
    else if (packet.type === "REQ_CALL") this.onCall(connection, packet);
    else if (packet.type === "REQ_MESSAGE") this.onMessage(connection, packet);
    else if (packet.type === "REQ_TUNNEL") this.onTunnel(connection, packet);
  }

  /** Answers everything that an attach of one database asks. */
  offerDatabase(name: string, dbId: number, path: string, flags = 0, tdbFlags = 0): void {
    const attach =
      (flags & 1) !== 0 ? "DB_ATTACH_PERSISTENT" : (flags & 8) !== 0 ? "DB_ATTACH_REPLICATED" : "DB_ATTACH";
    this.on(attach, (connection, request) =>
      Buffer.from(request.data).toString() === `${name}\0`
        ? connection.replyTo(request, attach, dbId)
        : connection.reply(request, -1),
    );
    this.on("GETDBPATH", (connection, request) => connection.replyTo(request, "GETDBPATH", path));
    this.on("DB_GET_HEALTH", (connection, request) => connection.reply(request, 0));
    this.on("GET_DBMAP", (connection, request) => connection.replyTo(request, "GET_DBMAP", { dbs: [{ dbId, flags }] }));
    this.on("DB_OPEN_FLAGS", (connection, request) => connection.replyTo(request, "DB_OPEN_FLAGS", tdbFlags));
  }
}

/** Lets everything that is ready happen. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
