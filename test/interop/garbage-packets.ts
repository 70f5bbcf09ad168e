// Packets that no sane peer sends, from a seed: random bytes, and packets of every operation with fields that lie.
import {
  Control,
  type ControlName,
  Operation,
  PACKET_HEADER_SIZE,
  PACKET_MAGIC,
  PROTOCOL_VERSION,
} from "../../src/protocol/index.js";

const PAYLOAD_MAX_BYTES = 300;
const OPERATIONS: readonly number[] = Object.values(Operation);
/** Controls whose request may be anything at all. What else there is could do as it is told: shut the node down, for example. */
const HARMLESS: readonly ControlName[] = [
  "PING",
  "STATISTICS",
  "GETDBPATH",
  "GETVNNMAP",
  "GET_DBMAP",
  "GET_NODEMAP",
  "GET_DBNAME",
  "DB_GET_HEALTH",
  "GET_DB_SEQNUM",
  "GET_DB_STATISTICS",
  "GET_TUNABLE",
  "GET_PUBLIC_IPS",
  "GET_PUBLIC_IP_INFO",
  "GET_TCP_TICKLE_LIST",
  "GET_BAN_STATE",
  "GET_RUNSTATE",
  "CHECK_PID_SRVID",
  "SCHEDULE_FOR_DELETION",
  "TRY_DELETE_RECORDS",
  "VACUUM_FETCH",
  "UPDATE_RECORD",
];
const UNKNOWN_OPCODES_FROM = 200;

/** A small generator of pseudo-random numbers (mulberry32), so that a run can be repeated. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function pick<T>(values: readonly T[], random: (below: number) => number): T {
  const value = values[random(values.length)];
  if (value === undefined) throw new RangeError("nothing to pick from");
  return value;
}

/** One packet. `link` "node": the length is a multiple of 8, as between nodes, three times out of four. */
export function garbagePacket(random: (below: number) => number, link: "client" | "node"): Buffer {
  const payloadBytes = random(PAYLOAD_MAX_BYTES);
  let length = PACKET_HEADER_SIZE + payloadBytes;
  if (link === "node" && random(4) > 0) length = (length + 7) & ~7;
  const packet = Buffer.alloc(length);
  for (let i = PACKET_HEADER_SIZE; i < length; i++) packet[i] = random(8) === 0 ? 255 : random(256);
  packet.writeUInt32LE(length, 0);
  packet.writeUInt32LE(PACKET_MAGIC, 4);
  packet.writeUInt32LE(PROTOCOL_VERSION, 8);
  packet.writeUInt32LE(random(3), 12);
  const operation = random(20) === 0 ? random(2 ** 32) : pick(OPERATIONS, random);
  packet.writeUInt32LE(operation, 16);
  packet.writeUInt32LE(random(4) === 0 ? random(2 ** 32) : 0xf000_0001, 20);
  packet.writeUInt32LE(random(4), 24);
  packet.writeUInt32LE(random(2 ** 32), 28);
  // Inner lengths that would fit, now and then, so that decoders behind the first check get their share.
  if (operation === Operation.REQ_CONTROL && length >= 60) {
    const opcode = random(4) === 0 ? UNKNOWN_OPCODES_FROM + random(1000) : Control[pick(HARMLESS, random)];
    packet.writeUInt32LE(opcode, 32);
    packet.writeUInt32LE(random(4) === 0 ? random(2 ** 32) : length - 60, 56);
  }
  if (operation === Operation.REQ_CALL && length >= 56 && random(2) === 0) {
    packet.writeUInt32LE(random(length - 55), 48);
    packet.writeUInt32LE(0, 52);
  }
  switch (random(12)) {
    case 0: // magic
      packet.writeUInt32LE(random(2 ** 32), 4);
      break;
    case 1: // version
      packet.writeUInt32LE(random(2 ** 32), 8);
      break;
    case 2: // shorter than a header
      return packet.subarray(0, 4 + random(24)).fill(random(256), 4);
    case 3: // nothing but noise, with a length that is right
      for (let i = 4; i < length; i++) packet[i] = random(256);
      break;
    default:
  }
  return packet;
}
