// How a client reaches a daemon: anything that gives a stream of bytes. The unix socket is one transport, a pair of connected
// in-memory streams (tests) and the simulator are others. client.ts and traverse.ts open connections through it.
import type { StreamConnection, StreamHandlers } from "../platform/ports.js";

export type { StreamConnection, StreamHandlers } from "../platform/ports.js";

/** Opens streams to one daemon. A client opens one for itself and one for each traverse. */
export interface ClientTransport {
  /** For messages of errors, like the path of the socket. */
  readonly target: string;
  /**
   * Opens one stream. `handlers.onData` gets bytes that are valid during the call only; `handlers.onClose` is called once when
   * the stream ends from the other side. Rejects if it cannot be opened, or with `signal.reason` when aborted before that.
   */
  connect(handlers: StreamHandlers, signal: AbortSignal | undefined): Promise<StreamConnection>;
}
