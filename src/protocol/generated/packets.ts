// Generated from src/protocol/schema by `npm run generate`. Do not edit.
// Hot packets: `checkXxx` first, then the accessors read inside the packet only. A packet is a Buffer that is exactly the packet.
import { PACKET_MAGIC, PROTOCOL_VERSION } from "./constants.js";
import { readU32, writeU32 } from "../little-endian.js";
import { failInnerLength, failTooShort, failUnknownOperation, failUnsafe } from "../packet-failures.js";
import { PacketWriter } from "../packet-writer.js";
import { readSafe64, writeSafe64 } from "../record-header.js";
import { srvidFrom, srvidHigh, srvidLow } from "../srvid.js";

/** header length: whole packet with its padding. */
export function packetLength(p: Buffer): number {
  return readU32(p, 0);
}

/** header magic: 0x43544442; the bytes on the wire read BDTC. */
export function packetMagic(p: Buffer): number {
  return readU32(p, 4);
}

/** header version: 1, never changed. */
export function packetVersion(p: Buffer): number {
  return readU32(p, 8);
}

/** header generation: generation of the database in calls, of the VNN map elsewhere. */
export function packetGeneration(p: Buffer): number {
  return readU32(p, 12);
}

/** Changes header generation in place. */
export function setPacketGeneration(p: Buffer, value: number): void {
  writeU32(p, 12, value);
}

/** header operation: packet type. */
export function packetOperation(p: Buffer): number {
  return readU32(p, 16);
}

/** header destnode: pnn or one of the special addresses. */
export function packetDestnode(p: Buffer): number {
  return readU32(p, 20);
}

/** Changes header destnode in place. */
export function setPacketDestnode(p: Buffer, value: number): void {
  writeU32(p, 20, value);
}

/** header srcnode: pnn of the sender; of the first requester in a redirected REQ_CALL. */
export function packetSrcnode(p: Buffer): number {
  return readU32(p, 24);
}

/** Changes header srcnode in place. */
export function setPacketSrcnode(p: Buffer, value: number): void {
  writeU32(p, 24, value);
}

/** header reqid: chosen by the requester, carried back by the reply; 0 if none is expected. */
export function packetReqid(p: Buffer): number {
  return readU32(p, 28);
}

/** Changes header reqid in place. */
export function setPacketReqid(p: Buffer, value: number): void {
  writeU32(p, 28, value);
}

function textSize(text: string | Uint8Array): number {
  return typeof text === "string" ? Buffer.byteLength(text) : text.length;
}

function writeText(b: Buffer, text: string | Uint8Array, at: number): void {
  if (typeof text === "string") b.write(text, at);
  else b.set(text, at);
}

/** set() costs more than it copies where there is nothing to copy. */
function writeBytes(b: Buffer, bytes: Uint8Array, at: number): void {
  if (bytes.length > 0) b.set(bytes, at);
}

function writeHeader(
  v: DataView,
  length: number,
  operation: number,
  generation: number,
  destnode: number,
  srcnode: number,
  reqid: number,
): void {
  v.setUint32(0, length, true);
  v.setUint32(4, PACKET_MAGIC, true);
  v.setUint32(8, PROTOCOL_VERSION, true);
  v.setUint32(12, generation, true);
  v.setUint32(16, operation, true);
  v.setUint32(20, destnode, true);
  v.setUint32(24, srcnode, true);
  v.setUint32(28, reqid, true);
}

// REQ_CALL (0)

/** Asks for a record. A client asks its own node; a node that is not dmaster of the record redirects the packet (destnode and hopcount change, srcnode and reqid stay); the dmaster answers a node by migrating the record to it. (node to node, client to ctdbd.) Throws ProtocolError if the fields or the parts do not fit into the packet. */
export function checkReqCall(p: Buffer): void {
  if (p.length < 56) failTooShort("REQ_CALL", 56, p.length);
  const end = 56 + readU32(p, 48) + readU32(p, 52);
  if (end > p.length) failInnerLength("REQ_CALL keyLength + callDataLength", 48, end, p.length);
}

/** REQ_CALL flags: call flags. */
export function reqCallFlags(p: Buffer): number {
  return readU32(p, 32);
}

/** Changes REQ_CALL flags in place. */
export function setReqCallFlags(p: Buffer, value: number): void {
  writeU32(p, 32, value);
}

/** REQ_CALL dbId. */
export function reqCallDbId(p: Buffer): number {
  return readU32(p, 36);
}

/** REQ_CALL callId: which call: NULL, FETCH, FETCH_WITH_HEADER. */
export function reqCallCallId(p: Buffer): number {
  return readU32(p, 40);
}

/** Changes REQ_CALL callId in place. */
export function setReqCallCallId(p: Buffer, value: number): void {
  writeU32(p, 40, value);
}

/** REQ_CALL hopcount: 0 from clients, one more for each redirect. */
export function reqCallHopcount(p: Buffer): number {
  return readU32(p, 44);
}

/** Changes REQ_CALL hopcount in place. */
export function setReqCallHopcount(p: Buffer, value: number): void {
  writeU32(p, 44, value);
}

/** REQ_CALL keyLength. */
export function reqCallKeyLength(p: Buffer): number {
  return readU32(p, 48);
}

/** REQ_CALL callDataLength. */
export function reqCallCallDataLength(p: Buffer): number {
  return readU32(p, 52);
}

/** View of REQ_CALL key. */
export function reqCallKey(p: Buffer): Buffer {
  const start = 56;
  return p.subarray(start, start + readU32(p, 48));
}

/** View of REQ_CALL callData. */
export function reqCallCallData(p: Buffer): Buffer {
  const start = 56 + readU32(p, 48);
  return p.subarray(start, start + readU32(p, 52));
}

/** Writes a whole REQ_CALL into `w`, padded to 8 bytes. */
export function writeReqCall(
  w: PacketWriter,
  generation: number,
  destnode: number,
  srcnode: number,
  reqid: number,
  flags: number,
  dbId: number,
  callId: number,
  hopcount: number,
  key: Uint8Array,
  callData: Uint8Array,
): void {
  const keySize = key.length;
  const callDataSize = callData.length;
  const b = w.begin(56 + keySize + callDataSize);
  const v = w.view;
  writeHeader(v, w.length, 0, generation, destnode, srcnode, reqid);
  v.setUint32(32, flags, true);
  v.setUint32(36, dbId, true);
  v.setUint32(40, callId, true);
  v.setUint32(44, hopcount, true);
  v.setUint32(48, keySize, true);
  v.setUint32(52, callDataSize, true);
  writeBytes(b, key, 56);
  writeBytes(b, callData, 56 + keySize);
}

// REPLY_CALL (1)

/** Result of a call: record data for FETCH, 24-byte record header and data for FETCH_WITH_HEADER, nothing for NULL. No data at all means that there is no such record. Between nodes only for read-only delegations. (node to node, ctdbd to client.) Throws ProtocolError if the fields or the parts do not fit into the packet. */
export function checkReplyCall(p: Buffer): void {
  if (p.length < 40) failTooShort("REPLY_CALL", 40, p.length);
  const end = 40 + readU32(p, 36);
  if (end > p.length) failInnerLength("REPLY_CALL dataLength", 36, end, p.length);
}

/** REPLY_CALL status. */
export function replyCallStatus(p: Buffer): number {
  return p.readInt32LE(32);
}

/** REPLY_CALL dataLength. */
export function replyCallDataLength(p: Buffer): number {
  return readU32(p, 36);
}

/** View of REPLY_CALL data. */
export function replyCallData(p: Buffer): Buffer {
  const start = 40;
  return p.subarray(start, start + readU32(p, 36));
}

/** Writes a whole REPLY_CALL into `w`, padded to 8 bytes. */
export function writeReplyCall(
  w: PacketWriter,
  generation: number,
  destnode: number,
  srcnode: number,
  reqid: number,
  status: number,
  data: Uint8Array,
): void {
  const dataSize = data.length;
  const b = w.begin(40 + dataSize);
  const v = w.view;
  writeHeader(v, w.length, 1, generation, destnode, srcnode, reqid);
  v.setInt32(32, status, true);
  v.setUint32(36, dataSize, true);
  writeBytes(b, data, 40);
}

// REQ_DMASTER (2)

/** The dmaster of a record asks its lmaster to make another node the dmaster. reqid is that of the REQ_CALL of the new dmaster. (node to node.) Throws ProtocolError if the fields or the parts do not fit into the packet. */
export function checkReqDmaster(p: Buffer): void {
  if (p.length < 60) failTooShort("REQ_DMASTER", 60, p.length);
  const end = 60 + readU32(p, 52) + readU32(p, 56);
  if (end > p.length) failInnerLength("REQ_DMASTER keyLength + dataLength", 52, end, p.length);
  if (readU32(p, 44) > 0x1fffff) failUnsafe("REQ_DMASTER rsn", 40);
}

/** REQ_DMASTER dbId. */
export function reqDmasterDbId(p: Buffer): number {
  return readU32(p, 32);
}

/** REQ_DMASTER rsn. */
export function reqDmasterRsn(p: Buffer): number {
  return readSafe64(p, 40, "REQ_DMASTER rsn");
}

/** REQ_DMASTER dmaster: pnn of the node that shall become dmaster. */
export function reqDmasterDmaster(p: Buffer): number {
  return readU32(p, 48);
}

/** REQ_DMASTER keyLength. */
export function reqDmasterKeyLength(p: Buffer): number {
  return readU32(p, 52);
}

/** REQ_DMASTER dataLength. */
export function reqDmasterDataLength(p: Buffer): number {
  return readU32(p, 56);
}

/** View of REQ_DMASTER key. */
export function reqDmasterKey(p: Buffer): Buffer {
  const start = 60;
  return p.subarray(start, start + readU32(p, 52));
}

/** View of REQ_DMASTER data, without record header. */
export function reqDmasterData(p: Buffer): Buffer {
  const start = 60 + readU32(p, 52);
  return p.subarray(start, start + readU32(p, 56));
}

/** REQ_DMASTER recordFlags: record flags, unaligned, counted by no length; 0 if the packet ends before it. */
export function reqDmasterRecordFlags(p: Buffer): number {
  const at = 60 + readU32(p, 52) + readU32(p, 56);
  return at + 4 > p.length ? 0 : readU32(p, at);
}

/** Writes a whole REQ_DMASTER into `w`, padded to 8 bytes. */
export function writeReqDmaster(
  w: PacketWriter,
  generation: number,
  destnode: number,
  srcnode: number,
  reqid: number,
  dbId: number,
  rsn: number,
  dmaster: number,
  key: Uint8Array,
  data: Uint8Array,
  recordFlags: number,
): void {
  const keySize = key.length;
  const dataSize = data.length;
  const b = w.begin(60 + keySize + dataSize + 4);
  const v = w.view;
  writeHeader(v, w.length, 2, generation, destnode, srcnode, reqid);
  v.setUint32(32, dbId, true);
  v.setUint32(36, 0, true);
  writeSafe64(b, 40, rsn);
  v.setUint32(48, dmaster, true);
  v.setUint32(52, keySize, true);
  v.setUint32(56, dataSize, true);
  writeBytes(b, key, 60);
  writeBytes(b, data, 60 + keySize);
  v.setUint32(60 + keySize + dataSize, recordFlags, true);
}

// REPLY_DMASTER (3)

/** The lmaster (or the dmaster, if it is the lmaster) gives a record to its new dmaster. reqid is that of the REQ_CALL. (node to node.) Throws ProtocolError if the fields or the parts do not fit into the packet. */
export function checkReplyDmaster(p: Buffer): void {
  if (p.length < 56) failTooShort("REPLY_DMASTER", 56, p.length);
  const end = 56 + readU32(p, 48) + readU32(p, 52);
  if (end > p.length) failInnerLength("REPLY_DMASTER keyLength + dataLength", 48, end, p.length);
  if (readU32(p, 44) > 0x1fffff) failUnsafe("REPLY_DMASTER rsn", 40);
}

/** REPLY_DMASTER dbId. */
export function replyDmasterDbId(p: Buffer): number {
  return readU32(p, 32);
}

/** REPLY_DMASTER rsn. */
export function replyDmasterRsn(p: Buffer): number {
  return readSafe64(p, 40, "REPLY_DMASTER rsn");
}

/** REPLY_DMASTER keyLength. */
export function replyDmasterKeyLength(p: Buffer): number {
  return readU32(p, 48);
}

/** REPLY_DMASTER dataLength. */
export function replyDmasterDataLength(p: Buffer): number {
  return readU32(p, 52);
}

/** View of REPLY_DMASTER key. */
export function replyDmasterKey(p: Buffer): Buffer {
  const start = 56;
  return p.subarray(start, start + readU32(p, 48));
}

/** View of REPLY_DMASTER data, without record header. */
export function replyDmasterData(p: Buffer): Buffer {
  const start = 56 + readU32(p, 48);
  return p.subarray(start, start + readU32(p, 52));
}

/** REPLY_DMASTER recordFlags: record flags, unaligned, counted by no length; 0 if the packet ends before it. */
export function replyDmasterRecordFlags(p: Buffer): number {
  const at = 56 + readU32(p, 48) + readU32(p, 52);
  return at + 4 > p.length ? 0 : readU32(p, at);
}

/** Writes a whole REPLY_DMASTER into `w`, padded to 8 bytes. */
export function writeReplyDmaster(
  w: PacketWriter,
  generation: number,
  destnode: number,
  srcnode: number,
  reqid: number,
  dbId: number,
  rsn: number,
  key: Uint8Array,
  data: Uint8Array,
  recordFlags: number,
): void {
  const keySize = key.length;
  const dataSize = data.length;
  const b = w.begin(56 + keySize + dataSize + 4);
  const v = w.view;
  writeHeader(v, w.length, 3, generation, destnode, srcnode, reqid);
  v.setUint32(32, dbId, true);
  v.setUint32(36, 0, true);
  writeSafe64(b, 40, rsn);
  v.setUint32(48, keySize, true);
  v.setUint32(52, dataSize, true);
  writeBytes(b, key, 56);
  writeBytes(b, data, 56 + keySize);
  v.setUint32(56 + keySize + dataSize, recordFlags, true);
}

// REPLY_ERROR (4)

/** Answer to a REQ_CALL or REQ_DMASTER that cannot be served (unknown database, fetch failed). The receiver fails the pending call. (node to node.) Throws ProtocolError if the fields or the parts do not fit into the packet. */
export function checkReplyError(p: Buffer): void {
  if (p.length < 40) failTooShort("REPLY_ERROR", 40, p.length);
  const end = 40 + readU32(p, 36);
  if (end > p.length) failInnerLength("REPLY_ERROR messageLength", 36, end, p.length);
}

/** REPLY_ERROR status: -1. */
export function replyErrorStatus(p: Buffer): number {
  return p.readInt32LE(32);
}

/** REPLY_ERROR messageLength: with the final NUL. */
export function replyErrorMessageLength(p: Buffer): number {
  return readU32(p, 36);
}

/** View of REPLY_ERROR message. */
export function replyErrorMessageBytes(p: Buffer): Buffer {
  const start = 40;
  return p.subarray(start, start + readU32(p, 36));
}

/** REPLY_ERROR message, up to its NUL if it has one. */
export function replyErrorMessage(p: Buffer): string {
  const bytes = replyErrorMessageBytes(p);
  const nul = bytes.indexOf(0);
  return bytes.toString("utf8", 0, nul < 0 ? bytes.length : nul);
}

/** Writes a whole REPLY_ERROR into `w`, padded to 8 bytes. */
export function writeReplyError(
  w: PacketWriter,
  generation: number,
  destnode: number,
  srcnode: number,
  reqid: number,
  status: number,
  message: string | Uint8Array,
): void {
  const messageSize = textSize(message) + 1;
  const b = w.begin(40 + messageSize);
  const v = w.view;
  writeHeader(v, w.length, 4, generation, destnode, srcnode, reqid);
  v.setInt32(32, status, true);
  v.setUint32(36, messageSize, true);
  writeText(b, message, 40);
  b[40 + messageSize - 1] = 0;
}

// REQ_MESSAGE (5)

/** A message to a srvid on a node; no acknowledgement. Delivered to a client, srcnode is its own node, not that of the sender. (node to node, client to ctdbd, ctdbd to client.) Throws ProtocolError if the fields or the parts do not fit into the packet. */
export function checkReqMessage(p: Buffer): void {
  if (p.length < 44) failTooShort("REQ_MESSAGE", 44, p.length);
  const end = 44 + readU32(p, 40);
  if (end > p.length) failInnerLength("REQ_MESSAGE dataLength", 40, end, p.length);
}

/** Upper half of REQ_MESSAGE srvid. */
export function reqMessageSrvidHi(p: Buffer): number {
  return readU32(p, 36);
}

/** Lower half of REQ_MESSAGE srvid. */
export function reqMessageSrvidLo(p: Buffer): number {
  return readU32(p, 32);
}

/** REQ_MESSAGE srvid as a bigint: not for the hot path. */
export function reqMessageSrvid(p: Buffer): bigint {
  return srvidFrom(readU32(p, 36), readU32(p, 32));
}

/** REQ_MESSAGE dataLength. */
export function reqMessageDataLength(p: Buffer): number {
  return readU32(p, 40);
}

/** View of REQ_MESSAGE data. */
export function reqMessageData(p: Buffer): Buffer {
  const start = 44;
  return p.subarray(start, start + readU32(p, 40));
}

/** Writes a whole REQ_MESSAGE into `w`, padded to 8 bytes. */
export function writeReqMessage(
  w: PacketWriter,
  generation: number,
  destnode: number,
  srcnode: number,
  reqid: number,
  srvidHi: number,
  srvidLo: number,
  data: Uint8Array,
): void {
  const dataSize = data.length;
  const b = w.begin(44 + dataSize);
  const v = w.view;
  writeHeader(v, w.length, 5, generation, destnode, srcnode, reqid);
  v.setUint32(32, srvidLo, true);
  v.setUint32(36, srvidHi, true);
  v.setUint32(40, dataSize, true);
  writeBytes(b, data, 44);
}

// REQ_CONTROL (7)

/** A control: a request to a daemon. The daemon of a client rebuilds it with a reqid and the client_id of its own before it passes it on. (node to node, client to ctdbd.) Throws ProtocolError if the fields or the parts do not fit into the packet. */
export function checkReqControl(p: Buffer): void {
  if (p.length < 60) failTooShort("REQ_CONTROL", 60, p.length);
  const end = 60 + readU32(p, 56);
  if (end > p.length) failInnerLength("REQ_CONTROL dataLength", 56, end, p.length);
}

/** REQ_CONTROL opcode. */
export function reqControlOpcode(p: Buffer): number {
  return readU32(p, 32);
}

/** Upper half of REQ_CONTROL srvid. */
export function reqControlSrvidHi(p: Buffer): number {
  return readU32(p, 44);
}

/** Lower half of REQ_CONTROL srvid. */
export function reqControlSrvidLo(p: Buffer): number {
  return readU32(p, 40);
}

/** REQ_CONTROL srvid as a bigint: not for the hot path. */
export function reqControlSrvid(p: Buffer): bigint {
  return srvidFrom(readU32(p, 44), readU32(p, 40));
}

/** REQ_CONTROL clientId: 0 from clients; filled in by their daemon. */
export function reqControlClientId(p: Buffer): number {
  return readU32(p, 48);
}

/** Changes REQ_CONTROL clientId in place. */
export function setReqControlClientId(p: Buffer, value: number): void {
  writeU32(p, 48, value);
}

/** REQ_CONTROL flags: control flags; bit 0: no reply is wanted. */
export function reqControlFlags(p: Buffer): number {
  return readU32(p, 52);
}

/** Changes REQ_CONTROL flags in place. */
export function setReqControlFlags(p: Buffer, value: number): void {
  writeU32(p, 52, value);
}

/** REQ_CONTROL dataLength. */
export function reqControlDataLength(p: Buffer): number {
  return readU32(p, 56);
}

/** View of REQ_CONTROL data. */
export function reqControlData(p: Buffer): Buffer {
  const start = 60;
  return p.subarray(start, start + readU32(p, 56));
}

/** Writes a whole REQ_CONTROL into `w`, padded to 8 bytes. */
export function writeReqControl(
  w: PacketWriter,
  generation: number,
  destnode: number,
  srcnode: number,
  reqid: number,
  opcode: number,
  srvidHi: number,
  srvidLo: number,
  clientId: number,
  flags: number,
  data: Uint8Array,
): void {
  const dataSize = data.length;
  const b = w.begin(60 + dataSize);
  const v = w.view;
  writeHeader(v, w.length, 7, generation, destnode, srcnode, reqid);
  v.setUint32(32, opcode, true);
  v.setUint32(36, 0, true);
  v.setUint32(40, srvidLo, true);
  v.setUint32(44, srvidHi, true);
  v.setUint32(48, clientId, true);
  v.setUint32(52, flags, true);
  v.setUint32(56, dataSize, true);
  writeBytes(b, data, 60);
}

// REPLY_CONTROL (8)

/** Answer to a control. With a status other than 0, send no data: the ctdb tool expects the error text right behind the fixed part. The C daemon sends the error text without NUL; one with NUL is accepted. (node to node, ctdbd to client.) Throws ProtocolError if the fields or the parts do not fit into the packet. */
export function checkReplyControl(p: Buffer): void {
  if (p.length < 44) failTooShort("REPLY_CONTROL", 44, p.length);
  const end = 44 + readU32(p, 36) + readU32(p, 40);
  if (end > p.length) failInnerLength("REPLY_CONTROL dataLength + errorLength", 36, end, p.length);
}

/** REPLY_CONTROL status: 0 success, -1 failure; the answer itself for PING, GET_PNN, GET_PID, GET_RECMODE. */
export function replyControlStatus(p: Buffer): number {
  return p.readInt32LE(32);
}

/** REPLY_CONTROL dataLength. */
export function replyControlDataLength(p: Buffer): number {
  return readU32(p, 36);
}

/** REPLY_CONTROL errorLength. */
export function replyControlErrorLength(p: Buffer): number {
  return readU32(p, 40);
}

/** View of REPLY_CONTROL data. */
export function replyControlData(p: Buffer): Buffer {
  const start = 44;
  return p.subarray(start, start + readU32(p, 36));
}

/** View of REPLY_CONTROL errorText. */
export function replyControlErrorTextBytes(p: Buffer): Buffer {
  const start = 44 + readU32(p, 36);
  return p.subarray(start, start + readU32(p, 40));
}

/** REPLY_CONTROL errorText, up to its NUL if it has one. */
export function replyControlErrorText(p: Buffer): string {
  const bytes = replyControlErrorTextBytes(p);
  const nul = bytes.indexOf(0);
  return bytes.toString("utf8", 0, nul < 0 ? bytes.length : nul);
}

/** Writes a whole REPLY_CONTROL into `w`, padded to 8 bytes. */
export function writeReplyControl(
  w: PacketWriter,
  generation: number,
  destnode: number,
  srcnode: number,
  reqid: number,
  status: number,
  data: Uint8Array,
  errorText: string | Uint8Array,
): void {
  const dataSize = data.length;
  const errorTextSize = textSize(errorText);
  const b = w.begin(44 + dataSize + errorTextSize);
  const v = w.view;
  writeHeader(v, w.length, 8, generation, destnode, srcnode, reqid);
  v.setInt32(32, status, true);
  v.setUint32(36, dataSize, true);
  v.setUint32(40, errorTextSize, true);
  writeBytes(b, data, 44);
  writeText(b, errorText, 44 + dataSize);
}

// REQ_KEEPALIVE (9)

/** Sent to every connected node each KeepaliveInterval. Peers of different versions do not stay together (tunable AllowMixedVersions): the one that is up for a shorter time shuts down. A packet of 32 bytes comes from a very old peer. (node to node.) Throws ProtocolError if the fields or the parts do not fit into the packet. */
export function checkReqKeepalive(p: Buffer): void {
  if (p.length < 40 && p.length !== 32) failTooShort("REQ_KEEPALIVE", 40, p.length);
}

/** REQ_KEEPALIVE version: Samba release: (major << 16) | minor. */
export function reqKeepaliveVersion(p: Buffer): number {
  return p.length < 36 ? 0 : readU32(p, 32);
}

/** REQ_KEEPALIVE uptime: seconds since the daemon started. */
export function reqKeepaliveUptime(p: Buffer): number {
  return p.length < 40 ? 0 : readU32(p, 36);
}

/** Writes a whole REQ_KEEPALIVE into `w`, padded to 8 bytes. */
export function writeReqKeepalive(
  w: PacketWriter,
  generation: number,
  destnode: number,
  srcnode: number,
  reqid: number,
  version: number,
  uptime: number,
): void {
  w.begin(40);
  const v = w.view;
  writeHeader(v, w.length, 9, generation, destnode, srcnode, reqid);
  v.setUint32(32, version, true);
  v.setUint32(36, uptime, true);
}

// REQ_TUNNEL (10)

/** A message to the client that registered a tunnel id on a node. reqid is not carried over by C daemons. (node to node, client to ctdbd, ctdbd to client.) Throws ProtocolError if the fields or the parts do not fit into the packet. */
export function checkReqTunnel(p: Buffer): void {
  if (p.length < 48) failTooShort("REQ_TUNNEL", 48, p.length);
  const end = 48 + readU32(p, 44);
  if (end > p.length) failInnerLength("REQ_TUNNEL dataLength", 44, end, p.length);
}

/** Upper half of REQ_TUNNEL tunnelId. */
export function reqTunnelTunnelIdHi(p: Buffer): number {
  return readU32(p, 36);
}

/** Lower half of REQ_TUNNEL tunnelId. */
export function reqTunnelTunnelIdLo(p: Buffer): number {
  return readU32(p, 32);
}

/** REQ_TUNNEL tunnelId as a bigint: not for the hot path. */
export function reqTunnelTunnelId(p: Buffer): bigint {
  return srvidFrom(readU32(p, 36), readU32(p, 32));
}

/** REQ_TUNNEL flags: tunnel flags. */
export function reqTunnelFlags(p: Buffer): number {
  return readU32(p, 40);
}

/** REQ_TUNNEL dataLength. */
export function reqTunnelDataLength(p: Buffer): number {
  return readU32(p, 44);
}

/** View of REQ_TUNNEL data. */
export function reqTunnelData(p: Buffer): Buffer {
  const start = 48;
  return p.subarray(start, start + readU32(p, 44));
}

/** Writes a whole REQ_TUNNEL into `w`, padded to 8 bytes. */
export function writeReqTunnel(
  w: PacketWriter,
  generation: number,
  destnode: number,
  srcnode: number,
  reqid: number,
  tunnelIdHi: number,
  tunnelIdLo: number,
  flags: number,
  data: Uint8Array,
): void {
  const dataSize = data.length;
  const b = w.begin(48 + dataSize);
  const v = w.view;
  writeHeader(v, w.length, 10, generation, destnode, srcnode, reqid);
  v.setUint32(32, tunnelIdLo, true);
  v.setUint32(36, tunnelIdHi, true);
  v.setUint32(40, flags, true);
  v.setUint32(44, dataSize, true);
  writeBytes(b, data, 48);
}

/**
 * Checks what follows the header of any packet type; the accessors of its type may be used afterwards.
 * Throws ProtocolError if it does not fit, or for an unknown operation.
 */
export function checkPacket(p: Buffer): void {
  const operation = packetOperation(p);
  switch (operation) {
    case 0:
      return checkReqCall(p);
    case 1:
      return checkReplyCall(p);
    case 2:
      return checkReqDmaster(p);
    case 3:
      return checkReplyDmaster(p);
    case 4:
      return checkReplyError(p);
    case 5:
      return checkReqMessage(p);
    case 7:
      return checkReqControl(p);
    case 8:
      return checkReplyControl(p);
    case 9:
      return checkReqKeepalive(p);
    case 10:
      return checkReqTunnel(p);
    default:
      failUnknownOperation(operation);
  }
}

// Packets as objects: for tests, traces and tools.

/** Header of a packet without what is the same in all packets. */
export interface PacketHeader {
  generation: number;
  destnode: number;
  srcnode: number;
  reqid: number;
}

export interface ReqCallPacket {
  type: "REQ_CALL";
  header: PacketHeader;
  /** call flags */
  flags: number;
  dbId: number;
  /** which call: NULL, FETCH, FETCH_WITH_HEADER */
  callId: number;
  /** 0 from clients, one more for each redirect */
  hopcount: number;
  key: Uint8Array;
  callData: Uint8Array;
}

export interface ReplyCallPacket {
  type: "REPLY_CALL";
  header: PacketHeader;
  status: number;
  data: Uint8Array;
}

export interface ReqDmasterPacket {
  type: "REQ_DMASTER";
  header: PacketHeader;
  dbId: number;
  rsn: number;
  /** pnn of the node that shall become dmaster */
  dmaster: number;
  key: Uint8Array;
  /** without record header */
  data: Uint8Array;
  recordFlags: number;
}

export interface ReplyDmasterPacket {
  type: "REPLY_DMASTER";
  header: PacketHeader;
  dbId: number;
  rsn: number;
  key: Uint8Array;
  /** without record header */
  data: Uint8Array;
  recordFlags: number;
}

export interface ReplyErrorPacket {
  type: "REPLY_ERROR";
  header: PacketHeader;
  /** -1 */
  status: number;
  message: string;
}

export interface ReqMessagePacket {
  type: "REQ_MESSAGE";
  header: PacketHeader;
  srvid: bigint;
  data: Uint8Array;
}

export interface ReqControlPacket {
  type: "REQ_CONTROL";
  header: PacketHeader;
  opcode: number;
  /** used by the REGISTER and DEREGISTER controls, a hint elsewhere */
  srvid: bigint;
  /** 0 from clients; filled in by their daemon */
  clientId: number;
  /** control flags; bit 0: no reply is wanted */
  flags: number;
  data: Uint8Array;
}

export interface ReplyControlPacket {
  type: "REPLY_CONTROL";
  header: PacketHeader;
  /** 0 success, -1 failure; the answer itself for PING, GET_PNN, GET_PID, GET_RECMODE */
  status: number;
  data: Uint8Array;
  errorText: string;
}

export interface ReqKeepalivePacket {
  type: "REQ_KEEPALIVE";
  header: PacketHeader;
  /** Samba release: (major << 16) | minor */
  version: number;
  /** seconds since the daemon started */
  uptime: number;
}

export interface ReqTunnelPacket {
  type: "REQ_TUNNEL";
  header: PacketHeader;
  tunnelId: bigint;
  /** tunnel flags */
  flags: number;
  data: Uint8Array;
}

export type Packet =
  | ReqCallPacket
  | ReplyCallPacket
  | ReqDmasterPacket
  | ReplyDmasterPacket
  | ReplyErrorPacket
  | ReqMessagePacket
  | ReqControlPacket
  | ReplyControlPacket
  | ReqKeepalivePacket
  | ReqTunnelPacket;

export type PacketType = Packet["type"];

/**
 * Decodes a whole packet whose header was checked (`checkHeader`) into an object that shares nothing with `p`.
 * Throws ProtocolError for an unknown operation or inner lengths that do not fit.
 */
export function decodeCheckedPacket(p: Buffer): Packet {
  const header: PacketHeader = {
    generation: packetGeneration(p),
    destnode: packetDestnode(p),
    srcnode: packetSrcnode(p),
    reqid: packetReqid(p),
  };
  const operation = packetOperation(p);
  switch (operation) {
    case 0:
      checkReqCall(p);
      return {
        type: "REQ_CALL",
        header,
        flags: reqCallFlags(p),
        dbId: reqCallDbId(p),
        callId: reqCallCallId(p),
        hopcount: reqCallHopcount(p),
        key: new Uint8Array(reqCallKey(p)),
        callData: new Uint8Array(reqCallCallData(p)),
      };
    case 1:
      checkReplyCall(p);
      return { type: "REPLY_CALL", header, status: replyCallStatus(p), data: new Uint8Array(replyCallData(p)) };
    case 2:
      checkReqDmaster(p);
      return {
        type: "REQ_DMASTER",
        header,
        dbId: reqDmasterDbId(p),
        rsn: reqDmasterRsn(p),
        dmaster: reqDmasterDmaster(p),
        key: new Uint8Array(reqDmasterKey(p)),
        data: new Uint8Array(reqDmasterData(p)),
        recordFlags: reqDmasterRecordFlags(p),
      };
    case 3:
      checkReplyDmaster(p);
      return {
        type: "REPLY_DMASTER",
        header,
        dbId: replyDmasterDbId(p),
        rsn: replyDmasterRsn(p),
        key: new Uint8Array(replyDmasterKey(p)),
        data: new Uint8Array(replyDmasterData(p)),
        recordFlags: replyDmasterRecordFlags(p),
      };
    case 4:
      checkReplyError(p);
      return { type: "REPLY_ERROR", header, status: replyErrorStatus(p), message: replyErrorMessage(p) };
    case 5:
      checkReqMessage(p);
      return { type: "REQ_MESSAGE", header, srvid: reqMessageSrvid(p), data: new Uint8Array(reqMessageData(p)) };
    case 7:
      checkReqControl(p);
      return {
        type: "REQ_CONTROL",
        header,
        opcode: reqControlOpcode(p),
        srvid: reqControlSrvid(p),
        clientId: reqControlClientId(p),
        flags: reqControlFlags(p),
        data: new Uint8Array(reqControlData(p)),
      };
    case 8:
      checkReplyControl(p);
      return {
        type: "REPLY_CONTROL",
        header,
        status: replyControlStatus(p),
        data: new Uint8Array(replyControlData(p)),
        errorText: replyControlErrorText(p),
      };
    case 9:
      checkReqKeepalive(p);
      return { type: "REQ_KEEPALIVE", header, version: reqKeepaliveVersion(p), uptime: reqKeepaliveUptime(p) };
    case 10:
      checkReqTunnel(p);
      return {
        type: "REQ_TUNNEL",
        header,
        tunnelId: reqTunnelTunnelId(p),
        flags: reqTunnelFlags(p),
        data: new Uint8Array(reqTunnelData(p)),
      };
    default:
      return failUnknownOperation(operation);
  }
}

/** Writes a packet given as an object into `w`, padded to 8 bytes. */
export function writePacket(w: PacketWriter, packet: Packet): void {
  const h = packet.header;
  switch (packet.type) {
    case "REQ_CALL":
      writeReqCall(
        w,
        h.generation,
        h.destnode,
        h.srcnode,
        h.reqid,
        packet.flags,
        packet.dbId,
        packet.callId,
        packet.hopcount,
        packet.key,
        packet.callData,
      );
      break;
    case "REPLY_CALL":
      writeReplyCall(w, h.generation, h.destnode, h.srcnode, h.reqid, packet.status, packet.data);
      break;
    case "REQ_DMASTER":
      writeReqDmaster(
        w,
        h.generation,
        h.destnode,
        h.srcnode,
        h.reqid,
        packet.dbId,
        packet.rsn,
        packet.dmaster,
        packet.key,
        packet.data,
        packet.recordFlags,
      );
      break;
    case "REPLY_DMASTER":
      writeReplyDmaster(
        w,
        h.generation,
        h.destnode,
        h.srcnode,
        h.reqid,
        packet.dbId,
        packet.rsn,
        packet.key,
        packet.data,
        packet.recordFlags,
      );
      break;
    case "REPLY_ERROR":
      writeReplyError(w, h.generation, h.destnode, h.srcnode, h.reqid, packet.status, packet.message);
      break;
    case "REQ_MESSAGE":
      writeReqMessage(
        w,
        h.generation,
        h.destnode,
        h.srcnode,
        h.reqid,
        srvidHigh(packet.srvid),
        srvidLow(packet.srvid),
        packet.data,
      );
      break;
    case "REQ_CONTROL":
      writeReqControl(
        w,
        h.generation,
        h.destnode,
        h.srcnode,
        h.reqid,
        packet.opcode,
        srvidHigh(packet.srvid),
        srvidLow(packet.srvid),
        packet.clientId,
        packet.flags,
        packet.data,
      );
      break;
    case "REPLY_CONTROL":
      writeReplyControl(w, h.generation, h.destnode, h.srcnode, h.reqid, packet.status, packet.data, packet.errorText);
      break;
    case "REQ_KEEPALIVE":
      writeReqKeepalive(w, h.generation, h.destnode, h.srcnode, h.reqid, packet.version, packet.uptime);
      break;
    case "REQ_TUNNEL":
      writeReqTunnel(
        w,
        h.generation,
        h.destnode,
        h.srcnode,
        h.reqid,
        srvidHigh(packet.tunnelId),
        srvidLow(packet.tunnelId),
        packet.flags,
        packet.data,
      );
      break;
  }
}
