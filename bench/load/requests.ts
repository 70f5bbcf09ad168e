// Blocking request and reply on one client of a set, for the preparation of a benchmark (attach, registrations, queries).
import {
  Control,
  type ControlName,
  type ControlReply,
  type ControlRequest,
  decodeControlReply,
  encodeControlRequest,
  Operation,
  PacketWriter,
  Pnn,
  packetOperation,
  packetReqid,
  replyControlData,
  replyControlErrorText,
  replyControlStatus,
  srvidHigh,
  srvidLow,
  writeReqControl,
} from "../../src/protocol/index.js";
import type { ClientSet } from "./client-set.js";

const REQID = 0x7000_0001;
const TIMEOUT_MS = 30_000;
const writer = new PacketWriter();

function exchange(clients: ClientSet, client: number, name: ControlName, payload: Uint8Array, srvid: bigint): Buffer {
  const opcode: number = Control[name];
  writeReqControl(writer, 0, Pnn.CURRENT_NODE, 0, REQID, opcode, srvidHigh(srvid), srvidLow(srvid), 0, 0, payload);
  clients.send(client, writer.bytes, writer.length);
  let reply: Buffer | undefined;
  const deadline = performance.now() + TIMEOUT_MS;
  while (reply === undefined) {
    clients.poll(1000, (from, bytes, offset, length) => {
      const packet = bytes.subarray(offset, offset + length);
      if (from !== client || packetOperation(packet) !== Operation.REPLY_CONTROL) return;
      if (packetReqid(packet) === REQID) reply = Buffer.from(packet);
    });
    if (performance.now() > deadline) throw new Error(`no answer to ${name} within ${TIMEOUT_MS} ms`);
  }
  return reply;
}

/** Sends a control to the client's own node and waits for the reply. Other packets that arrive meanwhile are dropped. */
export function request<N extends ControlName>(
  clients: ClientSet,
  client: number,
  name: N,
  value: ControlRequest<N>,
  srvid = 0n,
): ControlReply<N> {
  const reply = exchange(clients, client, name, encodeControlRequest(name, value), srvid);
  const status = replyControlStatus(reply);
  if (status !== 0) throw new Error(`${name}: status ${status} ${replyControlErrorText(reply)}`);
  return decodeControlReply(name, replyControlData(reply));
}

/** As `request`, for a control that answers in the status of its reply. */
export function requestStatus(clients: ClientSet, client: number, name: "PING" | "GET_RECMODE" | "GET_PNN"): number {
  return replyControlStatus(exchange(clients, client, name, Buffer.alloc(0), 0n));
}
