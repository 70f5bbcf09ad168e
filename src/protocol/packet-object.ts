// Whole packets as objects: for tests, traces and tools. Daemons use the accessors and writers of the hot packets instead.

import { asBuffer } from "./byte-reader.js";
import { decodeCheckedPacket, type Packet, writePacket } from "./generated/packets.js";
import { checkHeader, type Link } from "./header-check.js";
import { PacketWriter } from "./packet-writer.js";

/**
 * Decodes a whole packet into an object that shares nothing with `bytes`.
 * Throws ProtocolError for a bad header, an unknown operation, or inner lengths that do not fit.
 */
export function decodePacket(bytes: Uint8Array, link: Link = "client"): Packet {
  const packet = asBuffer(bytes);
  checkHeader(packet, link);
  return decodeCheckedPacket(packet);
}

/**
 * Encodes a packet. `length` - bytes of the whole packet, where it shall not be the padded size: clients of Samba send
 * unpadded packets, C daemons longer ones. Throws RangeError if the packet does not fit into `length`.
 */
export function encodePacket(packet: Packet, length?: number): Buffer {
  const writer = new PacketWriter();
  writePacket(writer, packet);
  if (length === undefined) return Buffer.from(writer.packet());
  if (length < writer.contentLength) {
    throw new RangeError(`${packet.type} has ${writer.contentLength} bytes, ${length} are too few`);
  }
  const bytes = Buffer.alloc(length);
  writer.packet().copy(bytes);
  bytes.writeUInt32LE(length, 0);
  return bytes;
}
