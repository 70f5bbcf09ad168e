// The checks that every received packet goes through before anything else of it is read. Called by transport.
import { ProtocolError } from "./errors.js";
import { PACKET_HEADER_SIZE, PACKET_MAGIC, PROTOCOL_VERSION } from "./generated/constants.js";
import { readU32 } from "./little-endian.js";
import { PACKET_ALIGNMENT } from "./packet-writer.js";

/** node: TCP link between daemons. client: unix socket, where packets may have any length. */
export type Link = "node" | "client";

/**
 * Checks the header of `p`, which is one packet as framed by its length field.
 * Throws ProtocolError: on a node link the link has to be dropped; a client's packet is ignored.
 */
export function checkHeader(p: Buffer, link: Link): void {
  const has = p.length;
  if (has < PACKET_HEADER_SIZE) {
    throw new ProtocolError(0, "header length", `a packet of ${has} bytes is shorter than its header`);
  }
  const length = readU32(p, 0);
  if (length !== has) throw new ProtocolError(0, "header length", `is ${length}, the packet has ${has} bytes`);
  if (link === "node" && length % PACKET_ALIGNMENT !== 0) {
    throw new ProtocolError(0, "header length", `is ${length}, not a multiple of ${PACKET_ALIGNMENT}`);
  }
  const magic = readU32(p, 4);
  if (magic !== PACKET_MAGIC) throw new ProtocolError(4, "header magic", `is 0x${magic.toString(16)}`);
  const version = readU32(p, 8);
  if (version !== PROTOCOL_VERSION) throw new ProtocolError(8, "header version", `is ${version}`);
}
