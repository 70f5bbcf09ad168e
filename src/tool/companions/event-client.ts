// One request to the event daemon's socket. Called by ctdb-event.
import { createConnection } from "node:net";
import {
  decodeEventdReply,
  type EventdReply,
  type EventdRequest,
  encodeEventdRequest,
  eventdPacketLength,
} from "../../protocol/index.js";
import { CommandFailure, Errno } from "../errors.js";
import type { Terminal } from "../terminal.js";

/** Sends the request and resolves to the reply; undefined when the event daemon goes away before. Complains and throws. */
export function askEventDaemon(
  socketPath: string,
  request: EventdRequest,
  terminal: Terminal,
): Promise<EventdReply | undefined> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    let connected = false;
    const socket = createConnection({ path: socketPath }, () => {
      connected = true;
      socket.write(encodeEventdRequest(request));
    });
    socket.on("data", (bytes) => {
      received = Buffer.concat([received, bytes]);
      const length = eventdPacketLength(received);
      if (length === undefined || received.length < length) return;
      socket.destroy();
      try {
        resolve(decodeEventdReply(received.subarray(0, length)));
      } catch (error) {
        reject(error);
      }
    });
    socket.on("error", () => {
      if (connected) return;
      terminal.complain(`socket connect failed - ${socketPath}`);
      terminal.complain(`Failed to initialize event client, ret=${Errno.EIO}`);
      reject(new CommandFailure(Errno.EIO));
    });
    socket.on("close", () => resolve(undefined));
  });
}
