// How the cluster manager and the recovery reach their own ctdbd, and through it every node: as a client. The client
// library satisfies DaemonLink; the simulator and the tests provide their own.
import type { ControlName, ControlReply, ControlRequest } from "../protocol/index.js";

export interface ControlOptions {
  /** Destination; the own node when absent. */
  readonly pnn?: number;
  /** 0 or absent: the link's default. */
  readonly timeoutMs?: number;
  /** ControlFlag bits. */
  readonly flags?: number;
  /** Gives the control up; its promise rejects at once. */
  readonly signal?: AbortSignal;
}

export interface MessageRegistration {
  /** Ends the registration; no handler call follows. */
  close(): Promise<void>;
}

export interface DaemonLink {
  readonly pnn: number;
  /** Rejects when the status is not 0 (positive status of a control whose answer is its status is fine), on timeout and abort. */
  control<N extends ControlName>(
    name: N,
    request: ControlRequest<N>,
    options?: ControlOptions,
  ): Promise<ControlReply<N>>;
  /** Sends a message to a node or to a broadcast address; messages and controls to one node keep their order. */
  sendMessage(pnn: number, srvid: bigint, data: Uint8Array): void;
  /** `data` is valid during the call only. */
  onMessage(srvid: bigint, handler: (data: Uint8Array, srvid: bigint) => void): Promise<MessageRegistration>;
}

export interface NodeFailure {
  readonly pnn: number;
  readonly error: Error;
}

export interface NodeReplies<T> {
  readonly replies: Map<number, T>;
  /** In the order in which they came. */
  readonly failures: readonly NodeFailure[];
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/**
 * Sends one control to many nodes at once and waits for all replies, failures and timeouts. Rejects only when
 * `options.signal` is aborted, with its reason.
 */
export async function controlAll<N extends ControlName>(
  link: DaemonLink,
  name: N,
  request: ControlRequest<N>,
  pnns: readonly number[],
  options: Omit<ControlOptions, "pnn"> = {},
): Promise<NodeReplies<ControlReply<N>>> {
  const replies = new Map<number, ControlReply<N>>();
  const failures: NodeFailure[] = [];
  await Promise.all(
    pnns.map(async (pnn) => {
      try {
        replies.set(pnn, await link.control(name, request, { ...options, pnn }));
      } catch (reason) {
        failures.push({ pnn, error: asError(reason) });
      }
    }),
  );
  options.signal?.throwIfAborted();
  return { replies, failures };
}
