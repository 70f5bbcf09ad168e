// A stand-in for /dev/log: a unix datagram socket, which Node.js itself does not offer.
import { constants } from "node:os";
import type { TestContext } from "node:test";
import koffi from "koffi";

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;
const PATH_BYTES = 108;
const MESSAGE_MAX_BYTES = 65536;

type IntCall = (...args: ReadonlyArray<number | Uint8Array>) => number;

/** Binds `path`; `received` takes all messages that wait, `close` is called when the test ends. */
export function datagramDevice(t: TestContext, path: string): { received(): string[] } {
  const libc = koffi.load("libc.so.6");
  const socket: IntCall = libc.func("int socket(int, int, int)");
  const bind: IntCall = libc.func("int bind(int, const void *, uint32_t)");
  const recv: IntCall = libc.func("int64_t recv(int, void *, size_t, int)");
  const close: IntCall = libc.func("int close(int)");
  const fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  const address = Buffer.alloc(2 + PATH_BYTES);
  address.writeUInt16LE(AF_UNIX);
  address.write(path, 2);
  if (bind(fd, address, address.length) !== 0) throw new Error(`bind ${path}: errno ${koffi.errno()}`);
  t.after(() => close(fd));
  const buffer = Buffer.alloc(MESSAGE_MAX_BYTES);
  return {
    received() {
      const messages: string[] = [];
      for (;;) {
        const length = Number(recv(fd, buffer, buffer.length, MSG_DONTWAIT));
        if (length < 0) {
          if (koffi.errno() === constants.errno.EAGAIN) return messages;
          throw new Error(`recv ${path}: errno ${koffi.errno()}`);
        }
        messages.push(buffer.toString("utf8", 0, length));
      }
    },
  };
}
