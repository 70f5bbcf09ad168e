// ctdb_sock_addr: an IPv4 or IPv6 address with a port, 28 bytes. Used by node maps, public addresses, tickle lists.
import { isIPv4, isIPv6 } from "node:net";
import { defineCodec, type StructCodec } from "./codec.js";

/** Linux' AF_INET and AF_INET6: the family values on the wire. */
const AF_INET = 2;
const AF_INET6 = 10;
export const SOCK_ADDR_SIZE = 28;

/** An address in text form (IPv6 in its shortest form) and a port; port 0 where none is meant. */
export interface SockAddr {
  family: 4 | 6;
  address: string;
  port: number;
  /** Interface index of a link-local IPv6 address; left out when 0. */
  scopeId?: number;
}

export const SockAddr: StructCodec<SockAddr> = defineCodec<SockAddr>({
  name: "SockAddr",
  exact: false,
  size: () => SOCK_ADDR_SIZE,
  read(r) {
    const family = r.u16("family");
    if (family !== AF_INET && family !== AF_INET6) {
      r.offset -= 2;
      r.fail("family", `is ${family}; 2 (IPv4) or 10 (IPv6) is possible`);
    }
    // The port is in network byte order, unlike everything else.
    const port = r.view(2, "port").readUInt16BE(0);
    if (family === AF_INET) {
      const address = ipv4Text(r.view(4, "address"), 0);
      r.padding(20);
      return { family: 4, address, port };
    }
    r.padding(4);
    const address = ipv6Text(r.view(16, "address"));
    const scopeId = r.u32("scopeId");
    return scopeId === 0 ? { family: 6, address, port } : { family: 6, address, port, scopeId };
  },
  write(w, value) {
    const port = Buffer.alloc(2);
    port.writeUInt16BE(value.port);
    w.u16(value.family === 4 ? AF_INET : AF_INET6);
    w.bytes(port);
    if (value.family === 4) {
      w.bytes(addressBytes(value));
      w.pad(20);
    } else {
      w.pad(4);
      w.bytes(addressBytes(value));
      w.u32(value.scopeId ?? 0);
    }
  },
});

/** SockAddr of an address in text form (no port: 0). Throws RangeError for anything that is no IP address. */
export function sockAddr(address: string, port = 0): SockAddr {
  if (isIPv4(address)) return { family: 4, address, port };
  const [bare = "", scope] = address.split("%");
  if (!isIPv6(bare)) throw new RangeError(`"${address}" is no IP address`);
  const canonical = ipv6Text(ipv6Bytes(bare));
  const scopeId = scope === undefined ? 0 : Number(scope);
  if (!Number.isInteger(scopeId)) throw new RangeError(`"${address}": the scope must be an interface index`);
  return scopeId === 0 ? { family: 6, address: canonical, port } : { family: 6, address: canonical, port, scopeId };
}

/** The same address with an IPv4-mapped IPv6 address turned into IPv4: the form in which CTDB compares addresses. */
export function canonicalSockAddr(value: SockAddr): SockAddr {
  if (value.family === 4) return value;
  const bytes = ipv6Bytes(value.address);
  const mapped = bytes.readUInt32BE(0) === 0 && bytes.readUInt32BE(4) === 0 && bytes.readUInt32BE(8) === 0xffff;
  return mapped ? { family: 4, address: ipv4Text(bytes, 12), port: value.port } : value;
}

/** True for the same family and address; port and scope do not count. */
export function sameIp(a: SockAddr, b: SockAddr): boolean {
  const left = canonicalSockAddr(a);
  const right = canonicalSockAddr(b);
  if (left.family !== right.family) return false;
  if (left.family === 4) return left.address === right.address;
  return addressBytes(left).equals(addressBytes(right));
}

/** True for the same address and port. */
export function sameSockAddr(a: SockAddr, b: SockAddr): boolean {
  return a.port === b.port && sameIp(a, b);
}

/** The address as it stands in IP packets: 4 or 16 bytes. */
export function addressBytes({ family, address }: SockAddr): Buffer {
  return family === 4 ? ipv4Bytes(address) : ipv6Bytes(address);
}

function ipv4Text(bytes: Buffer, at: number): string {
  return `${bytes.readUInt8(at)}.${bytes.readUInt8(at + 1)}.${bytes.readUInt8(at + 2)}.${bytes.readUInt8(at + 3)}`;
}

function ipv4Bytes(text: string): Buffer {
  if (!isIPv4(text)) throw new RangeError(`"${text}" is no IPv4 address`);
  return Buffer.from(text.split(".").map(Number));
}

/** Text form of RFC 5952, as inet_ntop writes it: longest run of zero groups as "::", mapped IPv4 in dots. */
function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i));
  let bestStart = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i += 1) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length += 1;
    if (length > bestLength) {
      bestStart = i;
      bestLength = length;
    }
    if (length > 0) i += length;
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  // inet_ntop also writes ::a.b.c.d where only the last two groups are set.
  const embedsIpv4 = bestStart === 0 && (bestLength === 6 || (bestLength === 5 && groups[5] === 0xffff));
  if (embedsIpv4) return `${bestLength === 5 ? "::ffff:" : "::"}${ipv4Text(bytes, 12)}`;
  if (bestStart < 0) return hex(groups);
  return `${hex(groups.slice(0, bestStart))}::${hex(groups.slice(bestStart + bestLength))}`;
}

function ipv6Bytes(text: string): Buffer {
  if (!isIPv6(text) || text.includes("%")) throw new RangeError(`"${text}" is no IPv6 address`);
  const lastColon = text.lastIndexOf(":");
  const tail = text.slice(lastColon + 1);
  const dotted = tail.includes(".") ? ipv4Bytes(tail) : undefined;
  const pure = dotted
    ? `${text.slice(0, lastColon + 1)}${dotted.readUInt16BE(0).toString(16)}:${dotted.readUInt16BE(2).toString(16)}`
    : text;
  const [head = "", rest] = pure.split("::");
  const parse = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const front = parse(head);
  const back = rest === undefined ? [] : parse(rest);
  const bytes = Buffer.alloc(16);
  front.forEach((group, i) => {
    bytes.writeUInt16BE(group, 2 * i);
  });
  back.forEach((group, i) => {
    bytes.writeUInt16BE(group, 16 - 2 * back.length + 2 * i);
  });
  return bytes;
}
