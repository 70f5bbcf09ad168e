// The transport over the daemon's unix socket. client.ts uses it when no other transport is given.
import { createConnection, type Socket } from "node:net";
import type { ClientTransport, StreamConnection, StreamHandlers } from "./transport.js";

/** Where Debian's daemon listens. */
export const DEFAULT_SOCKET_PATH = "/var/run/ctdb/ctdbd.socket";

const RECEIVE_BUFFER_BYTES = 256 * 1024;
const SEND_BLOCK_BYTES = 64 * 1024;

/** One buffer for all sockets: its bytes are handed out during the read callback only. */
let receiveBuffer: Buffer | undefined;

/**
 * Path of the daemon's socket for this environment: CTDB_SOCKET; in test mode (CTDB_TEST_MODE) `run/ctdbd.socket` below
 * CTDB_BASE; else the system's.
 */
export function socketPathFromEnvironment(env: Readonly<Record<string, string | undefined>>): string {
  const testMode = env["CTDB_TEST_MODE"] !== undefined;
  const explicit = env["CTDB_SOCKET"];
  if (explicit !== undefined && explicit !== "") return explicit;
  const base = env["CTDB_BASE"];
  if (testMode && base !== undefined && base !== "") return `${base}/run/ctdbd.socket`;
  return DEFAULT_SOCKET_PATH;
}

/** Streams over the unix socket at `path`. */
export class UnixSocketTransport implements ClientTransport {
  readonly target: string;

  constructor(path: string) {
    this.target = path;
  }

  connect(handlers: StreamHandlers, signal: AbortSignal | undefined): Promise<StreamConnection> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      receiveBuffer ??= Buffer.allocUnsafeSlow(RECEIVE_BUFFER_BYTES);
      const buffer = receiveBuffer;
      const socket = createConnection({
        path: this.target,
        onread: {
          buffer,
          callback(count) {
            handlers.onData(buffer.subarray(0, count));
            return true;
          },
        },
      });
      const aborted = (): void => {
        socket.destroy();
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", aborted, { once: true });
      const failed = (error: Error): void => {
        signal?.removeEventListener("abort", aborted);
        reject(error);
      };
      socket.once("error", failed);
      socket.once("connect", () => {
        signal?.removeEventListener("abort", aborted);
        socket.off("error", failed);
        resolve(new SocketStream(socket, handlers));
      });
    });
  }
}

/** Gathers what is written in one turn of the loop in a block that goes out as one system call. */
class SocketStream implements StreamConnection {
  private block: Buffer = Buffer.allocUnsafeSlow(SEND_BLOCK_BYTES);
  private used = 0;
  private flushing = false;
  private closed = false;
  private readonly flushBlock = (): void => {
    this.flushing = false;
    this.flush();
  };

  constructor(
    private readonly socket: Socket,
    private readonly handlers: StreamHandlers,
  ) {
    let reason = "the daemon closed the connection";
    socket.on("error", (error) => {
      reason = error.message;
    });
    socket.on("end", () => socket.destroy());
    socket.on("close", () => {
      if (this.closed) return;
      this.closed = true;
      handlers.onClose(reason);
    });
    socket.on("drain", () => this.handlers.onDrain?.());
  }

  get queuedBytes(): number {
    return this.used + this.socket.writableLength;
  }

  write(bytes: Uint8Array): void {
    if (this.closed) return;
    if (bytes.length > this.block.length - this.used) {
      this.flush();
      if (bytes.length > this.block.length) {
        this.socket.write(Buffer.from(bytes));
        return;
      }
    }
    this.block.set(bytes, this.used);
    this.used += bytes.length;
    if (!this.flushing) {
      this.flushing = true;
      process.nextTick(this.flushBlock);
    }
  }

  pauseReading(paused: boolean): void {
    if (paused) this.socket.pause();
    else this.socket.resume();
  }

  destroy(): void {
    if (this.closed) return;
    this.flush();
    this.closed = true;
    this.socket.destroy();
  }

  private flush(): void {
    if (this.used === 0 || this.closed) return;
    const bytes = this.block.subarray(0, this.used);
    this.used = 0;
    this.socket.write(bytes);
    // The kernel usually takes all at once; only bytes that still wait in the stream pin the block.
    if (this.socket.writableLength > 0) this.block = Buffer.allocUnsafeSlow(SEND_BLOCK_BYTES);
    else this.handlers.onDrain?.();
  }
}
