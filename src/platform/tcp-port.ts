// TCP between nodes behind the TcpPort port. The mesh (transport/) listens and connects through it.
import net from "node:net";
import { socketOfHandle } from "./accepted-socket.js";
import type { StreamConnection, StreamHandlers, TcpEndpoint, TcpPort } from "./ports.js";
import { processLoop } from "./process-loop.js";
import { type ReceiveTarget, receiveInto, SocketStream } from "./stream-connection.js";

/** Peers that may wait to be accepted; a whole cluster can come at once. */
const BACKLOG = 128;
const ACCEPTED = processLoop.kind("accept node");
const CONNECTED = processLoop.kind("connect to node");

/** "::ffff:10.0.0.1" is the way an IPv4 peer looks on an IPv6 socket. */
function plainAddress(address: string): string {
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice(7) : address;
}

type OnConnection = (connection: StreamConnection, remoteAddress: string) => StreamHandlers | undefined;

function accept(accepted: net.Socket, onConnection: OnConnection): void {
  const remote = accepted.remoteAddress;
  if (remote === undefined) {
    // The peer is gone already.
    accepted.destroy();
    return;
  }
  const target: ReceiveTarget = { stream: undefined };
  const socket = socketOfHandle(accepted, receiveInto(target));
  socket.setNoDelay(true);
  socket.setKeepAlive(true);
  const stream = new SocketStream(socket);
  target.stream = stream;
  const handlers = onConnection(stream, plainAddress(remote));
  if (handlers === undefined) stream.destroy();
  else stream.attach(handlers);
}

function listen(
  endpoint: TcpEndpoint,
  onConnection: OnConnection,
  onError: (error: Error) => void,
): Promise<{ close(): void }> {
  const server = net.createServer({ pauseOnConnect: true }, (accepted) =>
    processLoop.run(ACCEPTED, () => accept(accepted, onConnection)),
  );
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(
      { host: endpoint.address, port: endpoint.port, backlog: BACKLOG, ipv6Only: true, exclusive: true },
      () => {
        server.off("error", reject);
        server.on("error", onError);
        resolve({ close: () => server.close() });
      },
    );
  });
}

function connect(
  from: string,
  to: TcpEndpoint,
  handlers: StreamHandlers,
  onConnected: (connection: StreamConnection) => void,
  onFailed: (reason: string) => void,
): { cancel(): void } {
  const target: ReceiveTarget = { stream: undefined };
  const socket = net.connect({
    host: to.address,
    port: to.port,
    localAddress: from,
    family: net.isIP(to.address),
    noDelay: true,
    keepAlive: true,
    onread: receiveInto(target),
  });
  let settled = false;
  const failed = (error: NodeJS.ErrnoException): void => {
    if (settled) return;
    settled = true;
    socket.destroy();
    processLoop.run(CONNECTED, () => onFailed(error.code ?? error.message));
  };
  socket.on("error", failed);
  socket.once("connect", () => {
    if (settled) return;
    settled = true;
    socket.off("error", failed);
    processLoop.run(CONNECTED, () => {
      const stream = new SocketStream(socket);
      target.stream = stream;
      onConnected(stream);
      stream.attach(handlers);
    });
  });
  return {
    cancel: () => {
      if (settled) return;
      settled = true;
      socket.destroy();
    },
  };
}

export const nodeTcpPort: TcpPort = { listen, connect };
