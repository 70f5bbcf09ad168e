// A packet in a few words, for traces and the debug log: "REQ_CALL gen 7 id 12 db 0x1234abcd hops 1 flags 0x1 key x". Called for
// every packet that a simulated process writes, and for those that come in at log level DEBUG.
import {
  controlName,
  Operation,
  packetDestnode,
  packetGeneration,
  packetLength,
  packetOperation,
  packetReqid,
  packetSrcnode,
  replyCallDataLength,
  replyCallStatus,
  replyControlDataLength,
  replyControlErrorLength,
  replyControlErrorText,
  replyControlStatus,
  replyDmasterDataLength,
  replyDmasterDbId,
  replyDmasterKey,
  replyDmasterRecordFlags,
  replyDmasterRsn,
  replyErrorMessage,
  replyErrorStatus,
  reqCallCallId,
  reqCallDbId,
  reqCallFlags,
  reqCallHopcount,
  reqCallKey,
  reqControlDataLength,
  reqControlFlags,
  reqControlOpcode,
  reqControlSrvid,
  reqDmasterDataLength,
  reqDmasterDbId,
  reqDmasterDmaster,
  reqDmasterKey,
  reqDmasterRecordFlags,
  reqDmasterRsn,
  reqMessageDataLength,
  reqMessageSrvidHi,
  reqMessageSrvidLo,
  reqTunnelDataLength,
  reqTunnelTunnelId,
  srvidFrom,
  srvidName,
} from "../protocol/index.js";

const OPERATION_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(Operation).map(([name, value]) => [value, name]),
);
/** Names that were looked up, by their numbers: packets of one kind come again and again. */
const srvidNames = new Map<number, Map<number, string>>();
const SRVID_NAMES_MAX = 4096;
const KEY_BYTES_MAX = 32;

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** Printable keys as they are, others in hex. */
function keyText(key: Buffer): string {
  const end = key.length > 1 && key[key.length - 1] === 0 ? key.length - 1 : key.length;
  const shown = Math.min(end, KEY_BYTES_MAX);
  for (let index = 0; index < shown; index++) {
    const code = key[index] ?? 0;
    if (code < 0x21 || code > 0x7e) return `0x${key.toString("hex", 0, shown)}`;
  }
  return key.toString("latin1", 0, shown);
}

function messageName(high: number, low: number): string {
  const ofHigh = srvidNames.get(high) ?? new Map<number, string>();
  const known = ofHigh.get(low);
  if (known !== undefined) return known;
  const name = srvidName(srvidFrom(high, low));
  if (srvidNames.size < SRVID_NAMES_MAX && ofHigh.size < SRVID_NAMES_MAX) {
    srvidNames.set(high, ofHigh);
    ofHigh.set(low, name);
  }
  return name;
}

/** `bytes` is one whole packet that was checked, or one of our own. */
export function packetSummary(bytes: Uint8Array): string {
  const p = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const operation = packetOperation(p);
  const name = OPERATION_NAMES.get(operation) ?? `operation ${operation}`;
  return `${name} ${packetSrcnode(p)}>${shortPnn(packetDestnode(p))} #${packetReqid(p)} ${details(operation, p)}`;
}

function shortPnn(pnn: number): string {
  return pnn < 0x8000_0000 ? String(pnn) : hex(pnn);
}

function details(operation: number, p: Buffer): string {
  switch (operation) {
    case Operation.REQ_CALL:
      return `gen ${hex(packetGeneration(p))} db ${hex(reqCallDbId(p))} ${keyText(reqCallKey(p))} call ${reqCallCallId(p)} flags ${hex(reqCallFlags(p))} hops ${reqCallHopcount(p)}`;
    case Operation.REPLY_CALL:
      return `status ${replyCallStatus(p)} ${replyCallDataLength(p)} bytes`;
    case Operation.REQ_DMASTER:
      return `gen ${hex(packetGeneration(p))} db ${hex(reqDmasterDbId(p))} ${keyText(reqDmasterKey(p))} rsn ${reqDmasterRsn(p)} to ${reqDmasterDmaster(p)} flags ${hex(reqDmasterRecordFlags(p))} ${reqDmasterDataLength(p)} bytes`;
    case Operation.REPLY_DMASTER:
      return `gen ${hex(packetGeneration(p))} db ${hex(replyDmasterDbId(p))} ${keyText(replyDmasterKey(p))} rsn ${replyDmasterRsn(p)} flags ${hex(replyDmasterRecordFlags(p))} ${replyDmasterDataLength(p)} bytes`;
    case Operation.REPLY_ERROR:
      return `status ${replyErrorStatus(p)} ${replyErrorMessage(p)}`;
    case Operation.REQ_MESSAGE:
      return `${messageName(reqMessageSrvidHi(p), reqMessageSrvidLo(p))} ${reqMessageDataLength(p)} bytes`;
    case Operation.REQ_CONTROL: {
      const srvid = reqControlSrvid(p);
      const flags = reqControlFlags(p);
      return `${controlName(reqControlOpcode(p))}${srvid === 0n ? "" : ` srvid ${hexSrvid(srvid)}`}${flags === 0 ? "" : ` flags ${hex(flags)}`} ${reqControlDataLength(p)} bytes`;
    }
    case Operation.REPLY_CONTROL:
      return `status ${replyControlStatus(p)} ${replyControlDataLength(p)} bytes${replyControlErrorLength(p) === 0 ? "" : ` "${replyControlErrorText(p)}"`}`;
    case Operation.REQ_TUNNEL:
      return `tunnel ${hexSrvid(reqTunnelTunnelId(p))} ${reqTunnelDataLength(p)} bytes`;
    default:
      return `${packetLength(p)} bytes`;
  }
}

function hexSrvid(srvid: bigint): string {
  return `0x${srvid.toString(16)}`;
}
