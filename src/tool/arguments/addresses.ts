// Addresses in the text forms of the tool's arguments: IP, IP:port and IP/mask. Called by the address and tickle commands.
import { isIPv4, isIPv6 } from "node:net";
import { canonicalSockAddr, type SockAddr, sockAddr } from "../../protocol/sock-addr.js";

const ADDRESS_MAX_CHARACTERS = 63;

/** An IPv4 or IPv6 address, the latter also in brackets; undefined if it is none. A mapped address becomes IPv4. */
export function parseIp(text: string, port = 0): SockAddr | undefined {
  if (text.length > ADDRESS_MAX_CHARACTERS) return undefined;
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  if (isIPv4(bare)) return sockAddr(bare, port);
  if (!isIPv6(bare) || bare.includes("%")) return undefined;
  return canonicalSockAddr(sockAddr(bare, port));
}

/** The decimal number that is the whole of `text`, as strtoul with base 10 reads it. */
function wholeDecimal(text: string): number | undefined {
  return /^[ \t\n\v\f\r]*\+?[0-9]+$/.test(text)
    ? Number(BigInt.asUintN(32, BigInt(text.trim().replace("+", ""))))
    : undefined;
}

/** `ADDRESS:PORT`, split at the last colon. */
export function parseIpPort(text: string): SockAddr | undefined {
  const colon = text.lastIndexOf(":");
  if (colon < 0 || text.length > ADDRESS_MAX_CHARACTERS) return undefined;
  const port = wholeDecimal(text.slice(colon + 1));
  return port === undefined ? undefined : parseIp(text.slice(0, colon), port & 0xffff);
}

/** `ADDRESS/MASK`, split at the last slash. The range of the mask is not checked, as in C. */
export function parseIpMask(text: string): { address: SockAddr; mask: number } | undefined {
  const slash = text.lastIndexOf("/");
  if (slash < 0) return undefined;
  const mask = wholeDecimal(text.slice(slash + 1));
  const address = parseIp(text.slice(0, slash));
  return mask === undefined || address === undefined ? undefined : { address, mask };
}

/** `SRC:PORT` as the tool prints one end of a connection: IPv6 in brackets. */
export function endpointText(end: SockAddr): string {
  return end.family === 4 ? `${end.address}:${end.port}` : `[${end.address}]:${end.port}`;
}
