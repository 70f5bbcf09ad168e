// The unix socket on which clients come in, behind the LocalServerPort port. Bound early in start-up; clients wait in the
// backlog until the node is ready to accept.
import { chmodSync, chownSync, readFileSync, rmSync } from "node:fs";
import net from "node:net";
import { descriptorOf, socketOfHandle } from "./accepted-socket.js";
import { listenOnUnixSocket, peerPid } from "./libc.js";
import { type LocalServerPort, type Logger, LogLevel, type StreamConnection, type StreamHandlers } from "./ports.js";
import { processLoop } from "./process-loop.js";
import { type ReceiveTarget, receiveInto, SocketStream } from "./stream-connection.js";

const BACKLOG = 100;
const ACCEPTED = processLoop.kind("accept client");
/** Access control of the whole daemon: whoever may open the socket may do everything. */
const SOCKET_MODE = 0o700;

export interface LocalServerOptions {
  readonly logger: Logger;
  /** Gives the socket to the effective user and group (not in test mode). */
  readonly chown: boolean;
}

export function nodeLocalServerPort(options: LocalServerOptions): LocalServerPort {
  return {
    listen: async (path, onConnection) => {
      removeStaleSocket(path, options.logger);
      const fd = listenOnUnixSocket(path, BACKLOG, () => {
        if (options.chown) chownSync(path, process.geteuid?.() ?? -1, process.getegid?.() ?? -1);
        chmodSync(path, SOCKET_MODE);
      });
      const server = net.createServer({ pauseOnConnect: true }, (accepted) => {
        processLoop.run(ACCEPTED, () => accept(accepted, onConnection, options.logger));
      });
      server.on("error", (error) => options.logger.error(`client socket ${path}: ${error.message}`));
      return {
        startAccepting: () => void server.listen({ fd, backlog: BACKLOG } as net.ListenOptions),
        close: () => server.close(),
      };
    },
  };
}

function removeStaleSocket(path: string, logger: Logger): void {
  try {
    rmSync(path);
    logger.warning(`Removed stale socket ${path}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

function accept(
  accepted: net.Socket,
  onConnection: (connection: StreamConnection, peerPid: number) => StreamHandlers,
  logger: Logger,
): void {
  let pid = -1;
  try {
    pid = peerPid(descriptorOf(accepted));
  } catch (error) {
    logger.error(`client refused, its process cannot be told: ${(error as Error).message}`);
    accepted.destroy();
    return;
  }
  if (logger.level >= LogLevel.DEBUG) logger.debug(`client process ${pid} is ${programOf(pid)}`);
  const target: ReceiveTarget = { stream: undefined };
  const socket = socketOfHandle(accepted, receiveInto(target));
  const stream = new SocketStream(socket);
  target.stream = stream;
  stream.attach(onConnection(stream, pid));
}

function programOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trimEnd();
  } catch {
    return "gone";
  }
}
