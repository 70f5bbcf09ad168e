// How a vacuum run reaches its own daemon, and through it other nodes: as a client. The client library satisfies it.
import type { ControlName, ControlReply, ControlRequest } from "../protocol/index.js";

export interface RunLink {
  readonly pnn: number;
  /** Rejects when the status is not 0, on timeout and abort. */
  control<N extends ControlName>(
    name: N,
    request: ControlRequest<N>,
    options: { readonly pnn?: number; readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<ControlReply<N>>;
}
