// The packet of a tickle: an empty TCP segment with ACK from the public address to the client, which answers with its real
// sequence numbers or a reset. Pure: addresses in, bytes out. Called by raw-socket.ts.
import { addressBytes, type Connection } from "../protocol/index.js";

const IPV4_HEADER_BYTES = 20;
const IPV6_HEADER_BYTES = 40;
const TCP_HEADER_BYTES = 20;
const IPPROTO_TCP = 6;
const TIME_TO_LIVE = 255;
const WINDOW = 1234;
const TCP_ACK = 0x10;

/** The sum of RFC 1071 over the parts, each of even length. */
export function internetChecksum(...parts: readonly Buffer[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) sum += part.readUInt16BE(at);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** The whole IP packet that goes to `src` (the client) from `dst` (the public address). */
export function ticklePacket({ src, dst }: Connection): Buffer {
  const to = addressBytes(src);
  const from = addressBytes(dst);
  const tcp = Buffer.alloc(TCP_HEADER_BYTES);
  tcp.writeUInt16BE(dst.port, 0);
  tcp.writeUInt16BE(src.port, 2);
  tcp.writeUInt8((TCP_HEADER_BYTES / 4) << 4, 12);
  tcp.writeUInt8(TCP_ACK, 13);
  tcp.writeUInt16BE(WINDOW, 14);
  const pseudo = Buffer.alloc(8);
  pseudo.writeUInt32BE(TCP_HEADER_BYTES, 0);
  pseudo.writeUInt32BE(IPPROTO_TCP, 4);
  tcp.writeUInt16BE(internetChecksum(from, to, pseudo, tcp), 16);
  return Buffer.concat([src.family === 4 ? ipv4Header(from, to) : ipv6Header(from, to), tcp]);
}

function ipv4Header(from: Buffer, to: Buffer): Buffer {
  const ip = Buffer.alloc(IPV4_HEADER_BYTES);
  ip.writeUInt8(0x45, 0);
  ip.writeUInt16BE(IPV4_HEADER_BYTES + TCP_HEADER_BYTES, 2);
  ip.writeUInt8(TIME_TO_LIVE, 8);
  ip.writeUInt8(IPPROTO_TCP, 9);
  from.copy(ip, 12);
  to.copy(ip, 16);
  ip.writeUInt16BE(internetChecksum(ip), 10);
  return ip;
}

function ipv6Header(from: Buffer, to: Buffer): Buffer {
  const ip = Buffer.alloc(IPV6_HEADER_BYTES);
  ip.writeUInt8(0x60, 0);
  ip.writeUInt16BE(TCP_HEADER_BYTES, 4);
  ip.writeUInt8(IPPROTO_TCP, 6);
  ip.writeUInt8(64, 7);
  from.copy(ip, 8);
  to.copy(ip, 24);
  return ip;
}
