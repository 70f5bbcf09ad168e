// Sends whole IP packets through a raw socket; needs root. Loads koffi, as Node.js has no raw sockets. Called by tickle.
import { type Connection, SockAddr } from "../protocol/index.js";
import { ticklePacket } from "./tickle-packet.js";

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_RAW = 3;
const IPPROTO_RAW = 255;
const SOCKADDR_IN_BYTES = 16;
const SOCKADDR_IN6_BYTES = 28;

/** Sends a tickle to `connection.src` in the name of `connection.dst`; returns 0 or an errno. */
export async function sendTickle(connection: Connection): Promise<number> {
  const { default: koffi } = await import("koffi");
  const libc = koffi.load("libc.so.6");
  const socket: (family: number, type: number, protocol: number) => number = libc.func("int socket(int, int, int)");
  const sendto: (...args: readonly (number | Uint8Array)[]) => number = libc.func(
    "int64_t sendto(int, const void *, size_t, int, const void *, uint32_t)",
  );
  const close: (descriptor: number) => number = libc.func("int close(int)");

  const { src } = connection;
  const descriptor = socket(src.family === 4 ? AF_INET : AF_INET6, SOCK_RAW, IPPROTO_RAW);
  if (descriptor < 0) return koffi.errno();
  try {
    const packet = ticklePacket(connection);
    // Linux wants port 0 in the address of a raw IPv6 socket.
    const to = SockAddr.encode({ ...src, port: 0 }).subarray(
      0,
      src.family === 4 ? SOCKADDR_IN_BYTES : SOCKADDR_IN6_BYTES,
    );
    return sendto(descriptor, packet, packet.length, 0, to, to.length) < 0 ? koffi.errno() : 0;
  } finally {
    close(descriptor);
  }
}
