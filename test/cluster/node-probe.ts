// A small client of one node's unix socket, independent of the client library, with which tests look at a daemon from outside.
import { createConnection, type Socket } from "node:net";
import {
  asBuffer,
  CallFlag,
  CallId,
  Control,
  type ControlName,
  type ControlReply,
  type ControlRequest,
  checkPacket,
  decodeControlReply,
  encodeControlRequest,
  Operation,
  PacketWriter,
  Pnn,
  packetOperation,
  packetReqid,
  replyCallData,
  replyControlData,
  replyControlErrorText,
  replyControlStatus,
  reqMessageData,
  reqMessageSrvid,
  srvidHigh,
  srvidLow,
  writeReqCall,
  writeReqControl,
  writeReqMessage,
} from "../../src/protocol/index.js";

const DEFAULT_TIMEOUT_MS = 60_000;

/** The node answered a control with a failure. */
export class ProbeControlError extends Error {
  override readonly name = "ProbeControlError";
  constructor(
    readonly control: string,
    readonly status: number,
    text: string,
  ) {
    super(`${control}: status ${status}${text === "" ? "" : `, ${text}`}`);
  }
}

/** The connection is gone, or the answer did not come in time. */
export class ProbeLostError extends Error {
  override readonly name = "ProbeLostError";
}

interface Pending {
  resolve(packet: Buffer): void;
  reject(error: Error): void;
  readonly timer: NodeJS.Timeout;
}

export interface ProbeControlOptions {
  /** Destination; the node itself if left out. */
  readonly pnn?: number;
  readonly timeoutMs?: number;
  readonly srvid?: bigint;
}

export class NodeProbe {
  private readonly pending = new Map<number, Pending>();
  private readonly handlers = new Map<bigint, (data: Buffer) => void>();
  private readonly writer = new PacketWriter();
  private nextReqid = 1;
  private rest: Buffer = Buffer.alloc(0);
  private lost: Error | undefined;
  /** Settles when the connection ends. */
  readonly closed: Promise<void>;

  private constructor(private readonly socket: Socket) {
    socket.on("data", (bytes: Buffer) => this.receive(bytes));
    socket.on("error", (error) => this.fail(error.message));
    this.closed = new Promise((resolve) =>
      socket.on("close", () => {
        this.fail("the daemon closed the connection");
        resolve();
      }),
    );
  }

  /** Connects to a daemon's socket. Throws the system's error when nobody listens. */
  static open(socketPath: string): Promise<NodeProbe> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(socketPath);
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.removeListener("error", reject);
        resolve(new NodeProbe(socket));
      });
    });
  }

  /** Sends a control and decodes its reply. Throws ProbeControlError, ProbeLostError. */
  async control<N extends ControlName>(
    name: N,
    request: ControlRequest<N>,
    options: ProbeControlOptions = {},
  ): Promise<ControlReply<N>> {
    const reply = await this.exchangeControl(name, encodeControlRequest(name, request), options);
    const status = replyControlStatus(reply);
    if (status !== 0) throw new ProbeControlError(name, status, replyControlErrorText(reply));
    return decodeControlReply(name, replyControlData(reply));
  }

  /** Sends a control that answers in the status of its reply. Throws ProbeLostError. */
  async statusOf(
    name: "PING" | "GET_PNN" | "GET_PID" | "GET_RECMODE",
    options: ProbeControlOptions = {},
  ): Promise<number> {
    return replyControlStatus(await this.exchangeControl(name, Buffer.alloc(0), options));
  }

  private exchangeControl(name: ControlName, payload: Uint8Array, options: ProbeControlOptions): Promise<Buffer> {
    const srvid = options.srvid ?? 0n;
    const reqid = this.takeReqid();
    const opcode: number = Control[name];
    const destination = options.pnn ?? Pnn.CURRENT_NODE;
    writeReqControl(this.writer, 0, destination, 0, reqid, opcode, srvidHigh(srvid), srvidLow(srvid), 0, 0, payload);
    return this.exchange(reqid, name, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  }

  /** Calls `handler` for each message to `srvid`, which is registered at the node first. */
  async onMessage(srvid: bigint, handler: (data: Buffer) => void): Promise<void> {
    this.handlers.set(srvid, handler);
    await this.control("REGISTER_SRVID", undefined, { srvid });
  }

  sendMessage(pnn: number, srvid: bigint, data: Uint8Array): void {
    writeReqMessage(this.writer, 0, pnn, 0, 0, srvidHigh(srvid), srvidLow(srvid), data);
    this.send();
  }

  /** REQ_CALL. `migrate` asks for the record to come here, `readOnlyCopy` for a copy of it; the reply is the record's value without its header. */
  async call(
    dbId: number,
    key: Uint8Array,
    options: { readonly migrate: boolean; readonly readOnlyCopy?: boolean; readonly timeoutMs?: number },
  ): Promise<Buffer> {
    const reqid = this.takeReqid();
    const wanted = options.readOnlyCopy === true ? CallFlag.WANT_READONLY : 0;
    const flags = options.migrate ? CallFlag.IMMEDIATE_MIGRATION : wanted;
    const callId = options.migrate ? CallId.NULL : CallId.FETCH;
    writeReqCall(this.writer, 0, Pnn.CURRENT_NODE, 0, reqid, flags, dbId, callId, 0, key, Buffer.alloc(0));
    return replyCallData(await this.exchange(reqid, "REQ_CALL", options.timeoutMs ?? DEFAULT_TIMEOUT_MS));
  }

  close(): void {
    this.fail("closed here");
    this.socket.destroy();
  }

  private takeReqid(): number {
    const reqid = this.nextReqid++;
    if (this.nextReqid > 0x7fff_0000) this.nextReqid = 1;
    return reqid;
  }

  private send(): void {
    this.socket.write(Buffer.from(this.writer.packet()));
  }

  private exchange(reqid: number, what: string, timeoutMs: number): Promise<Buffer> {
    if (this.lost !== undefined) return Promise.reject(this.lost);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.pending.delete(reqid);
        reject(new ProbeLostError(`no answer to ${what} within ${timeoutMs} ms`));
      }, timeoutMs);
      this.pending.set(reqid, { resolve, reject, timer });
      this.send();
    });
  }

  private receive(bytes: Buffer): void {
    let input: Buffer = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    while (input.length >= 4) {
      const length = input.readUInt32LE(0);
      if (length < 32) {
        this.fail(`the daemon sent a packet of ${length} bytes`);
        this.socket.destroy();
        return;
      }
      if (input.length < length) break;
      this.deliver(input.subarray(0, length));
      input = input.subarray(length);
    }
    this.rest = Buffer.from(input);
  }

  private deliver(packet: Buffer): void {
    checkPacket(packet);
    if (packetOperation(packet) === Operation.REQ_MESSAGE) {
      this.handlers.get(reqMessageSrvid(packet))?.(Buffer.from(reqMessageData(packet)));
      return;
    }
    const pending = this.pending.get(packetReqid(packet));
    if (pending === undefined) return;
    this.pending.delete(packetReqid(packet));
    clearTimeout(pending.timer);
    pending.resolve(asBuffer(Uint8Array.from(packet)));
  }

  private fail(reason: string): void {
    if (this.lost !== undefined) return;
    this.lost = new ProbeLostError(reason);
    for (const pending of this.pending.values()) {
      clearTimeout(pending.timer);
      pending.reject(this.lost);
    }
    this.pending.clear();
  }
}
