// The one place that reaches behind node:net: moves an accepted connection's handle into a socket that reads through the
// shared receive buffer (net.Server cannot make such sockets itself; measured 1.3-1.5 times the packets of 'data' events).
import net from "node:net";

interface SocketHandle {
  readonly fd?: number;
}

type WithHandle = { _handle?: SocketHandle | null };
type HandleOptions = net.SocketConstructorOpts & { handle: SocketHandle; onread: net.OnReadOpts };

/** The libuv handle under `socket`; undefined when it is closed. */
export function handleOf(socket: net.Socket): SocketHandle | undefined {
  return (socket as unknown as WithHandle)._handle ?? undefined;
}

/** The descriptor under `socket`, -1 when it is closed. */
export function descriptorOf(socket: net.Socket): number {
  return handleOf(socket)?.fd ?? -1;
}

/** Takes the connection out of `accepted` (which must be paused and is dead afterwards). */
export function socketOfHandle(accepted: net.Socket, onread: net.OnReadOpts): net.Socket {
  const handle = handleOf(accepted);
  if (handle === undefined)
    throw new Error("the accepted socket has no handle: it was closed before it was handed over");
  (accepted as unknown as WithHandle)._handle = null;
  const options: HandleOptions = { handle, onread, readable: true, writable: true };
  return new net.Socket(options);
}
